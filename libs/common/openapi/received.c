#include "received.h"

#include "arena.h"
#include "endpoints.h"
#include "feed.h"
#include "message.h"
#include "store.h"

#define CHANNEL "erp"

static const struct feed *feeds_of(const struct description *description)
{
	static const struct feed none[] = { { 0 } };

	return description->source->feeds ? description->source->feeds : none;
}

/* The name of a message: "erp.article". */
static const char *message_of(const struct description *description, const struct feed *feed)
{
	return arena_printf(description->arena, CHANNEL ".%s", feed->name);
}

static const char *type_of(const struct description *description, const struct feed *feed)
{
	return arena_printf(description->arena, FEED_TYPE "%s.v1", feed->name);
}

/* What its data may say: of rows what their bulk lines may. */
static const struct field *fields_of(const struct description *description, const struct feed *feed)
{
	const struct endpoints *endpoints = description->source->endpoints;
	const struct field *lines = NULL;

	for (size_t i = 0; i < endpoints->count && !lines; i++)
		if (endpoints->items[i].store && endpoints->items[i].store->resource == feed->resource)
			lines = endpoints->items[i].store->bulk_fields;
	return feed_fields(feed, lines);
}

void received_channel(struct description *description)
{
	struct writer *writer = &description->writer;
	const struct feed *feeds = feeds_of(description);

	if (!feeds->name)
		return;
	writer_object(writer, CHANNEL);
	writer_text(writer, "address", FEED_TOPIC "{tenant}");
	writer_text(writer, "title", "What the ERP of a tenant sends");
	writer_text(writer, "description",
		"A topic of the tenant's own, guarded by Kafka's ACLs; the tenant is that of the topic. What can't be applied is "
		"in the topic of the same name with .dlq behind it, with the reason in the header aftercare_error.");
	writer_json(writer, "parameters", "{\"tenant\":{\"description\":\"Id of the tenant.\"}}");
	writer_object(writer, "messages");
	for (const struct feed *feed = feeds; feed->name; feed++)
		writer_reference(writer, message_of(description, feed), "messages", message_of(description, feed));
	writer_object_end(writer);
	writer_object_end(writer);
}

void received_operation(struct description *description)
{
	struct writer *writer = &description->writer;

	if (!feeds_of(description)->name)
		return;
	writer_object(writer, "receive");
	writer_text(writer, "action", "receive");
	writer_object(writer, "channel");
	writer_text(writer, "$ref", "#/channels/" CHANNEL);
	writer_object_end(writer);
	writer_object_end(writer);
}

void received_headers(struct description *description)
{
	if (!feeds_of(description)->name)
		return;
	writer_json(&description->writer, "ErpHeaders",
		"{\"type\":\"object\",\"properties\":{\"ce_specversion\":{\"const\":\"1.0\"},"
		"\"ce_id\":{\"type\":\"string\",\"description\":\"With ce_source, names the message: a second one of it changes "
		"nothing.\"},"
		"\"ce_source\":{\"type\":\"string\",\"description\":\"Which system of the tenant's sends: urn:erp:1.\"},"
		"\"ce_type\":{\"type\":\"string\"},"
		"\"ce_subject\":{\"type\":\"string\",\"description\":\"The ERP's key of the row, which becomes external_ref; of an "
		"answer, the id of what it answers.\"},"
		"\"traceparent\":{\"type\":\"string\"}},"
		"\"required\":[\"ce_id\",\"ce_source\",\"ce_type\",\"ce_subject\"]}");
}

static void message_write(struct description *description, const struct feed *feed)
{
	struct writer *writer = &description->writer;

	message_begin(writer,
		&(struct message){
			message_of(description, feed), type_of(description, feed), feed->help, "ErpHeaders" });
	writer_list(writer, "examples");
	writer_object(writer, NULL);
	writer_object(writer, "payload");
	example_object(writer, "data", fields_of(description, feed), SCHEMA_CREATE);
	writer_number(writer, "revision", 1);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_list_end(writer);
	writer_object_end(writer);
}

void received_messages(struct description *description)
{
	for (const struct feed *feed = feeds_of(description); feed->name; feed++)
		message_write(description, feed);
}

static void schema_write(struct description *description, const struct feed *feed)
{
	struct writer *writer = &description->writer;

	writer_object(writer, type_of(description, feed));
	writer_text(writer, "$schema", SCHEMA_DRAFT);
	writer_textf(writer, "$id", SCHEMA_BASE "%s/%s.v1.json", description->source->service,
		message_of(description, feed));
	writer_text(writer, "title", type_of(description, feed));
	writer_textf(writer, "description", "%s%s", feed->help,
		feed->action ? "" : " Of one that is known, fields may be left out: they stay as they are.");
	writer_text(writer, "type", "object");
	writer_object(writer, "properties");
	schema_object(writer, "data", feed->resource->name, fields_of(description, feed), SCHEMA_CREATE);
	writer_json(writer, "revision",
		"{\"type\":\"integer\",\"minimum\":1,\"description\":\"Rises with each message of a subject, as the "
		"milliseconds of its change do: a lower one than was applied changes nothing.\"}");
	writer_object_end(writer);
	writer_json(writer, "required", "[\"data\",\"revision\"]");
	writer_object_end(writer);
}

void received_schemas(struct description *description)
{
	for (const struct feed *feed = feeds_of(description); feed->name; feed++)
		schema_write(description, feed);
}
