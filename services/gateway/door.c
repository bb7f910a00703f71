#include "door.h"

#include "app.h"
#include "compress.h"
#include "config.h"
#include "headers.h"
#include "limit.h"
#include "text.h"

#include <string.h>
#include <strings.h>

#define CORS_METHODS "GET, HEAD, POST, PUT, PATCH, DELETE"
#define CORS_HEADERS                                                                                                   \
	"Authorization, Content-Type, Accept-Language, If-Match, If-None-Match, Idempotency-Key, Prefer, Range, "      \
	"X-Request-ID, traceparent, tracestate"
#define CORS_EXPOSED                                                                                                   \
	"ETag, Link, Location, Retry-After, X-Request-ID, Idempotency-Replayed, WWW-Authenticate, Content-Disposition"
#define CORS_AGE   "600"
#define HSTS       "max-age=31536000; includeSubDomains"
#define API_POLICY "default-src 'none'; frame-ancestors 'none'"
/* An answer to a token is nobody else's, and is asked for again (by ETag) before it is shown again. */
#define CACHE_DEFAULT "private, no-cache"

enum fault door_enter(struct request *request)
{
	return limit_take_address(request);
}

bool door_origin_listed(const char *list, const char *origin)
{
	size_t length = strlen(origin);

	for (const char *at = list; at && *at;) {
		size_t word;

		at += strspn(at, " ,");
		word = strcspn(at, " ,");
		if ((word == 1 && *at == '*') || (word == length && strncasecmp(at, origin, length) == 0))
			return true;
		at += word;
	}
	return false;
}

/* What a browser asks before it lets a page of another origin see an answer (Fetch standard). */
static void cors_add(struct request *request)
{
	const char *list = config_text(request->app->config, "AFTERCARE_CORS_ORIGINS");
	const char *origin = list ? request->header(request, "Origin") : NULL;

	if (list)
		response_vary(request, "Origin");
	if (!origin || !headers_value_ok(origin) || !door_origin_listed(list, origin))
		return;
	response_header(request, "Access-Control-Allow-Origin", origin);
	if (strcmp(request->method_name, "OPTIONS") == 0 && request->header(request, "Access-Control-Request-Method")) {
		response_header(request, "Access-Control-Allow-Methods", CORS_METHODS);
		response_header(request, "Access-Control-Allow-Headers", CORS_HEADERS);
		response_header(request, "Access-Control-Max-Age", CORS_AGE);
	} else {
		response_header(request, "Access-Control-Expose-Headers", CORS_EXPOSED);
	}
}

static void default_add(struct request *request, const char *name, const char *value)
{
	if (!response_header_value(request, name))
		response_header(request, name, value);
}

void door_leave(struct request *request)
{
	default_add(request, "X-Content-Type-Options", "nosniff");
	default_add(request, "Referrer-Policy", "no-referrer");
	default_add(request, "Content-Security-Policy", API_POLICY);
	default_add(request, "Cache-Control", request->caller.token ? CACHE_DEFAULT : "no-store");
	if (config_boolean(request->app->config, "AFTERCARE_HSTS"))
		response_header(request, "Strict-Transport-Security", HSTS);
	cors_add(request);
	compress_answer(request);
}
