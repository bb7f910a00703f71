#include "events.h"

#include "arena.h"
#include "message.h"
#include "operation.h"
#include "received.h"
#include "transition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One type of the catalogue. */
struct published {
	const char *type; /* call.opened */
	const struct resource *resource;
	const char *help;
	bool changes; /* carries the names of changed fields */
};

struct catalogue {
	struct description description;
	struct published types[EVENTS_TYPES_MAX];
	size_t count;
};

static void type_add(struct catalogue *catalogue, struct published type)
{
	for (size_t i = 0; i < catalogue->count; i++)
		if (strcmp(catalogue->types[i].type, type.type) == 0)
			return;
	if (catalogue->count == EVENTS_TYPES_MAX) {
		fprintf(stderr, "more than %d event types\n", EVENTS_TYPES_MAX);
		abort();
	}
	catalogue->types[catalogue->count++] = type;
}

static void verb_add(
	struct catalogue *catalogue, const struct resource *resource, const char *verb, const char *help, bool changes)
{
	struct arena *arena = catalogue->description.arena;

	type_add(catalogue,
		(struct published){ .type = arena_printf(arena, "%s.%s", resource->name, verb),
			.resource = resource,
			.help = help,
			.changes = changes });
}

static void endpoint_add(struct catalogue *catalogue, const struct endpoint *endpoint)
{
	const struct resource *resource = endpoint->route.resource;
	const struct transition *row = endpoint->route.transition;
	enum shape shape = operation_shape(endpoint);
	bool creates = shape == SHAPE_CREATE || shape == SHAPE_BULK || endpoint->route.flags & TAKES_UPLOADS;

	if (!resource || resource->read_only)
		return;
	if (creates && !text_same(resource->created_event, CREATED_BY_TOUCH))
		verb_add(catalogue, resource, resource->created_event ? resource->created_event : "created",
			"It was entered.", false);
	if (shape == SHAPE_CHANGE || shape == SHAPE_BULK)
		verb_add(catalogue, resource, "changed", "Fields of it changed: those in `changed`.", true);
	if (shape == SHAPE_REMOVE)
		verb_add(catalogue, resource, "removed", "It was removed; `data` is what it was last.", false);
	if (shape == SHAPE_ACTION && row && row->event)
		type_add(catalogue,
			(struct published){
				.type = row->event, .resource = resource, .help = row->summary, .changes = true });
}

/* What is published, but for rows that come with others and the orders for snapshots themselves. */
static bool snapshot_sent(const struct catalogue *catalogue, const struct resource *resource)
{
	if (resource->read_only || strcmp(resource->name, "snapshot") == 0)
		return false;
	for (size_t i = 0; i < catalogue->count; i++)
		if (strcmp(catalogue->types[i].resource->name, resource->name) == 0)
			return true;
	return false;
}

static void catalogue_fill(struct catalogue *catalogue, const struct event *events)
{
	const struct openapi_source *source = catalogue->description.source;

	for (size_t i = 0; i < source->endpoints->count; i++)
		endpoint_add(catalogue, &source->endpoints->items[i]);
	for (const struct event *event = events; event && event->type; event++)
		type_add(catalogue,
			(struct published){ .type = event->type,
				.resource = event->resource,
				.help = event->help,
				.changes = true });
	for (size_t i = 0; source->resources[i]; i++)
		if (snapshot_sent(catalogue, source->resources[i]))
			verb_add(catalogue, source->resources[i], "snapshot",
				"Its present state, sent on request for consumers that start from nothing.", false);
}

static const char *name_of(struct catalogue *catalogue, const struct published *type)
{
	return arena_printf(catalogue->description.arena, "aftercare.%s.v1", type->type);
}

static void schema_write(struct catalogue *catalogue, const struct published *type)
{
	struct writer *writer = &catalogue->description.writer;

	writer_object(writer, name_of(catalogue, type));
	writer_text(writer, "$schema", SCHEMA_DRAFT);
	writer_textf(writer, "$id", SCHEMA_BASE "%s/%s.v1.json", catalogue->description.source->service, type->type);
	writer_text(writer, "title", name_of(catalogue, type));
	if (type->help)
		writer_text(writer, "description", type->help);
	writer_text(writer, "type", "object");
	writer_object(writer, "properties");
	schema_object(writer, "data", type->resource->name, type->resource->fields, SCHEMA_EVENT);
	writer_json(writer, "revision",
		"{\"type\":\"integer\",\"minimum\":1,\"description\":\"Of the aggregate: a consumer applies only a higher one.\"}");
	writer_json(writer, "changed",
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
		"\"description\":\"Names of the fields of data that differ from before; absent for what is new.\"}");
	writer_object_end(writer);
	writer_json(writer, "required", "[\"data\",\"revision\"]");
	writer_object_end(writer);
}

/* CloudEvents 1.0, Kafka protocol binding, binary content mode: attributes are headers. */
static void headers_write(struct catalogue *catalogue)
{
	struct writer *writer = &catalogue->description.writer;

	writer_object(writer, "Headers");
	writer_text(writer, "type", "object");
	writer_object(writer, "properties");
	writer_json(writer, "ce_specversion", "{\"const\":\"1.0\"}");
	writer_json(writer, "ce_id",
		"{\"type\":\"string\",\"description\":\"With ce_source, names the event: a second one of it is a duplicate.\"}");
	writer_object(writer, "ce_source");
	writer_textf(writer, "const", "aftercare.%s", catalogue->description.source->service);
	writer_object_end(writer);
	writer_json(writer, "ce_type", "{\"type\":\"string\"}");
	writer_json(writer, "ce_subject",
		"{\"type\":\"string\",\"format\":\"uuid\",\"description\":\"Id of the resource in data.\"}");
	writer_json(writer, "ce_time", "{\"type\":\"string\",\"format\":\"date-time\"}");
	writer_json(writer, "ce_tenant", "{\"type\":\"string\",\"format\":\"uuid\"}");
	writer_json(writer, "content-type", "{\"const\":\"application/json\"}");
	writer_json(writer, "traceparent",
		"{\"type\":\"string\",\"description\":\"Of the request that made the change (W3C Trace Context).\"}");
	writer_object_end(writer);
	writer_json(writer, "required",
		"[\"ce_specversion\",\"ce_id\",\"ce_source\",\"ce_type\",\"ce_subject\",\"ce_time\",\"ce_tenant\",\"content-type\"]");
	writer_object_end(writer);
}

static void example_write(struct catalogue *catalogue, const struct published *type)
{
	struct writer *writer = &catalogue->description.writer;
	const struct resource *resource = type->resource;

	writer_list(writer, "examples");
	writer_object(writer, NULL);
	writer_object(writer, "payload");
	example_object(writer, "data", resource->fields, SCHEMA_EVENT);
	writer_number(writer, "revision", type->changes ? 4 : 1);
	if (type->changes) {
		const struct field *field = resource->fields;

		while (field->name && field->flags & (FIXED | READ_ONLY))
			field++;
		writer_list(writer, "changed");
		if (field->name)
			writer_text(writer, NULL, field->name);
		writer_list_end(writer);
	}
	writer_object_end(writer);
	writer_object_end(writer);
	writer_list_end(writer);
}

static void message_write(struct catalogue *catalogue, const struct published *type)
{
	struct writer *writer = &catalogue->description.writer;

	message_begin(writer, &(struct message){ type->type, name_of(catalogue, type), type->help, "Headers" });
	writer_json(writer, "bindings",
		"{\"kafka\":{\"bindingVersion\":\"0.5.0\",\"key\":{\"type\":\"string\","
		"\"pattern\":\"^[0-9a-f-]{36}/[0-9a-f-]{36}$\","
		"\"description\":\"Tenant / id of the root aggregate: what concerns one of them arrives in order.\"}}}");
	example_write(catalogue, type);
	writer_object_end(writer);
}

static void channel_write(struct catalogue *catalogue)
{
	const struct openapi_source *source = catalogue->description.source;
	struct writer *writer = &catalogue->description.writer;

	writer_object(writer, "channels");
	writer_object(writer, source->service);
	writer_textf(writer, "address", "aftercare.%s", source->service);
	writer_textf(writer, "title", "Changes of %s", source->service);
	writer_text(writer, "description",
		"At least once; de-duplicate by (ce_source, ce_id) and apply only a higher revision. What a consumer of ours "
		"could not apply is in the topic of the same name with .dlq behind it.");
	writer_object(writer, "messages");
	for (size_t i = 0; i < catalogue->count; i++)
		writer_reference(writer, catalogue->types[i].type, "messages", catalogue->types[i].type);
	writer_object_end(writer);
	writer_object(writer, "bindings");
	writer_object(writer, "kafka");
	writer_text(writer, "bindingVersion", "0.5.0");
	writer_textf(writer, "topic", "aftercare.%s", source->service);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object_end(writer);
	received_channel(&catalogue->description);
	writer_object_end(writer);
}

static void asyncapi_write(struct catalogue *catalogue)
{
	const struct openapi_source *source = catalogue->description.source;
	struct writer *writer = &catalogue->description.writer;

	writer_object(writer, "asyncapi");
	writer_text(writer, "asyncapi", "3.0.0");
	writer_object(writer, "info");
	writer_textf(writer, "title", "%s: events", source->title);
	writer_text(writer, "version", source->version);
	writer_text(writer, "description",
		"CloudEvents 1.0 in Kafka's binary mode. The value is {data, revision, changed}: the state after the change, "
		"so that a consumer can build its copy without asking back. New fields and new values of enumerations may come "
		"within v1; nothing else changes.");
	writer_json(writer, "license",
		"{\"name\":\"Apache License 2.0\",\"url\":\"https://www.apache.org/licenses/LICENSE-2.0\"}");
	writer_object_end(writer);
	writer_text(writer, "defaultContentType", JSON_TYPE);
	channel_write(catalogue);
	writer_object(writer, "operations");
	writer_object(writer, "publish");
	writer_text(writer, "action", "send");
	writer_object(writer, "channel");
	writer_textf(writer, "$ref", "#/channels/%s", source->service);
	writer_object_end(writer);
	writer_object_end(writer);
	received_operation(&catalogue->description);
	writer_object_end(writer);
	writer_object(writer, "components");
	writer_object(writer, "schemas");
	headers_write(catalogue);
	received_headers(&catalogue->description);
	writer_object_end(writer);
	writer_object(writer, "messages");
	for (size_t i = 0; i < catalogue->count; i++)
		message_write(catalogue, &catalogue->types[i]);
	received_messages(&catalogue->description);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object_end(writer);
}

void events_write(
	struct arena *arena, const struct openapi_source *source, const struct event *events, struct text *out)
{
	struct catalogue *catalogue = arena_alloc(arena, sizeof(*catalogue));
	struct writer *writer = &catalogue->description.writer;

	catalogue->description = (struct description){ source, arena, { out, arena, false } };
	catalogue_fill(catalogue, events);
	writer_object(writer, NULL);
	asyncapi_write(catalogue);
	writer_object(writer, "schemas");
	for (size_t i = 0; i < catalogue->count; i++)
		schema_write(catalogue, &catalogue->types[i]);
	received_schemas(&catalogue->description);
	writer_object_end(writer);
	writer_object_end(writer);
}
