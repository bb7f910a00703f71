#include "dispatch.h"

#include "accept.h"
#include "arena.h"
#include "clock.h"
#include "etag.h"
#include "field.h"
#include "form.h"
#include "header.h"
#include "metrics.h"
#include "query.h"
#include "secret.h"
#include "text.h"
#include "uuid.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum method method_parse(const char *name)
{
	for (int i = 0; i < METHOD_COUNT; i++)
		if (strcmp(method_name((enum method)i), name) == 0)
			return (enum method)i;
	return METHOD_COUNT;
}

/* A request id and a trace for every request, the client's when they are well formed. */
static void identify(struct request *request)
{
	const char *id = request->header(request, "X-Request-ID");
	const char *trace = request->header(request, "traceparent");

	request->id = arena_strdup(request->arena, id && header_visible(id, REQUEST_ID_MAX) ? id : uuid_new().text);
	request->traceparent = trace && header_traceparent_valid(trace) ? arena_strdup(request->arena, trace)
									: header_traceparent_new(request->arena);
	response_header(request, "X-Request-ID", request->id);
}

static enum sight sight_of(role_mask roles)
{
	const role_mask narrowed = ROLE_BIT(ROLE_TECHNICIAN) | ROLE_BIT(ROLE_PORTAL) | ROLE_BIT(ROLE_CALLCENTER);

	if (roles & ~narrowed & ~ROLE_BIT(ROLE_PLATFORM))
		return SIGHT_ALL;
	if (roles & ROLE_BIT(ROLE_TECHNICIAN))
		return SIGHT_TECHNICIAN;
	if (roles & ROLE_BIT(ROLE_CALLCENTER))
		return SIGHT_CALLCENTER;
	return SIGHT_PORTAL;
}

static enum fault token_check(struct request *request, const char *token, const char **reason)
{
	if (request->app->verify)
		return request->app->verify(request, token, reason);
	return token_verify(request->app->verifier, request->arena, token, &request->caller, reason);
}

enum fault dispatch_authenticate(struct request *request)
{
	const char *value = request->header(request, "Authorization");
	const char *reason = "a bearer token is required";
	enum fault fault = FAULT_UNAUTHENTICATED;

	if (value && strncasecmp(value, "Bearer ", 7) == 0)
		fault = token_check(request, value + 7, &reason);
	if (fault == FAULT_UNAUTHENTICATED) {
		response_header(request, "WWW-Authenticate",
			value ? arena_printf(request->arena,
					"Bearer realm=\"aftercare\", error=\"invalid_token\", error_description=\"%s\"",
					reason)
			      : "Bearer realm=\"aftercare\"");
		return request_fail(request, fault, "The token was refused: %s.", reason);
	}
	if (fault == FAULT_UNAVAILABLE)
		return request_fail(request, fault, "The keys of the issuer can't be had now.");
	if (fault)
		return fault;
	request->sight = sight_of(request->caller.roles);
	return FAULT_NONE;
}

static enum fault authorise(struct request *request, const struct route *route)
{
	enum fault fault;

	if (route->flags & PUBLIC)
		return FAULT_NONE;
	fault = dispatch_authenticate(request);
	if (fault)
		return fault;
	if (!request_may(request, route->write))
		return request_fail(request, FAULT_FORBIDDEN, "This needs the scope %s.", scope_name(route->write));
	if (!request_may(request, request->endpoint->parent_read))
		return request_fail(request, FAULT_FORBIDDEN, "This needs the scope %s.",
			scope_name(request->endpoint->parent_read));
	if (route->flags & NO_TENANT)
		return FAULT_NONE;
	if (!request->caller.tenant)
		return request_fail(request, FAULT_FORBIDDEN, "The token speaks for no tenant.");
	fault = request->app->tenant_find(request->app, request->caller.tenant, &request->tenant);
	if (fault)
		return request_fail(request, fault, "The tenant is not known here yet.");
	if (!request->tenant.active)
		return request_fail(request, FAULT_FORBIDDEN, "The tenant is not active.");
	return FAULT_NONE;
}

static bool is_json(const struct request *request)
{
	return request_carries(request, "application/json") || request_carries(request, "application/merge-patch+json");
}

static enum fault body_fields(struct request *request, const struct route *route)
{
	enum field_mode mode = route->method == METHOD_PATCH ? FIELD_CHANGE : FIELD_CREATE;
	enum fault fault = field_check(route->body, request->json, mode, &request->faults);

	if (!fault && request->faults.count)
		fault = FAULT_INVALID;
	if (fault)
		return request_fail(request, fault, "The body breaks %zu rule%s.", request->faults.count,
			request->faults.count == 1 ? "" : "s");
	return FAULT_NONE;
}

/* Takes refuse_on out of a body: codes of warnings that the client wants as refusals. */
static void refuse_on_take(struct request *request)
{
	const json_t *codes = json_object_get(request->json, "refuse_on");
	struct text list = text_new(request->arena, REFUSE_ON_CODES_MAX * (REFUSE_ON_CODE_MAX + (size_t)1));
	bool good = !codes || (json_is_array(codes) && json_array_size(codes) <= REFUSE_ON_CODES_MAX);
	size_t index;
	json_t *code;

	json_array_foreach((json_t *)codes, index, code) {
		const char *word = json_string_value(code);

		good = good && word && *word && strlen(word) <= REFUSE_ON_CODE_MAX &&
			strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(word);
		if (good)
			text_addf(&list, "%s%s", list.length ? " " : "", word);
	}
	if (!good)
		fault_add(&request->faults, "/refuse_on", "type", "must be a list of at most %d codes of warnings",
			REFUSE_ON_CODES_MAX);
	request->refuse_on = text_c(&list);
	json_object_del(request->json, "refuse_on");
}

static enum fault body_read(struct request *request, const struct route *route)
{
	static const char empty[] = "{}";
	const char *problem = NULL;

	if (route->flags & RAW_BODY || !route->body)
		return FAULT_NONE;
	if (route->flags & FORM_BODY && request_carries(request, "application/x-www-form-urlencoded")) {
		request->json = form_read(request->arena, request->body, request->body_length, &request->faults);
		return request->json ? body_fields(request, route)
				     : request_fail(request, FAULT_MALFORMED, "The form is not well formed.");
	}
	if (request->body_length == 0 && route->flags & BODY_OPTIONAL) {
		request->json = json_read(request->arena, empty, 2, &problem);
		return body_fields(request, route);
	}
	if (!is_json(request))
		return request_fail(request, FAULT_MEDIA_TYPE, "The body must be application/json.");
	request->json = json_read(request->arena, request->body, request->body_length, &problem);
	if (!request->json)
		return request_fail(request, FAULT_MALFORMED, "The body is not JSON: %s.", problem);
	if (json_is_object(request->json))
		refuse_on_take(request);
	return body_fields(request, route);
}

static enum fault tags_refuse(struct request *request, const char *name)
{
	fault_add_parameter(&request->faults, name, "format", "must be * or a list of ETags, as \"3\"");
	return request_fail(request, FAULT_BAD_HEADER, "%s is no list of ETags.", name);
}

/* If-Match guards what is written, If-None-Match spares what is read again. */
static enum fault match_read(struct request *request, const struct route *route)
{
	const char *match = request->header(request, "If-Match");
	const char *none = request->header(request, "If-None-Match");

	if (match && !etags_valid(match))
		return tags_refuse(request, "If-Match");
	if (none && !etags_valid(none))
		return tags_refuse(request, "If-None-Match");
	if (none && request->method != METHOD_GET) {
		fault_add_parameter(&request->faults, "If-None-Match", "method", "is for GET and HEAD");
		return request_fail(request, FAULT_BAD_HEADER, "If-None-Match is for GET and HEAD; send If-Match.");
	}
	if (!match && route->flags & NEEDS_MATCH)
		return request_fail(
			request, FAULT_PRECONDITION_REQUIRED, "Send If-Match with the ETag of the version you read.");
	request->if_match = match;
	request->if_none_match = none;
	return FAULT_NONE;
}

static enum fault idempotency_read(struct request *request)
{
	const char *key = request->header(request, "Idempotency-Key");
	struct text hashed = text_new(request->arena, REQUEST_BODY_MAX + REQUEST_URI_MAX + REQUEST_HEADERS_MAX);
	unsigned char digest[SECRET_SHA256_BYTES];

	if (!key || request->method != METHOD_POST)
		return FAULT_NONE;
	if (!header_visible(key, IDEMPOTENCY_KEY_MAX)) {
		fault_add_parameter(&request->faults, "Idempotency-Key", "format",
			"must be 1 to %d printable characters", IDEMPOTENCY_KEY_MAX);
		return request_fail(request, FAULT_BAD_HEADER, "Idempotency-Key is no key.");
	}
	text_addf(&hashed, "%s\n%s?%s\n%s\n", request->method_name, request->path, request->query_text,
		request->caller.subject ? request->caller.subject : "");
	text_add_bytes(&hashed, request->body ? request->body : "", request->body_length);
	request->idempotency_key = arena_strdup(request->arena, key);
	if (request->app->request_key)
		secret_sha256_keyed(request->app->request_key, text_c(&hashed), hashed.length, digest);
	else
		secret_sha256(text_c(&hashed), hashed.length, digest);
	request->idempotency_hash = text_hex(request->arena, digest, sizeof(digest));
	return FAULT_NONE;
}

/* Whether the client takes anything of what we make; what a route makes of it is the route's. */
static bool acceptable(const struct request *request, const struct route *route)
{
	static const char *const types[] = { "application/json", "application/problem+json", "application/x-ndjson",
		"text/csv", "text/html", "application/yaml" };
	const char *accept = request->header(request, "Accept");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (accept_type(accept, types[i]))
			return true;
	return route->media && (strcmp(route->media, ANY_MEDIA) == 0 || accept_type(accept, route->media));
}

/* Whether another service answers: the gateway asks it, as its fallback does. */
static bool of_another(const struct dispatch *dispatch, const struct request *request)
{
	return dispatch->fallback && request->endpoint->route.flags & SHARED &&
		!(request->parameters[0] && uuid_of(request->parameters[0], dispatch->app->service));
}

static enum fault parameters_check(struct request *request, const struct route *route)
{
	int number = 0;

	for (const char *at = route->path; (at = strchr(at, '{')); at++) {
		bool id = text_starts(at, "{id}") || strncmp(at + strcspn(at, "}") - 3, "_id", 3) == 0;

		if (id && !uuid_valid(request->parameters[number]))
			return request_fail(request, FAULT_NOT_FOUND, "The id in the path is not a UUID.");
		if (id)
			request->parameters[number] =
				arena_strdup(request->arena, uuid_lower(request->parameters[number]).text);
		number++;
	}
	return FAULT_NONE;
}

static void absent_check(struct request *request, const struct field *fields)
{
	const char *names;
	const struct field *first = field_either(request->arena, fields, &names);
	bool either = first == NULL;

	for (const struct field *field = fields; field && field->name; field++) {
		bool given = query_value(request->query, field->name) != NULL;

		either = either || (given && field->flags & EITHER);
		if (field->flags & REQUIRED && !given)
			fault_add_parameter(&request->faults, field->name, "required", "is required");
	}
	if (!either)
		fault_add_parameter(&request->faults, first->name, "required", "is required, or another of: %s", names);
}

/* The parameters of what is no list are those of its table, each once. RFC 6749 section 3.2 has OAuth ignore others. */
static enum fault query_check(struct request *request, const struct route *route)
{
	const struct query *query = request->query;
	struct fault_list *faults = &request->faults;

	if (route->flags & (LISTS | FORM_BODY))
		return FAULT_NONE;
	for (size_t i = 0; i < query->count; i++) {
		const struct parameter *parameter = &query->items[i];
		const struct field *field = field_find(route->query, parameter->name);

		if (!field || parameter->comparison != COMPARE_EQ)
			fault_add_parameter(faults, parameter->spelled, "unknown", "no such parameter");
		else if (query_value(query, parameter->name) != parameter->value)
			fault_add_parameter(faults, parameter->spelled, "duplicate", "is given twice");
		else if (!*parameter->value)
			fault_add_parameter(faults, parameter->spelled, "length", "must not be empty");
		else if (field->type != FIELD_TEXTS) /* a list is its handler's to take apart */
			field_check_text(field, parameter->value, parameter->spelled, faults);
	}
	absent_check(request, route->query);
	return faults->count ? FAULT_BAD_QUERY : FAULT_NONE;
}

static enum fault answer(const struct dispatch *dispatch, struct request *request)
{
	const char *allow = NULL;
	const struct route *route;
	struct query *query = arena_alloc(request->arena, sizeof(*query));
	enum router_found found;
	enum fault fault;

	found = router_find(dispatch->router, request->arena, request->method, request->path, &request->endpoint,
		request->parameters, &allow);
	if (found == ROUTER_NO_PATH)
		return dispatch->fallback ? dispatch->fallback(request)
					  : request_fail(request, FAULT_NOT_FOUND, "There is nothing at this address.");
	if (found == ROUTER_NO_METHOD) {
		response_header(request, "Allow", allow);
		if (strcmp(request->method_name, "OPTIONS") == 0) {
			response_empty(request);
			return FAULT_NONE;
		}
		return request_fail(request, FAULT_METHOD, "This address takes: %s.", allow);
	}
	route = &request->endpoint->route;
	if (!acceptable(request, route))
		return request_fail(request, FAULT_NOT_ACCEPTABLE,
			"We answer with application/json, of lists also with text/csv and application/x-ndjson.");
	fault = authorise(request, route);
	if (!fault)
		fault = parameters_check(request, route);
	if (!fault)
		fault = query_parse(request->arena, request->query_text, query, &request->faults);
	request->query = query;
	if (!fault)
		fault = query_check(request, route);
	if (!fault)
		fault = match_read(request, route);
	if (!fault)
		fault = body_read(request, route);
	if (!fault)
		fault = idempotency_read(request);
	if (!fault && of_another(dispatch, request))
		return dispatch->fallback(request);
	request->response.content_type = route->media;
	return fault ? fault : route->handle(request);
}

void dispatch_request(const struct dispatch *dispatch, struct request *request)
{
	const char *language = request->header(request, "Accept-Language");
	enum fault fault;

	request->app = dispatch->app;
	request->faults.arena = request->arena;
	request->started_us = clock_monotonic_us();
	request->italian = accept_language(language, "it") > accept_language(language, "en");
	identify(request);
	fault = request->refused;
	if (!fault && dispatch->enter)
		fault = dispatch->enter(request);
	if (!fault)
		fault = answer(dispatch, request);
	if (fault)
		problem_write(request, fault);
	if (dispatch->leave)
		dispatch->leave(request);
	metrics_request(request->app->metrics, request->endpoint ? request->endpoint->index : METRICS_NO_ROUTE,
		request->response.status, clock_monotonic_us() - request->started_us);
}
