#include "operation.h"

#include "arena.h"
#include "expand.h"
#include "store.h"

#include <string.h>

static void info_write(struct description *description)
{
	const struct openapi_source *source = description->source;
	struct writer *writer = &description->writer;

	writer_text(writer, "openapi", "3.1.0");
	writer_object(writer, "info");
	writer_text(writer, "title", source->title);
	writer_text(writer, "version", source->version);
	writer_textf(writer, "description",
		"%s\n\n"
		"Every GET also answers HEAD, every address OPTIONS; a method an address doesn't take is 405 with Allow. "
		"Faults are problems (RFC 9457) that name every fault of a body by JSON pointer; codes never change; "
		"titles, details and warnings follow Accept-Language (en, it). A body has at most %zu bytes, an address %zu, all headers together %zu. "
		"Times are RFC 3339, from the year 1900 on, and come back in UTC; decimals are strings.",
		source->help ? source->help : "", REQUEST_BODY_MAX, REQUEST_URI_MAX, REQUEST_HEADERS_MAX);
	writer_object(writer, "license");
	writer_text(writer, "name", "Apache License 2.0");
	writer_text(writer, "identifier", "Apache-2.0");
	writer_object_end(writer);
	writer_object_end(writer);
	writer_list(writer, "servers");
	writer_object(writer, NULL);
	writer_text(writer, "url", "/");
	writer_object_end(writer);
	writer_list_end(writer);
	writer_list(writer, "security");
	writer_object(writer, NULL);
	writer_list(writer, "bearerAuth");
	writer_list_end(writer);
	writer_object_end(writer);
	writer_list_end(writer);
}

static bool tag_known(struct description *description, size_t index)
{
	const struct endpoint *items = description->source->endpoints->items;
	const char *tag = operation_tag(description->arena, &items[index]);

	for (size_t i = 0; i < index; i++)
		if (strcmp(operation_tag(description->arena, &items[i]), tag) == 0)
			return true;
	return false;
}

/* Tags of what every service has. */
static const struct openapi_tag common_tags[] = {
	{ "services", "What every service tells of itself: settings, number series, audit, snapshots, dead letters." },
	{ TAG_DISCOVERY, "What programs read to find their way." },
	{ 0 },
};

static const char *tag_help(const struct openapi_tag *tags, const char *name)
{
	for (; tags && tags->name; tags++)
		if (strcmp(tags->name, name) == 0)
			return tags->help;
	return NULL;
}

static void tag_write(struct description *description, const struct endpoint *endpoint)
{
	struct writer *writer = &description->writer;
	const char *name = operation_tag(description->arena, endpoint);
	const char *help = tag_help(description->source->tags, name);

	if (!help)
		help = tag_help(common_tags, name);
	if (!help && endpoint->route.resource)
		help = endpoint->route.resource->help;
	writer_object(writer, NULL);
	writer_text(writer, "name", name);
	if (help)
		writer_text(writer, "description", help);
	writer_object_end(writer);
}

static void tags_write(struct description *description)
{
	const struct endpoints *endpoints = description->source->endpoints;

	writer_list(&description->writer, "tags");
	for (size_t i = 0; i < endpoints->count; i++)
		if (!tag_known(description, i))
			tag_write(description, &endpoints->items[i]);
	writer_list_end(&description->writer);
}

static void paths_write(struct description *description)
{
	const struct endpoints *endpoints = description->source->endpoints;
	struct writer *writer = &description->writer;

	writer_object(writer, "paths");
	for (size_t i = 0; i < endpoints->count; i++) {
		const char *path = endpoints->items[i].route.path;
		bool known = false;

		for (size_t before = 0; before < i && !known; before++)
			known = strcmp(endpoints->items[before].route.path, path) == 0;
		if (known)
			continue;
		writer_object(writer, path);
		for (size_t same = i; same < endpoints->count; same++)
			if (strcmp(endpoints->items[same].route.path, path) == 0)
				operation_write(description, &endpoints->items[same]);
		writer_object_end(writer);
	}
	writer_object_end(writer);
}

/* What expand= shows beside a row: the page of each list. */
static void children_schemas(struct description *description, const struct store *store)
{
	const struct endpoints *endpoints = description->source->endpoints;
	const struct endpoint *list = NULL;

	for (; (list = expand_next(endpoints, store, list)); list++)
		writer_reference(&description->writer, list->beside, "schemas",
			arena_printf(
				description->arena, "%sPage", schema_of(description->arena, list->route.resource)));
}

/* Thing: a whole row. ThingPart: as much of it as `fields` or the caller's rights leave. ThingPage: a list of them. */
static void answer_schemas(struct description *description, const struct endpoint *endpoint)
{
	const struct resource *resource = endpoint->route.resource;
	struct writer *writer = &description->writer;
	const char *name = schema_of(description->arena, resource);
	const char *part = arena_printf(description->arena, "%sPart", name);

	writer_object(writer, part);
	writer_text(writer, "type", "object");
	writer_object(writer, "properties");
	schema_members(writer, resource->fields, SCHEMA_PART);
	children_schemas(description, endpoint->store);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object(writer, name);
	if (resource->help)
		writer_text(writer, "description", resource->help);
	writer_list(writer, "allOf");
	writer_reference(writer, NULL, "schemas", part);
	writer_list_end(writer);
	schema_row_required(writer, "required", resource->fields);
	writer_object_end(writer);
	writer_object(writer, arena_printf(description->arena, "%sPage", name));
	writer_text(writer, "type", "object");
	writer_object(writer, "properties");
	writer_object(writer, "items");
	writer_text(writer, "type", "array");
	writer_reference(writer, "items", "schemas", part);
	writer_object_end(writer);
	writer_json(writer, "next_cursor",
		"{\"type\":\"string\",\"description\":\"For cursor=; absent on the last page.\"}");
	writer_object_end(writer);
	writer_json(writer, "required", "[\"items\"]");
	writer_object_end(writer);
}

static void body_schemas(struct description *description, const struct endpoint *endpoint)
{
	const struct resource *resource = endpoint->route.resource;
	struct writer *writer = &description->writer;
	const char *name = schema_of(description->arena, resource);

	schema_body(writer, arena_printf(description->arena, "%sCreate", name), resource->fields, SCHEMA_CREATE);
	schema_body(writer, arena_printf(description->arena, "%sChange", name), resource->fields, SCHEMA_CHANGE);
	if (endpoint->store->bulk_fields != endpoint->store->resource->fields)
		schema_object(writer, arena_printf(description->arena, "%sLine", name), NULL,
			endpoint->store->bulk_fields, SCHEMA_CREATE);
}

/* By name: a resource composed at start (settings) may lie in memory more than once. */
static bool resource_known(const struct endpoints *endpoints, size_t index)
{
	const char *name = endpoints->items[index].route.resource->name;

	for (size_t i = 0; i < index; i++) {
		const struct resource *other = endpoints->items[i].route.resource;

		if (other && strcmp(other->name, name) == 0)
			return true;
	}
	return false;
}

static void schemas_write(struct description *description)
{
	const struct endpoints *endpoints = description->source->endpoints;
	struct writer *writer = &description->writer;

	writer_object(writer, "schemas");
	for (size_t i = 0; i < endpoints->count; i++) {
		if (!endpoints->items[i].route.resource || resource_known(endpoints, i))
			continue;
		answer_schemas(description, &endpoints->items[i]);
		body_schemas(description, &endpoints->items[i]);
	}
	writer_json(writer, "Problem",
		"{\"description\":\"RFC 9457. `errors` names every fault.\",\"type\":\"object\",\"properties\":{"
		"\"type\":{\"type\":\"string\",\"format\":\"uri\",\"description\":\"Ends with the code, which never changes.\"},"
		"\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\",\"minimum\":400,\"maximum\":599},"
		"\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\",\"description\":\"The path asked for.\"},"
		"\"request_id\":{\"type\":\"string\"},"
		"\"possible_actions\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"Of an action that "
		"the state does not allow: the others that it does.\"},"
		"\"errors\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Fault\"}},"
		"\"errors_total\":{\"type\":\"integer\",\"description\":\"Of all, when not all are told.\"}},"
		"\"required\":[\"type\",\"title\",\"status\",\"instance\"]}");
	writer_json(writer, "Fault",
		"{\"type\":\"object\",\"properties\":{"
		"\"pointer\":{\"type\":\"string\",\"description\":\"Place in the body (RFC 6901).\"},"
		"\"parameter\":{\"type\":\"string\",\"description\":\"Query parameter or header.\"},"
		"\"code\":{\"type\":\"string\",\"description\":\"The rule that was broken.\"},"
		"\"detail\":{\"type\":\"string\"}},\"required\":[\"code\",\"detail\"]}");
	writer_json(writer, "Warned",
		"{\"type\":\"object\",\"properties\":{\"warnings\":{\"type\":\"array\",\"description\":"
		"\"What was done, and may not be what was meant; absent when there is nothing to say.\","
		"\"items\":{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"},"
		"\"detail\":{\"type\":\"string\"},\"pointer\":{\"type\":[\"string\",\"null\"]}},"
		"\"required\":[\"code\",\"detail\"]}}}}");
	writer_json(writer, "OAuthError",
		"{\"description\":\"RFC 6749 section 5.2.\",\"type\":\"object\",\"properties\":{"
		"\"error\":{\"type\":\"string\"},\"error_description\":{\"type\":\"string\"}},"
		"\"required\":[\"error\"]}");
	writer_json(writer, "BulkResult",
		"{\"type\":\"object\",\"properties\":{\"line\":{\"type\":\"integer\",\"minimum\":1},"
		"\"result\":{\"type\":\"string\",\"enum\":[\"created\",\"changed\",\"unchanged\",\"failed\"]},"
		"\"id\":{\"type\":\"string\",\"format\":\"uuid\"},\"status\":{\"type\":\"integer\"},"
		"\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
		"\"errors\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Fault\"}}},"
		"\"required\":[\"line\",\"result\"]}");
	writer_object_end(writer);
}

static void components_write(struct description *description)
{
	struct writer *writer = &description->writer;

	writer_object(writer, "components");
	writer_json(writer, "securitySchemes",
		"{\"bearerAuth\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"}}");
	parameters_components(description);
	answers_components(description);
	schemas_write(description);
	writer_object_end(writer);
}

void openapi_write(struct arena *arena, const struct openapi_source *source, struct text *out)
{
	struct description description = { .source = source, .arena = arena, .writer = { out, arena, false } };

	writer_object(&description.writer, NULL);
	info_write(&description);
	tags_write(&description);
	paths_write(&description);
	components_write(&description);
	writer_object_end(&description.writer);
}
