#include "operation.h"

#include "arena.h"
#include "bulk.h"
#include "free_field.h"
#include "page.h"
#include "store.h"
#include "text.h"
#include "transition.h"
#include "upsert.h"

#include <ctype.h>
#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

enum shape operation_shape(const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;

	if (route->handle == page_list)
		return SHAPE_LIST;
	if (route->handle == store_get ||
		(route->resource && route->method == METHOD_GET && text_ends(route->path, "}")))
		return SHAPE_READ;
	if (route->handle == store_change || (route->resource && route->method == METHOD_PATCH))
		return SHAPE_CHANGE;
	if (route->handle == store_remove || (route->resource && route->method == METHOD_DELETE))
		return SHAPE_REMOVE;
	if (route->handle == bulk_upsert)
		return SHAPE_BULK;
	if (strstr(route->path, "/actions/"))
		return SHAPE_ACTION;
	if (route->resource && route->method == METHOD_POST && route->body == route->resource->fields)
		return SHAPE_CREATE;
	return SHAPE_OTHER;
}

bool operation_acts(const struct endpoint *endpoint)
{
	const struct resource *resource = endpoint->route.resource;

	return operation_shape(endpoint) == SHAPE_ACTION && resource && field_find(resource->fields, "version");
}

const char *schema_of(struct arena *arena, const struct resource *resource)
{
	return schema_name(arena, resource->schema ? resource->schema : resource->name);
}

const struct field *operation_body(const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;

	return route->body || operation_shape(endpoint) != SHAPE_CHANGE ? route->body : route->resource->fields;
}

/* The path's words: version and parameters dropped, dashes and dots as underscores. */
static const char *path_words(struct arena *arena, const char *path, bool without_last)
{
	struct text out = text_new(arena, 512);
	size_t last = 0;

	for (const char *at = path; *at;) {
		size_t length = strcspn(at + 1, "/");

		if (at[1] != '{' && !(length == 2 && strncmp(at + 1, "v1", 2) == 0)) {
			last = out.length;
			if (out.length)
				text_add_char(&out, '_');
			for (size_t i = at[1] == '.'; i < length; i++)
				text_add_char(&out, isalnum((unsigned char)at[1 + i]) ? at[1 + i] : '_');
		}
		at += 1 + length;
	}
	return without_last ? arena_strndup(arena, text_c(&out), last) : text_c(&out);
}

static const char *const verbs[] = {
	[SHAPE_LIST] = "list",
	[SHAPE_READ] = "read",
	[SHAPE_CREATE] = "create",
	[SHAPE_CHANGE] = "change",
	[SHAPE_REMOVE] = "remove",
	[SHAPE_BULK] = "upsert",
};

/* An action may be named like what is done to rows: an asset is removed from where it is. */
static bool is_verb(const char *action)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i] && strcmp(verbs[i], action) == 0)
			return true;
	return false;
}

static const char *action_id(struct arena *arena, const struct endpoint *endpoint)
{
	const char *path = endpoint->route.path;
	const char *before = arena_strndup(arena, path, (size_t)(strstr(path, "/actions/") - path));
	const char *thing =
		endpoint->route.resource ? endpoint->route.resource->name : path_words(arena, before, false);
	const char *action = strrchr(path, '/') + 1;
	char *id = arena_printf(arena, "%s%s_%s", is_verb(action) ? "act_" : "", action, thing);

	for (char *c = id; *c; c++)
		if (*c == '-')
			*c = '_';
	return id;
}

const char *operation_id(struct arena *arena, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	enum shape shape = operation_shape(endpoint);
	const char *before;

	switch (shape) {
	case SHAPE_LIST:
		return arena_printf(arena, "list_%s", path_words(arena, route->path, false));
	case SHAPE_BULK: /* …/bulk */
		return arena_printf(arena, "upsert_%s", path_words(arena, route->path, true));
	case SHAPE_ACTION:
		return action_id(arena, endpoint);
	case SHAPE_OTHER:
		return arena_printf(arena, "%s_%s", text_lower(arena, method_name(route->method)),
			path_words(arena, route->path, false));
	default:
		before = path_words(arena, route->path, true);
		return arena_printf(
			arena, "%s_%s%s%s", verbs[shape], before, *before ? "_" : "", route->resource->name);
	}
}

const char *operation_tag(struct arena *arena, const struct endpoint *endpoint)
{
	const char *path = endpoint->route.path + 1;
	char *tag;

	if (text_starts(path, "v1/"))
		path += 3;
	tag = arena_strndup(arena, path, strcspn(path, "/"));
	if (strchr(tag, '.')) /* a well-known file */
		return TAG_DISCOVERY;
	for (char *c = tag; *c; c++)
		if (*c == '-')
			*c = ' ';
	return tag;
}

bool operation_first(const struct description *description, size_t index)
{
	const struct endpoint *items = description->source->endpoints->items;

	for (size_t i = 0; i < index; i++)
		if (items[i].route.resource == items[index].route.resource &&
			operation_shape(&items[i]) == operation_shape(&items[index]))
			return false;
	return true;
}

/* What the row of a transition table says, in words. */
static void transition_tell(struct text *out, const struct transition *row)
{
	text_add(out, "\n\nFrom ");
	for (const char *at = row->from ? row->from : ""; *at;) {
		size_t length = strcspn(at, " ");

		text_addf(out, "%s`%.*s`", at == row->from ? "" : ", ", (int)length, at);
		at += length + (at[length] == ' ');
	}
	if (row->to)
		text_addf(out, " to `%s`", row->to);
	text_add(out, ".");
	if (row->event)
		text_addf(out, " Publishes `%s`.", row->event);
}

/* A list below a row takes the right to read that, too. */
static const char *above(struct arena *arena, const struct endpoint *endpoint)
{
	enum scope scope = endpoint->parent_read;

	return scope == SCOPE_NONE || scope == endpoint->route.write
		? ""
		: arena_printf(arena, " and `%s`", scope_name(scope));
}

/* Which there are is each tenant's own: the document tells where to read it, and what they are good for. */
static void free_filters_tell(struct text *out, struct arena *arena, const struct resource *resource)
{
	for (const struct free_filter *filter = resource->free; filter && filter->prefix; filter++)
		text_addf(out,
			"\n\nFilters on the tenant's own fields: `%s.N` is equality, N a slot of `%s`; `%s.N[ne]`, `[in]`, "
			"`[empty]`; of texts, numbers and dates `[lt]`, `[lte]`, `[gt]`, `[gte]`; of texts `[prefix]`. Texts are "
			"compared in whatever case. Not for the portal.",
			filter->prefix, free_field_path(arena, filter->owner), filter->prefix);
}

/* The same for programs. */
static void free_filters_write(struct description *description, const struct resource *resource)
{
	struct writer *writer = &description->writer;

	writer_list(writer, "x-free-fields");
	for (const struct free_filter *filter = resource->free; filter->prefix; filter++) {
		writer_object(writer, NULL);
		writer_text(writer, "prefix", filter->prefix);
		writer_text(writer, "definitions", free_field_path(description->arena, filter->owner));
		writer_object_end(writer);
	}
	writer_list_end(writer);
}

static const char *about(struct arena *arena, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	struct text out = text_new(arena, 4096);
	const char *help = route->help;

	if (!help && route->resource && operation_shape(endpoint) != SHAPE_OTHER)
		help = route->resource->help;
	text_add(&out, help ? help : "");
	if (operation_shape(endpoint) == SHAPE_ACTION && route->transition)
		transition_tell(&out, route->transition);
	if (operation_shape(endpoint) == SHAPE_LIST && route->resource)
		free_filters_tell(&out, arena, route->resource);
	if (route->flags & PUBLIC)
		text_add(&out, "\n\nNeeds no token.");
	else if (route->write != SCOPE_NONE)
		text_addf(&out, "\n\nNeeds the scope `%s`%s.", scope_name(route->write), above(arena, endpoint));
	else
		text_add(&out, "\n\nFor any signed-in caller.");
	return text_c(&out) + strspn(text_c(&out), "\n");
}

static void media_write(
	struct writer *writer, const char *type, const struct field *fields, const char *component, enum schema_use use)
{
	writer_object(writer, type);
	if (component)
		writer_reference(writer, "schema", "schemas", component);
	else if (strcmp(type, FORM_TYPE) == 0)
		schema_object(writer, "schema", NULL, fields, use);
	else
		schema_body(writer, "schema", fields, use);
	example_object(writer, "example", fields, use);
	writer_object_end(writer);
}

/* Lines of NDJSON, or CSV with a header line. */
static void lines_write(struct description *description, const struct endpoint *endpoint)
{
	const struct resource *resource = endpoint->route.resource;
	struct writer *writer = &description->writer;
	const char *component = arena_printf(description->arena, "%s%s", schema_of(description->arena, resource),
		endpoint->store->bulk_fields != endpoint->store->resource->fields ? "Line" : "Create");
	struct text line = text_new(description->arena, OPENAPI_MAX);
	struct writer inner = { &line, description->arena, false };

	example_object(&inner, NULL, resource->fields, SCHEMA_CREATE);
	text_add_char(&line, '\n');
	writer_object(writer, NDJSON_TYPE);
	writer_object(writer, "schema");
	writer_text(writer, "type", "string");
	writer_textf(writer, "description", "One %s a line, at most %d lines.", component, UPSERT_LINES_MAX);
	writer_object_end(writer);
	writer_reference(writer, "x-line-schema", "schemas", component);
	writer_text(writer, "example", text_c(&line));
	writer_object_end(writer);
	writer_object(writer, CSV_TYPE);
	writer_object(writer, "schema");
	writer_text(writer, "type", "string");
	writer_text(writer, "description",
		free_fields_owner(resource)
			? "RFC 4180, UTF-8, with a header line of field names; address.city reaches into an object, x.12 "
			  "is a field of the tenant's own, which its label names as well."
			: "RFC 4180, UTF-8, with a header line of field names; address.city reaches into an object.");
	writer_object_end(writer);
	writer_object_end(writer);
}

static bool any_required(const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++)
		if (field->flags & REQUIRED && !field->fallback)
			return true;
	return false;
}

static void body_write(struct description *description, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	struct writer *writer = &description->writer;
	enum schema_use use = route->method == METHOD_PATCH ? SCHEMA_CHANGE : SCHEMA_CREATE;
	const struct field *body = operation_body(endpoint);
	const char *component = NULL;

	if (!body && !(route->flags & RAW_BODY))
		return;
	if (route->resource && body == route->resource->fields)
		component = arena_printf(description->arena, "%s%s", schema_of(description->arena, route->resource),
			use == SCHEMA_CHANGE ? "Change" : "Create");
	writer_object(writer, "requestBody");
	writer_flag(writer, "required", !(route->flags & BODY_OPTIONAL) || (body && any_required(body)));
	writer_object(writer, "content");
	if (operation_shape(endpoint) == SHAPE_BULK) {
		lines_write(description, endpoint);
	} else if (!body) {
		writer_object(writer, "application/octet-stream"); /* what can be sent as it stands here */
		writer_object_end(writer);
		writer_object(writer, "*/*");
		writer_object_end(writer);
	} else {
		if (route->flags & FORM_BODY)
			media_write(writer, FORM_TYPE, body, component, use);
		if (use == SCHEMA_CHANGE)
			media_write(writer, "application/merge-patch+json", body, component, use);
		media_write(writer, JSON_TYPE, body, component, use);
	}
	writer_object_end(writer);
	writer_object_end(writer);
}

void operation_write(struct description *description, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	struct writer *writer = &description->writer;

	writer_object(writer, text_lower(description->arena, method_name(route->method)));
	writer_text(writer, "operationId", operation_id(description->arena, endpoint));
	writer_text(writer, "summary", route->summary ? route->summary : operation_id(description->arena, endpoint));
	writer_text(writer, "description", about(description->arena, endpoint));
	writer_list(writer, "tags");
	writer_text(writer, NULL, operation_tag(description->arena, endpoint));
	writer_list_end(writer);
	if (route->flags & PUBLIC) {
		writer_list(writer, "security");
		writer_list_end(writer);
	} else if (route->write != SCOPE_NONE) {
		writer_text(writer, "x-required-scope", scope_name(route->write));
	}
	if (operation_shape(endpoint) == SHAPE_LIST && route->resource->free)
		free_filters_write(description, route->resource);
	parameters_write(description, endpoint);
	body_write(description, endpoint);
	answers_write(description, endpoint);
	writer_object_end(writer);
}
