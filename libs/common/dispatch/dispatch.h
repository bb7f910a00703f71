/*
 * dispatch: from a request as it came to its answer: route, token, scope, tenant, body, handler, problem. Knows no
 * HTTP library; the server gives it requests and sends what it made.
 */
#ifndef AFTERCARE_DISPATCH_H
#define AFTERCARE_DISPATCH_H

#include "app.h"
#include "request.h"
#include "router.h"

/* What to do with a path no route has: the gateway passes it on. NULL: 404. */
typedef enum fault (*dispatch_fallback)(struct request *request);

struct dispatch {
	struct app *app;
	const struct router *router;
	dispatch_fallback fallback;
};

/*
 * Answers the request; always leaves a response. The caller filled arena, method, path, query_text, header, body and
 * client. Never fails: a fault becomes a problem.
 */
void dispatch_request(const struct dispatch *dispatch, struct request *request);

/* The method of a name; METHOD_COUNT when it is none of ours. */
enum method method_parse(const char *name);

#endif
