/* answers: what an operation can answer, as the engine does it: the statuses follow from the endpoint's kind. */
#include "arena.h"
#include "operation.h"
#include "page.h"
#include "text.h"
#include "transition.h"

#include <string.h>

/* Statuses of problems, as in the fault table; where to look whether an endpoint gives one: gives(). */
static const int statuses[] = { 400, 401, 403, 404, 406, 409, 410, 412, 413, 414, 415, 422, 428, 429, 431, 500, 502,
	503, 504 };

#define STATUSES_COUNT (sizeof(statuses) / sizeof(statuses[0]))

static bool takes_body(const struct endpoint *endpoint)
{
	return operation_body(endpoint) || endpoint->route.flags & RAW_BODY;
}

/* Whether an endpoint may answer with a problem of this status. */
static bool gives(const struct endpoint *endpoint, int status)
{
	const struct route *route = &endpoint->route;
	bool public = route->flags & PUBLIC;

	switch (status) {
	case 401: /* a public route with a body takes credentials in it */
	case 403:
		return !public || takes_body(endpoint);
	case 404: /* a write may name a parent that the caller doesn't see */
		return strchr(route->path, '{') || (route->resource && route->method != METHOD_GET);
	case 409:
		return route->method != METHOD_GET || route->flags & MAY_CONFLICT;
	case 410: /* the stored answer of an Idempotency-Key */
		return route->resource && route->method == METHOD_POST && operation_shape(endpoint) != SHAPE_BULK;
	case 412:
		return route->flags & NEEDS_MATCH || operation_acts(endpoint) ||
			operation_shape(endpoint) == SHAPE_READ;
	case 428:
		return route->flags & NEEDS_MATCH;
	case 413:
		return takes_body(endpoint);
	case 415:
		return operation_body(endpoint) || operation_shape(endpoint) == SHAPE_BULK;
	case 422: /* of a query that is none of a list: ids in it may name nothing */
		return takes_body(endpoint) || route->method == METHOD_POST ||
			(route->query && operation_shape(endpoint) == SHAPE_OTHER);
	default:
		return true;
	}
}

static void header_refer(struct writer *writer, const char *name, const char *component)
{
	writer_reference(writer, name, "headers", component);
}

/* The row; a write may warn beside it. */
static void row_write(struct description *description, const struct resource *resource, bool written)
{
	struct writer *writer = &description->writer;
	const char *name = schema_of(description->arena, resource);

	writer_object(writer, JSON_TYPE);
	if (written) {
		writer_object(writer, "schema");
		writer_list(writer, "allOf");
		writer_reference(writer, NULL, "schemas", name);
		writer_reference(writer, NULL, "schemas", "Warned");
		writer_list_end(writer);
		writer_object_end(writer);
	} else {
		writer_reference(writer, "schema", "schemas", name);
	}
	example_object(writer, "example", resource->fields, SCHEMA_PART);
	writer_object_end(writer);
}

static void page_write(struct description *description, const struct resource *resource)
{
	struct writer *writer = &description->writer;
	const char *name = schema_of(description->arena, resource);

	writer_object(writer, JSON_TYPE);
	writer_reference(writer, "schema", "schemas", arena_printf(description->arena, "%sPage", name));
	writer_object(writer, "example");
	writer_list(writer, "items");
	example_object(writer, NULL, resource->fields, SCHEMA_PART);
	writer_list_end(writer);
	writer_text(writer, "next_cursor", "WyI4ZjNhIiwiMjAyNi0xMS0yNCIsIjAxOTNhNWQyIl0");
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object(writer, NDJSON_TYPE);
	writer_object(writer, "schema");
	writer_text(writer, "type", "string");
	writer_textf(writer, "description", "The whole list, one %s a line.", name);
	writer_object_end(writer);
	writer_reference(writer, "x-line-schema", "schemas", arena_printf(description->arena, "%sPart", name));
	writer_object_end(writer);
	writer_object(writer, CSV_TYPE);
	writer_object(writer, "schema");
	writer_text(writer, "type", "string");
	writer_text(writer, "description", "The whole list, RFC 4180, with a header line.");
	writer_object_end(writer);
	writer_object_end(writer);
}

static void results_write(struct description *description)
{
	struct writer *writer = &description->writer;

	writer_object(writer, NDJSON_TYPE);
	writer_object(writer, "schema");
	writer_text(writer, "type", "string");
	writer_text(writer, "description", "One BulkResult a line, in the order of the lines sent.");
	writer_object_end(writer);
	writer_reference(writer, "x-line-schema", "schemas", "BulkResult");
	writer_text(writer, "example",
		"{\"line\":1,\"result\":\"created\",\"id\":\"0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00\"}\n");
	writer_object_end(writer);
}

static void content_write(struct description *description, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	struct writer *writer = &description->writer;

	writer_object(writer, "content");
	if (operation_shape(endpoint) == SHAPE_LIST && route->resource) {
		page_write(description, route->resource);
	} else if (operation_shape(endpoint) == SHAPE_BULK) {
		results_write(description);
	} else if (route->media) {
		writer_object(writer, route->media);
		writer_object_end(writer);
	} else if (route->answer) {
		writer_object(writer, JSON_TYPE);
		schema_object(writer, "schema", NULL, route->answer, SCHEMA_ANSWER);
		example_object(writer, "example", route->answer, SCHEMA_ANSWER);
		writer_object_end(writer);
	} else if (route->resource) {
		row_write(description, route->resource, route->method != METHOD_GET);
	} else {
		writer_object(writer, JSON_TYPE);
		writer_object(writer, "schema");
		writer_object_end(writer);
		writer_object_end(writer);
	}
	writer_object_end(writer);
}

/* Whether it is about the row that the other creates: the row itself, the files on it, or the file that was attached. */
static bool follows(const struct endpoint *endpoint, const struct endpoint *created)
{
	size_t length = strlen(created->route.path);
	const char *rest = endpoint->route.path + length;

	if (strncmp(endpoint->route.path, created->route.path, length) != 0)
		return false;
	if (created->route.flags & TAKES_UPLOADS)
		return text_starts(rest, "/{attachment_id}");
	return strcmp(rest, "/{id}") == 0 || strcmp(rest, "/{id}/attachments") == 0;
}

/* From the answer of a creation to what can be done with the new row. */
static void links_write(struct description *description, const struct endpoint *endpoint)
{
	const struct endpoints *endpoints = description->source->endpoints;
	struct writer *writer = &description->writer;
	bool attached = endpoint->route.flags & TAKES_UPLOADS;

	writer_object(writer, "links");
	for (size_t i = 0; i < endpoints->count; i++) {
		const struct endpoint *other = &endpoints->items[i];

		if (!follows(other, endpoint))
			continue;
		writer_object(writer, operation_id(description->arena, other));
		writer_text(writer, "operationId", operation_id(description->arena, other));
		writer_object(writer, "parameters");
		writer_text(writer, "path.id", attached ? "$request.path.id" : "$response.body#/id");
		if (attached)
			writer_text(writer, "path.attachment_id", "$response.body#/id");
		if (other->route.flags & NEEDS_MATCH)
			writer_text(writer, "header.If-Match", "$response.header.ETag");
		writer_object_end(writer);
		writer_object_end(writer);
	}
	writer_object_end(writer);
}

static const char *success_words(const struct endpoint *endpoint)
{
	switch (operation_shape(endpoint)) {
	case SHAPE_LIST:
		return "A page; or the whole list as a stream, when Accept asks for NDJSON or CSV.";
	case SHAPE_CREATE:
		return "Created.";
	case SHAPE_CHANGE:
	case SHAPE_ACTION:
		return "Done: as it is now.";
	case SHAPE_REMOVE:
		return "Removed.";
	case SHAPE_BULK:
		return "A result for each line: good lines landed, bad ones are told.";
	default:
		return endpoint->route.status == 204 ? "Done." : "As asked.";
	}
}

static void success_write(struct description *description, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	struct writer *writer = &description->writer;
	enum shape shape = operation_shape(endpoint);
	int status = route->status ? route->status : 200;
	bool row = route->resource && !route->answer && !route->media && status != 204 && shape != SHAPE_LIST &&
		shape != SHAPE_BULK;

	writer_object(writer, arena_printf(description->arena, "%d", status));
	writer_text(writer, "description", success_words(endpoint));
	writer_object(writer, "headers");
	header_refer(writer, "X-Request-ID", "RequestId");
	if (row)
		header_refer(writer, "ETag", "ETag");
	if (shape == SHAPE_LIST)
		header_refer(writer, "Link", "Link");
	if (shape == SHAPE_CREATE || status == 202)
		header_refer(writer, "Location", "Location");
	if (route->method == METHOD_POST && route->resource && shape != SHAPE_BULK)
		header_refer(writer, "Idempotency-Replayed", "IdempotencyReplayed");
	writer_object_end(writer);
	if (status != 204)
		content_write(description, endpoint);
	if (shape == SHAPE_CREATE || route->flags & TAKES_UPLOADS)
		links_write(description, endpoint);
	writer_object_end(writer);
}

/* Endpoints that take forms are OAuth's, whose errors have a shape of their own (RFC 6749 section 5.2). */
static const char *prefix(const struct endpoint *endpoint, int status)
{
	return endpoint->route.flags & FORM_BODY && (status == 400 || status == 401) ? "OAuth" : "Problem";
}

void answers_write(struct description *description, const struct endpoint *endpoint)
{
	struct writer *writer = &description->writer;

	writer_object(writer, "responses");
	success_write(description, endpoint);
	if (operation_shape(endpoint) == SHAPE_READ) {
		writer_object(writer, "304");
		writer_text(writer, "description", "Still what If-None-Match names.");
		writer_object(writer, "headers");
		header_refer(writer, "X-Request-ID", "RequestId");
		header_refer(writer, "ETag", "ETag");
		writer_object_end(writer);
		writer_object_end(writer);
	}
	for (size_t i = 0; i < STATUSES_COUNT; i++)
		if (gives(endpoint, statuses[i]))
			writer_reference(writer, arena_printf(description->arena, "%d", statuses[i]), "responses",
				arena_printf(description->arena, "%s%d", prefix(endpoint, statuses[i]), statuses[i]));
	writer_object_end(writer);
}

static void header_define(struct writer *writer, const char *key, const char *about, const char *schema)
{
	writer_object(writer, key);
	writer_text(writer, "description", about);
	writer_json(writer, "schema", schema);
	writer_object_end(writer);
}

static void headers_define(struct writer *writer)
{
	const char *text = "{\"type\":\"string\"}";

	writer_object(writer, "headers");
	header_define(
		writer, "RequestId", "Names this request in logs and events; the client's own when it sent one.", text);
	header_define(writer, "ETag",
		"The version, and of what is read a digest behind it; give it back in If-Match, or in If-None-Match.",
		"{\"type\":\"string\",\"pattern\":\"^\\\"[0-9]+(-[0-9a-f]{16})?\\\"$\"}");
	header_define(
		writer, "Location", "Where the new row is.", "{\"type\":\"string\",\"format\":\"uri-reference\"}");
	header_define(writer, "Link", "rel=\"next\": the next page; absent on the last (RFC 8288).", text);
	header_define(
		writer, "RetryAfter", "Seconds to wait before trying again.", "{\"type\":\"integer\",\"minimum\":0}");
	header_define(writer, "Authenticate", "What token is needed and what was wrong with it (RFC 6750).", text);
	header_define(writer, "ContentLanguage",
		"Of the titles and details: it where Accept-Language likes it better than en.",
		"{\"type\":\"string\",\"enum\":[\"en\",\"it\"]}");
	header_define(writer, "IdempotencyReplayed", "true: this is the stored answer of the Idempotency-Key.",
		"{\"type\":\"string\",\"enum\":[\"true\"]}");
	writer_object_end(writer);
}

static void problem_example(struct description *description, const struct fault_kind *kind)
{
	struct writer *writer = &description->writer;

	writer_object(writer, kind->code);
	writer_object(writer, "value");
	writer_textf(writer, "type", "%s%s", PROBLEM_TYPE_BASE, kind->code);
	writer_text(writer, "title", kind->title);
	writer_number(writer, "status", kind->status);
	writer_text(writer, "instance", "/v1/…");
	writer_text(writer, "request_id", "0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00");
	writer_object_end(writer);
	writer_object_end(writer);
}

static void problem_content(struct description *description, int status)
{
	struct writer *writer = &description->writer;

	writer_object(writer, "application/problem+json");
	writer_reference(writer, "schema", "schemas", "Problem");
	writer_object(writer, "examples");
	for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		if (fault_kind((enum fault)i)->status == status)
			problem_example(description, fault_kind((enum fault)i));
	writer_object_end(writer);
	writer_object_end(writer);
}

static void oauth_content(struct writer *writer)
{
	writer_object(writer, JSON_TYPE);
	writer_reference(writer, "schema", "schemas", "OAuthError");
	writer_json(writer, "example", "{\"error\":\"invalid_grant\",\"error_description\":\"…\"}");
	writer_object_end(writer);
}

static void problem_define(struct description *description, const char *name, int status, bool oauth)
{
	struct writer *writer = &description->writer;
	struct text about = text_new(description->arena, 1024);
	bool retry = false;

	for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
		const struct fault_kind *kind = fault_kind((enum fault)i);

		if (kind->status != status)
			continue;
		text_addf(&about, "%s`%s`: %s", about.length ? "; " : "", kind->code, kind->title);
		retry |= kind->retry_after > 0;
	}
	text_add_char(&about, '.');
	writer_object(writer, name);
	writer_text(writer, "description", text_c(&about));
	writer_object(writer, "headers");
	header_refer(writer, "X-Request-ID", "RequestId");
	if (!oauth)
		header_refer(writer, "Content-Language", "ContentLanguage");
	if (retry)
		header_refer(writer, "Retry-After", "RetryAfter");
	if (status == 401)
		header_refer(writer, "WWW-Authenticate", "Authenticate");
	writer_object_end(writer);
	writer_object(writer, "content");
	if (oauth)
		oauth_content(writer);
	problem_content(description, status);
	writer_object_end(writer);
	writer_object_end(writer);
}

void answers_components(struct description *description)
{
	headers_define(&description->writer);
	writer_object(&description->writer, "responses");
	for (size_t i = 0; i < STATUSES_COUNT; i++)
		problem_define(
			description, arena_printf(description->arena, "Problem%d", statuses[i]), statuses[i], false);
	problem_define(description, "OAuth400", 400, true);
	problem_define(description, "OAuth401", 401, true);
	writer_object_end(&description->writer);
}
