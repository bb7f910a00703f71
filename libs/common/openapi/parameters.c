/* parameters: path, query and headers of operations; those that several share are components. */
#include "arena.h"
#include "cursor.h"
#include "free_field.h"
#include "list.h"
#include "operation.h"
#include "page.h"

#include <string.h>

/* A declared filter with one of its operators. */
struct filter_parameter {
	const char *component;
	const char *spelled; /* opened_at[gte] */
	const struct field *field;
	enum comparison comparison;
};

#define ETAGS "{\"type\":\"string\",\"pattern\":\"^(\\\\*|(W/)?\\\"[!#-~]*\\\"(, (W/)?\\\"[!#-~]*\\\")*)$\"}"

typedef void (*filter_take)(struct description *description, const struct filter_parameter *parameter);

static const char *const comparison_words[COMPARE_COUNT] = {
	[COMPARE_EQ] = "Equal.",
	[COMPARE_NE] = "Not equal, or absent.",
	[COMPARE_LT] = "Less.",
	[COMPARE_LTE] = "Less or equal.",
	[COMPARE_GT] = "Greater.",
	[COMPARE_GTE] = "Greater or equal.",
	[COMPARE_IN] = "Any of these, separated by commas.",
	[COMPARE_PREFIX] = "Begins with this.",
	[COMPARE_CONTAINS] = "Contains this, in whatever case.",
	[COMPARE_EMPTY] = "true: has no value; false: has one.",
};

static void filter_operators(struct description *description, const char *owner, const struct field *field,
	bool equality_only, filter_take take)
{
	for (int i = 0; i < COMPARE_COUNT; i++) {
		enum comparison comparison = (enum comparison)i;
		const char *name = comparison_name(comparison);
		bool plain = comparison == COMPARE_EQ;
		struct filter_parameter parameter = { .field = field, .comparison = comparison };

		if (!list_comparison_fits(field, comparison) || (equality_only && !plain))
			continue;
		parameter.spelled = plain ? field->name : arena_printf(description->arena, "%s[%s]", field->name, name);
		parameter.component = arena_printf(
			description->arena, "%s.%s%s%s", owner, field->name, plain ? "" : ".", plain ? "" : name);
		take(description, &parameter);
	}
}

static const struct filter *filter_row(const struct resource *resource, const char *name)
{
	for (const struct filter *filter = resource->filters; filter && filter->name; filter++)
		if (strcmp(filter->name, name) == 0)
			return filter;
	return NULL;
}

/* The filters of a resource's own. */
static void filters_own(struct description *description, const struct resource *resource, filter_take take)
{
	const char *owner = schema_of(description->arena, resource);

	for (const struct field *field = resource->fields; field->name; field++)
		if (field->flags & FILTER && !filter_row(resource, field->name))
			filter_operators(description, owner, field, false, take);
	for (const struct filter *filter = resource->filters; filter && filter->name; filter++) {
		struct field shape = list_filter_field(filter);

		filter_operators(description, owner, &shape, filter->sql != NULL, take);
	}
}

/* Those that every list has, unless the resource has its own of that name; NULL: all of them. */
static void filters_common(struct description *description, const struct resource *resource, filter_take take)
{
	for (const struct field *field = list_common_filters(); field->name; field++) {
		const struct field *own = resource ? field_find(resource->fields, field->name) : NULL;

		if (resource && (!own || own->flags & FILTER || filter_row(resource, field->name)))
			continue;
		filter_operators(description, "Row", field, false, take);
	}
}

static void filter_refer(struct description *description, const struct filter_parameter *parameter)
{
	writer_reference(&description->writer, NULL, "parameters", parameter->component);
}

static void parameter_begin(struct writer *writer, const char *key, const char *name, const char *in, bool required)
{
	writer_object(writer, key);
	writer_text(writer, "name", name);
	writer_text(writer, "in", in);
	if (required)
		writer_flag(writer, "required", true);
}

static void filter_define(struct description *description, const struct filter_parameter *parameter)
{
	struct writer *writer = &description->writer;
	const struct field *field = parameter->field;
	const char *help = field->help ? field->help : "";

	parameter_begin(writer, parameter->component, parameter->spelled, "query", false);
	writer_textf(writer, "description", "%s%s%s%s%s", help, *help ? " " : "",
		comparison_words[parameter->comparison], field->flags & COST ? " Needs costs:read." : "",
		field->flags & INTERNAL ? " Not for the portal." : "");
	if (parameter->comparison == COMPARE_IN) {
		writer_text(writer, "style", "form");
		writer_flag(writer, "explode", false);
	}
	schema_query(writer, "schema", field, parameter->comparison);
	writer_object_end(writer);
}

/* Without an example where it is optional: who fills a form from this document would send it. */
static void header_define(struct writer *writer, const char *key, const char *name, bool required, const char *about,
	const char *schema, const char *example)
{
	parameter_begin(writer, key, name, "header", required);
	writer_text(writer, "description", about);
	writer_json(writer, "schema", schema);
	if (example)
		writer_text(writer, "example", example);
	writer_object_end(writer);
}

static void shared_define(struct description *description)
{
	struct writer *writer = &description->writer;

	parameter_begin(writer, "Id", "id", "path", true);
	writer_text(writer, "description", "The id.");
	writer_json(writer, "schema", "{\"type\":\"string\",\"format\":\"uuid\"}");
	writer_object_end(writer);
	parameter_begin(writer, "Limit", "limit", "query", false);
	writer_text(writer, "description", "Items of a page. Exports (NDJSON, CSV) give all.");
	writer_json(writer, "schema",
		arena_printf(description->arena, "{\"type\":\"integer\",\"minimum\":1,\"maximum\":%d,\"default\":%d}",
			PAGE_MAX, PAGE_DEFAULT));
	writer_object_end(writer);
	parameter_begin(writer, "Cursor", "cursor", "query", false);
	writer_text(writer, "description",
		"next_cursor of the page before, with the same filters and sort. It stays good while rows come and go.");
	writer_json(writer, "schema",
		arena_printf(description->arena,
			"{\"type\":\"string\",\"maxLength\":%d,\"pattern\":\"^[A-Za-z0-9_-]+$\"}", CURSOR_MAX));
	writer_object_end(writer);
	parameter_begin(writer, "Search", "q", "query", false);
	writer_text(writer, "description", "Full text, Italian and English: words, \"phrases\", -without, or.");
	writer_json(writer, "schema", "{\"type\":\"string\",\"pattern\":\"^[^\\\\u0000]*$\"}");
	writer_object_end(writer);
	parameter_begin(writer, "Labels", "labels", "query", false);
	writer_text(writer, "description",
		"Of a CSV export: heads the columns of the tenant's own fields by their labels instead of x.N. Bulk takes both.");
	writer_json(writer, "schema", "{\"type\":\"boolean\",\"default\":false}");
	writer_object_end(writer);
	header_define(writer, "IfMatch", "If-Match", true,
		"The ETag of the version that was read (a list of them: any), or * for whatever it is now. Absent: 428; "
		"stale, or weak: 412.",
		ETAGS, "\"3\"");
	header_define(writer, "IfMatchToo", "If-Match", false, "Acts only on this version: 412 when it is another.",
		ETAGS, NULL);
	header_define(writer, "IfNoneMatch", "If-None-Match", false,
		"ETags of reads, or *: 304 when it would be shown as then.", ETAGS, NULL);
	header_define(writer, "IdempotencyKey", "Idempotency-Key", false,
		"A word of the client's own for this request, such as a UUID, which makes a retry harmless: the same key "
		"and request give the same answer, also across restarts. With another request: 422; while the first still "
		"runs: 409.",
		arena_printf(
			description->arena, "{\"type\":\"string\",\"pattern\":\"^[!-~]{1,%d}$\"}", IDEMPOTENCY_KEY_MAX),
		NULL);
}

/* Words separated by commas: what may be one follows. */
static void words_begin(struct writer *writer)
{
	writer_text(writer, "style", "form");
	writer_flag(writer, "explode", false);
	writer_object(writer, "schema");
	writer_text(writer, "type", "array");
	writer_number(writer, "minItems", 1);
	writer_object(writer, "items");
	writer_text(writer, "type", "string");
	writer_list(writer, "enum");
}

static void words_end(struct writer *writer)
{
	writer_list_end(writer);
	writer_object_end(writer);
	writer_object_end(writer);
}

/* sort= and fields= of a resource's lists. */
static void list_define(struct description *description, const struct resource *resource)
{
	struct writer *writer = &description->writer;
	const char *owner = schema_of(description->arena, resource);
	const struct sort *first = resource->sorts;

	parameter_begin(writer, arena_printf(description->arena, "%s.sort", owner), "sort", "query", false);
	writer_text(writer, "description", "The order; - for the greatest first.");
	writer_object(writer, "schema");
	writer_text(writer, "type", "string");
	writer_list(writer, "enum");
	for (const struct sort *sort = resource->sorts; sort->name; sort++) {
		writer_text(writer, NULL, sort->name);
		writer_textf(writer, NULL, "-%s", sort->name);
	}
	writer_list_end(writer);
	writer_textf(writer, "default", "%s%s", resource->descending ? "-" : "", first->name);
	writer_object_end(writer);
	writer_object_end(writer);
	parameter_begin(writer, arena_printf(description->arena, "%s.fields", owner), "fields", "query", false);
	writer_text(writer, "description", "Only these fields, separated by commas.");
	words_begin(writer);
	for (const struct field *field = resource->fields; field->name; field++)
		if (!(field->flags & WRITE_ONLY))
			writer_text(writer, NULL, field->name);
	words_end(writer);
	writer_object_end(writer);
}

void parameters_components(struct description *description)
{
	const struct endpoints *endpoints = description->source->endpoints;

	writer_object(&description->writer, "parameters");
	shared_define(description);
	filters_common(description, NULL, filter_define);
	for (size_t i = 0; i < endpoints->count; i++) {
		if (operation_shape(&endpoints->items[i]) != SHAPE_LIST || !operation_first(description, i))
			continue;
		list_define(description, endpoints->items[i].route.resource);
		filters_own(description, endpoints->items[i].route.resource, filter_define);
	}
	writer_object_end(&description->writer);
}

static void path_parameters(struct description *description, const char *path)
{
	struct writer *writer = &description->writer;

	for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{')) {
		const char *name = arena_strndup(description->arena, at + 1, strcspn(at, "}") - 1);

		if (strcmp(name, "id") == 0) {
			writer_reference(writer, NULL, "parameters", "Id");
			continue;
		}
		parameter_begin(writer, NULL, name, "path", true);
		writer_json(writer, "schema",
			text_ends(name, "_id") ? "{\"type\":\"string\",\"format\":\"uuid\"}"
					       : "{\"type\":\"string\",\"pattern\":\"^[^/\\\\u0000]+$\"}");
		writer_object_end(writer);
	}
}

static void list_parameters(struct description *description, const struct resource *resource)
{
	struct writer *writer = &description->writer;
	const char *owner = schema_of(description->arena, resource);

	writer_reference(writer, NULL, "parameters", "Limit");
	writer_reference(writer, NULL, "parameters", "Cursor");
	writer_reference(writer, NULL, "parameters", arena_printf(description->arena, "%s.sort", owner));
	writer_reference(writer, NULL, "parameters", arena_printf(description->arena, "%s.fields", owner));
	if (resource->search)
		writer_reference(writer, NULL, "parameters", "Search");
	if (free_fields_owner(resource))
		writer_reference(writer, NULL, "parameters", "Labels");
	filters_own(description, resource, filter_refer);
	filters_common(description, resource, filter_refer);
}

/* A parameter of a route's own; a list of words comes separated by commas. */
static void query_define(struct writer *writer, const struct field *field)
{
	parameter_begin(writer, NULL, field->name, "query", field->flags & REQUIRED);
	if (field->help)
		writer_text(writer, "description", field->help);
	if (field->type == FIELD_TEXTS) {
		words_begin(writer);
		writer_words(writer, field->choices);
		words_end(writer);
	} else {
		schema_parameter(writer, "schema", field);
	}
	if (field->example)
		writer_json(writer, "example", field->example);
	writer_object_end(writer);
}

void parameters_write(struct description *description, const struct endpoint *endpoint)
{
	const struct route *route = &endpoint->route;
	struct writer *writer = &description->writer;
	enum shape shape = operation_shape(endpoint);

	writer_list(writer, "parameters");
	path_parameters(description, route->path);
	if (shape == SHAPE_LIST)
		list_parameters(description, route->resource);
	for (const struct field *field = route->query; field && field->name; field++)
		query_define(writer, field);
	if (route->flags & NEEDS_MATCH)
		writer_reference(writer, NULL, "parameters", "IfMatch");
	if (operation_acts(endpoint))
		writer_reference(writer, NULL, "parameters", "IfMatchToo");
	if (shape == SHAPE_READ)
		writer_reference(writer, NULL, "parameters", "IfNoneMatch");
	if (route->method == METHOD_POST && shape != SHAPE_BULK && !(route->flags & PUBLIC))
		writer_reference(writer, NULL, "parameters", "IdempotencyKey");
	writer_list_end(writer);
}
