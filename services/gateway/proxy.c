#include "proxy.h"

#include "app.h"
#include "arena.h"
#include "clock.h"
#include "config.h"
#include "dispatch.h"
#include "forwarded.h"
#include "gateway.h"
#include "headers.h"
#include "limit.h"
#include "log.h"
#include "proxy_body.h"
#include "rest.h"
#include "text.h"
#include "upstream.h"
#include "uuid.h"

#include <string.h>
#include <time.h>

#define HEADERS_MAX 32 /* of a request passed on */
#define VIA         "1.1 aftercare"
#define ALLOWED     "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

struct passing {
	struct request *request;
	enum upstream_service service;
	struct rest_header headers[HEADERS_MAX + 1];
	size_t count;
};

static void add(struct passing *passing, const char *name, const char *value)
{
	if (value && passing->count < HEADERS_MAX && headers_value_ok(value))
		passing->headers[passing->count++] = (struct rest_header){ name, value };
}

/* Who sent it, to which host, how. What the client says of itself counts only behind a trusted proxy. */
static const char *forwarded(struct request *request)
{
	return forwarded_value(
		request->arena, limit_client(request), request->header(request, "Host"), limit_https(request));
}

static void headers_fill(struct passing *passing)
{
	struct request *request = passing->request;
	const char *connection = request->header(request, "Connection");
	const char *via = request->header(request, "Via");

	for (size_t i = 0; headers_forwarded[i]; i++)
		if (!headers_nominated(connection, headers_forwarded[i]))
			add(passing, headers_forwarded[i], request->header(request, headers_forwarded[i]));
	if (request->method == METHOD_POST && !request->header(request, "Idempotency-Key")) {
		struct uuid made = uuid_new();

		/* So that a request that is sent twice (libcurl does on a dead connection) acts once. */
		add(passing, "Idempotency-Key", arena_strdup(request->arena, made.text));
	}
	/* Ours, also where the client's was of another issuer: the services trust one. */
	if (request->caller.token)
		add(passing, "Authorization", arena_printf(request->arena, "Bearer %s", request->caller.token));
	add(passing, "X-Request-ID", request->id);
	add(passing, "traceparent", request->traceparent);
	add(passing, "Forwarded", forwarded(request));
	add(passing, "Via", via ? arena_printf(request->arena, "%s, " VIA, via) : VIA);
}

/*
 * May be sent again although the first may have arrived: what HTTP calls idempotent, and what its key makes so. The
 * lines of a bulk have keys of their own, or none.
 */
static bool repeatable(const struct request *request)
{
	switch (request->method) {
	case METHOD_POST:
		return !text_ends(request->path, "/bulk");
	case METHOD_PATCH:
		return false;
	default:
		return true;
	}
}

static enum fault send_to(struct passing *passing, const struct replica *replica, struct rest_exchange **exchange,
	struct rest_failure *failure)
{
	struct request *request = passing->request;
	const struct rest_request sent = {
		.method = request->method_name,
		.url = arena_printf(request->arena, "%s%s%s%s", replica_url(replica), request->path,
			*request->query_text ? "?" : "", request->query_text),
		.headers = passing->headers,
		.body = request->body_length ? request->body : NULL,
		.body_length = request->body_length,
		.plain = true, /* the services' network is the installation's own */
		.repeatable = repeatable(request),
		.answer_ms = (int)config_integer(request->app->config, "AFTERCARE_UPSTREAM_ANSWER_MS"),
	};

	return rest_begin(request->app->rest, request->arena, &sent, exchange, failure);
}

/* Notes a failed try; whether another one can do no harm. */
static bool may_try_again(const struct passing *passing, struct replica *replica, const struct rest_failure *failure)
{
	log_write(LOG_WARNING, "a service did not answer", "request_id", passing->request->id, "service",
		segments_service_name(passing->service), "replica", replica_url(replica), "detail", failure->detail,
		NULL);
	if (failure->stage == REST_UNSENT) {
		replica_ill(replica, clock_monotonic());
		return true;
	}
	replica_failed(replica);
	return !failure->timed_out && repeatable(passing->request);
}

/* A repeated POST found the first one, whose answer was lost, at work: its answer will be there in a moment. */
static bool still_running(const struct rest_exchange *exchange)
{
	return rest_status(exchange) == 409 && rest_header(exchange, "Retry-After");
}

static void answered(const struct rest_exchange *exchange, struct replica *replica, int64_t began)
{
	replica_well(replica, clock_monotonic_us() - began);
	/* Services close connections of themselves only when they are about to end. */
	if (headers_nominated(rest_header(exchange, "Connection"), "close"))
		replica_leaving(replica, clock_monotonic());
}

static enum fault no_answer(const struct passing *passing, enum fault fault, bool acted)
{
	const char *name = segments_service_name(passing->service);

	if (fault == FAULT_GATEWAY_TIMEOUT)
		return request_fail(passing->request, fault, "The service %s did not answer in time.", name);
	if (acted && passing->request->method != METHOD_GET)
		return request_fail(passing->request, FAULT_BAD_GATEWAY,
			"The service %s ended before it answered: it may have acted.", name);
	return request_fail(passing->request, fault, "The service %s can't be reached now.", name);
}

static enum fault exchange_begin(struct passing *passing, struct rest_exchange **exchange)
{
	struct upstreams *upstreams = gateway_of(passing->request)->upstreams;
	enum fault fault = FAULT_UNAVAILABLE;
	bool acted = false; /* maybe: it took the request and did not answer */

	for (int tries = 1; tries <= PROXY_TRIES; tries++) {
		struct replica *replica = upstream_pick(upstreams, passing->service, clock_monotonic());
		int64_t began = clock_monotonic_us();
		struct rest_failure failure;

		if (!replica)
			break;
		fault = send_to(passing, replica, exchange, &failure);
		if (fault == FAULT_MALFORMED || fault == FAULT_BAD_HEADER)
			return request_fail(passing->request, fault, "The request can't be passed on as it is.");
		if (!fault) {
			answered(*exchange, replica, began);
			if (!acted || !still_running(*exchange) || tries == PROXY_TRIES)
				return FAULT_NONE;
			rest_end(*exchange);
			fault = FAULT_UNAVAILABLE; /* unless another replica answers */
			nanosleep(&(struct timespec){ .tv_nsec = (long)PROXY_STILL_MS * 1000000 }, NULL);
			continue;
		}
		acted = acted || failure.stage != REST_UNSENT;
		if (!may_try_again(passing, replica, &failure))
			break;
	}
	return no_answer(passing, fault, acted);
}

static void answer_headers(struct request *request, const struct rest_exchange *exchange)
{
	const char *connection = rest_header(exchange, "Connection");

	for (const struct rest_header *header = rest_headers(exchange); header->name; header++)
		if (headers_go_back(header->name, connection))
			response_header(request, header->name, header->value);
	response_header(request, "Via", VIA);
	request->response.content_type = rest_header(exchange, "Content-Type");
	request->response.status = rest_status(exchange);
}

enum fault proxy(struct request *request)
{
	return proxy_to(request, segments_find(request->path));
}

enum fault proxy_to(struct request *request, enum upstream_service service)
{
	struct passing passing = { .request = request, .service = service };
	bool options = strcmp(request->method_name, "OPTIONS") == 0;
	struct rest_exchange *exchange = NULL;
	enum fault fault;

	if (passing.service == SERVICE_NONE)
		return request_fail(request, FAULT_NOT_FOUND, "There is nothing at this address.");
	if (request->method == METHOD_COUNT && !options) {
		response_header(request, "Allow", ALLOWED);
		return request_fail(request, FAULT_METHOD, "This address takes: %s.", ALLOWED);
	}
	fault = options ? FAULT_NONE : dispatch_authenticate(request);
	if (fault)
		return fault;
	if (upstream_count(gateway_of(request)->upstreams, passing.service) == 0)
		return request_fail(request, FAULT_UNAVAILABLE, "The service %s is not installed here.",
			segments_service_name(passing.service));
	headers_fill(&passing);
	fault = exchange_begin(&passing, &exchange);
	if (fault)
		return fault;
	answer_headers(request, exchange);
	return proxy_body(request, exchange);
}
