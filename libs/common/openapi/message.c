#include "message.h"

#include "operation.h"

/* Tools of AsyncAPI know no newer draft; our schemas use only words that mean the same in both. */
#define SCHEMA_FORMAT "application/schema+json;version=draft-07"

static void headers_write(struct writer *writer, const struct message *message)
{
	writer_object(writer, "headers");
	writer_list(writer, "allOf");
	writer_reference(writer, NULL, "schemas", message->headers);
	writer_object(writer, NULL);
	writer_object(writer, "properties");
	writer_object(writer, "ce_type");
	writer_text(writer, "const", message->type);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_object_end(writer);
	writer_list_end(writer);
	writer_object_end(writer);
}

static void payload_write(struct writer *writer, const struct message *message)
{
	writer_object(writer, "payload");
	writer_text(writer, "schemaFormat", SCHEMA_FORMAT);
	writer_object(writer, "schema");
	writer_textf(writer, "$ref", "./%s.v1.json", message->title);
	writer_object_end(writer);
	writer_object_end(writer);
}

void message_begin(struct writer *writer, const struct message *message)
{
	writer_object(writer, message->title);
	writer_text(writer, "name", message->type);
	writer_text(writer, "title", message->title);
	if (message->help)
		writer_text(writer, "summary", message->help);
	writer_text(writer, "contentType", JSON_TYPE);
	headers_write(writer, message);
	payload_write(writer, message);
}
