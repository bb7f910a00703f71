/*
 * dispatch: from a request as it came to its answer: route, token, scope, tenant, body, handler, problem. Knows no
 * HTTP library; the server gives it requests and sends what it made.
 */
#ifndef AFTERCARE_DISPATCH_H
#define AFTERCARE_DISPATCH_H

#include "app.h"
#include "request.h"
#include "router.h"

/* What to do with a path no route has, or one that is SHARED and not about a row of ours: the gateway passes it on. NULL: 404. */
typedef enum fault (*dispatch_fallback)(struct request *request);

/* Before a request is routed; a fault is its answer. */
typedef enum fault (*dispatch_enter)(struct request *request);

/* After the answer is made, also that of a fault: adds what every answer carries. */
typedef void (*dispatch_leave)(struct request *request);

struct dispatch {
	struct app *app;
	const struct router *router;
	dispatch_fallback fallback;
	dispatch_enter enter; /* or NULL */
	dispatch_leave leave; /* or NULL */
};

/*
 * Answers the request; always leaves a response. The caller filled arena, method, path, query_text, header, body and
 * client. Never fails: a fault becomes a problem.
 */
void dispatch_request(const struct dispatch *dispatch, struct request *request);

/* Verifies the bearer token: fills caller and sight, or the problem. What routes that aren't public get; for fallbacks. */
enum fault dispatch_authenticate(struct request *request) __attribute__((warn_unused_result));

/* The method of a name; METHOD_COUNT when it is none of ours. */
enum method method_parse(const char *name);

#endif
