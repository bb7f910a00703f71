#include "event.h"

#include "arena.h"

#include <string.h>

#define HEADERS 9

/* {"data": …, "revision": n, "changed": […]}; data is JSON as the log keeps it, byte for byte. */
static const char *value_of(struct arena *arena, const PGresult *rows, int row)
{
	const char *data = PQgetvalue(rows, row, EVENT_DATA);
	const char *revision = PQgetvalue(rows, row, EVENT_REVISION);

	if (PQgetisnull(rows, row, EVENT_CHANGED))
		return arena_printf(arena, "{\"data\":%s,\"revision\":%s}", data, revision);
	return arena_printf(arena, "{\"data\":%s,\"revision\":%s,\"changed\":%s}", data, revision,
		PQgetvalue(rows, row, EVENT_CHANGED));
}

const struct bus_message *event_message(struct arena *arena, const char *topic, const PGresult *rows, int row)
{
	struct bus_message *message = arena_alloc(arena, sizeof(*message));
	struct bus_header *headers = arena_array(arena, HEADERS, sizeof(*headers));
	size_t count = 0;

	headers[count++] = (struct bus_header){ "ce_specversion", "1.0" };
	headers[count++] = (struct bus_header){ "ce_id", PQgetvalue(rows, row, EVENT_ID) };
	headers[count++] = (struct bus_header){ "ce_source", topic };
	headers[count++] = (struct bus_header){ "ce_type",
		arena_printf(arena, "aftercare.%s.v1", PQgetvalue(rows, row, EVENT_TYPE)) };
	headers[count++] = (struct bus_header){ "ce_subject", PQgetvalue(rows, row, EVENT_SUBJECT) };
	headers[count++] = (struct bus_header){ "ce_time", PQgetvalue(rows, row, EVENT_TIME) };
	headers[count++] = (struct bus_header){ "ce_tenant", PQgetvalue(rows, row, EVENT_TENANT) };
	headers[count++] = (struct bus_header){ "content-type", "application/json" };
	if (!PQgetisnull(rows, row, EVENT_TRACEPARENT))
		headers[count++] = (struct bus_header){ "traceparent", PQgetvalue(rows, row, EVENT_TRACEPARENT) };
	message->topic = topic;
	message->key =
		arena_printf(arena, "%s/%s", PQgetvalue(rows, row, EVENT_TENANT), PQgetvalue(rows, row, EVENT_ROOT));
	message->value = value_of(arena, rows, row);
	message->length = strlen(message->value);
	message->headers = headers;
	message->header_count = count;
	return message;
}
