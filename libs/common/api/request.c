#include "request.h"

#include "api_sql.h"
#include "app.h"
#include "arena.h"
#include "log.h"
#include "query.h"
#include "route.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *method_name(enum method method)
{
	static const char *const names[METHOD_COUNT] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

	return names[method];
}

const char *route_collection(const struct route *route)
{
	return route->path + strlen("/v1/");
}

enum fault request_fail(struct request *request, enum fault fault, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	request->detail = arena_vprintf(request->arena, format, arguments);
	va_end(arguments);
	return fault;
}

bool request_carries(const struct request *request, const char *type)
{
	const char *value = request->header(request, "Content-Type");
	size_t length = strlen(type);

	return value && strncasecmp(value, type, length) == 0 && strchr("; \t", value[length]);
}

bool request_may(const struct request *request, enum scope scope)
{
	return scope == SCOPE_NONE || (request->caller.scopes & SCOPE_BIT(scope)) != 0;
}

void response_json(struct request *request, int status, const char *body)
{
	request->response.status = status;
	request->response.body = body;
	request->response.length = strlen(body);
}

enum fault response_text(struct request *request, int status, const struct text *body)
{
	if (body->full)
		return request_fail(request, FAULT_INTERNAL, "The answer would be longer than %zu bytes.", body->max);
	response_json(request, status, text_c(body));
	return FAULT_NONE;
}

void response_empty(struct request *request)
{
	request->response.status = 204;
	request->response.body = "";
	request->response.length = 0;
}

/* The place of a header, or behind the last. */
static size_t header_find(const struct response *response, const char *name)
{
	size_t place = 0;

	while (place < response->header_count && strcasecmp(response->headers[place].name, name) != 0)
		place++;
	return place;
}

void response_header(struct request *request, const char *name, const char *value)
{
	struct response *response = &request->response;
	size_t place = header_find(response, name);

	if (place < response->header_count)
		response->headers[place].value = value;
	else if (place < RESPONSE_HEADERS_MAX)
		response->headers[response->header_count++] = (struct header){ name, value };
}

const char *response_header_value(const struct request *request, const char *name)
{
	size_t place = header_find(&request->response, name);

	return place < request->response.header_count ? request->response.headers[place].value : NULL;
}

void response_file(struct request *request, const char *media_type, const char *name, bool shown)
{
	request->response.status = 200;
	request->response.content_type = media_type;
	response_header(request, "Content-Disposition",
		arena_printf(request->arena, "%s; filename*=UTF-8''%s", shown ? "inline" : "attachment",
			percent_encode(request->arena, name)));
}

void response_vary(struct request *request, const char *name)
{
	const char *others = response_header_value(request, "Vary");

	if (others && strstr(others, name))
		return;
	response_header(request, "Vary", others ? arena_printf(request->arena, "%s, %s", others, name) : name);
}

void response_language(struct request *request)
{
	response_header(request, "Content-Language", request->italian ? "it" : "en");
	response_vary(request, "Accept-Language");
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static const char *no_header(const struct request *request, const char *name)
{
	(void)request;
	(void)name;
	return NULL;
}

void request_open(struct request *request, struct app *app, struct arena *arena)
{
	static const struct query none;

	*request = (struct request){
		.app = app,
		.arena = arena,
		.method = METHOD_POST,
		.header = no_header,
		.query = &none,
		.faults = { .arena = arena },
	};
}

struct request request_on(const struct request *request, struct arena *arena)
{
	struct request other = *request;

	other.arena = arena;
	other.faults = (struct fault_list){ .arena = arena };
	other.detail = NULL;
	return other;
}

void request_add_caller(struct request *request, struct pg_batch *batch)
{
	static const char *const sights[SIGHT_COUNT] = { "all", "technician", "portal", "callcenter" };
	const struct caller *caller = &request->caller;

	pg_add(batch, &sql_who_calls,
		PG_VALUES(or_empty(caller->tenant), or_empty(caller->subject), or_empty(caller->name),
			or_empty(request->id), or_empty(request->traceparent), or_empty(caller->technician_id),
			or_empty(caller->customer_id), sights[request->sight], role_list(request->arena, caller->roles),
			or_empty(request->refuse_on)));
}

struct pg_batch *request_batch(struct request *request)
{
	struct pg_batch *batch = pg_batch_new(request->arena);

	request_add_caller(request, batch);
	return batch;
}

enum fault request_execute(struct request *request, struct pg_batch *batch)
{
	struct pg_error error = { 0 };
	enum fault fault = pg_execute(request->app->pool, batch, &error);

	return fault ? request_database_fault(request, fault, &error) : FAULT_NONE;
}

static void database_log(const struct request *request, enum fault fault, const struct pg_error *error)
{
	log_write(fault == FAULT_INTERNAL ? LOG_ERROR : LOG_WARNING, "database refused a request", "request_id",
		request->id, "sqlstate", error->sqlstate, "statement", error->statement, "detail", error->message,
		"row", error->detail, "constraint", error->constraint, NULL);
}

/* The table that a fault is about, as people say it. */
static const char *table_words(struct arena *arena, const struct pg_error *error)
{
	return error->table ? text_words(arena, error->table) : "another resource";
}

/* What is wrong with a value that PostgreSQL refused, by the rule that ends the constraint's name. */
static const char *rule_says(const char *rule)
{
	static const struct {
		const char *rule;
		const char *says;
	} rules[] = {
		{ "known", "names nothing that is known" },
		{ "format", "does not have its form" },
		{ "order", "is out of order with another field" },
		{ "range", "is out of its range" },
		{ "length", "is too long" },
		{ "conflict", "does not fit the other fields" },
		{ "place", "does not fit the other fields" },
		{ "required", "is required with the other fields as they are" },
		{ "choice", "is not one of its values" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].rule, rule) == 0)
			return rules[i].says;
	return "can't be kept as it is";
}

/* The field whose time or day comes before that of a field, by what the two are called; NULL when it isn't told by that. */
static const char *field_before(struct arena *arena, const char *field)
{
	static const char *const ends[] = { "until", "planned_end", "ended_at", "removed_on" };
	static const char *const begins[] = { "from", "planned_start", "started_at", "installed_on" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (text_ends(field, ends[i]))
			return arena_printf(arena, "%.*s%s", (int)(strlen(field) - strlen(ends[i])), field, begins[i]);
	return NULL;
}

static void rule_add(struct request *request, const char *pointer, const char *rule)
{
	const char *before = pointer && strcmp(rule, "order") == 0 ? field_before(request->arena, pointer + 1) : NULL;

	if (before)
		fault_add(&request->faults, pointer, rule, "must not be before %s", before);
	else
		fault_add(&request->faults, pointer, rule, "%s", rule_says(rule));
}

enum fault request_database_fault(struct request *request, enum fault fault, const struct pg_error *error)
{
	const char *pointer = error->pointer && error->pointer[0] ? error->pointer : NULL;
	const char *rule = error->rule && error->rule[0] ? error->rule : fault_kind(fault)->code;

	if (fault == FAULT_REPLAY)
		return fault;
	if (error->ours) {
		request->detail = error->message;
		if (pointer)
			fault_add(&request->faults, pointer, rule, "%s", error->message);
		return fault;
	}
	if (fault == FAULT_UNKNOWN_REFERENCE && request->method == METHOD_DELETE) {
		return request_fail(
			request, FAULT_REFERENCED, "Still referred to by: %s.", table_words(request->arena, error));
	}
	switch (fault) {
	case FAULT_DUPLICATE:
		fault_add(&request->faults, pointer, "unique", "is already taken");
		return request_fail(request, fault, "Another %s has this %s.", table_words(request->arena, error),
			pointer ? pointer + 1 : "key");
	case FAULT_UNKNOWN_REFERENCE:
		fault_add(&request->faults, pointer, "reference", "names nothing that is known here");
		return request_fail(
			request, fault, "%s names nothing that is known here.", pointer ? pointer + 1 : "An id");
	case FAULT_CONFLICT:
		if (pointer)
			fault_add(&request->faults, pointer, rule, "overlaps another");
		return request_fail(request, fault, "It overlaps another %s.", table_words(request->arena, error));
	case FAULT_INVALID:
		rule_add(request, pointer, rule);
		database_log(request, fault, error);
		return fault;
	case FAULT_UNAVAILABLE:
		database_log(request, fault, error);
		return request_fail(request, fault, "The database doesn't answer now.");
	default:
		database_log(request, fault, error);
		return fault;
	}
}
