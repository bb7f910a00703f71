#include "read.h"

#include "arena.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

bool read_own_topic(const char *topic)
{
	const char *last = strrchr(topic, '.');

	return last && uuid_valid(last + 1);
}

const char *read_tenant(const struct bus_message *message)
{
	const char *tenant;

	if (read_own_topic(message->topic))
		return strrchr(message->topic, '.') + 1;
	tenant = bus_header_value(message, "ce_tenant");
	return tenant && uuid_valid(tenant) ? tenant : NULL;
}

static bool topic_matches(const char *wanted, const char *topic)
{
	if (!text_ends(wanted, "."))
		return text_same(topic, wanted);
	return text_starts(topic, wanted) && uuid_valid(topic + strlen(wanted));
}

static bool type_matches(const char *wanted, const char *type)
{
	return text_ends(wanted, ".") ? text_starts(type, wanted) : text_same(type, wanted);
}

const struct inbox_handler *read_handler(const struct inbox_handler *handlers, const struct bus_message *message)
{
	const char *type = bus_header_value(message, "ce_type");

	for (const struct inbox_handler *handler = handlers; type && handler->topic; handler++)
		if (topic_matches(handler->topic, message->topic) && type_matches(handler->type, type))
			return handler;
	return NULL;
}

/* The value of a header that must be there; NULL, and *problem, otherwise. */
static const char *required(
	struct arena *arena, const struct bus_message *message, const char *name, const char **problem)
{
	const char *value = bus_header_value(message, name);

	if (!value || !*value)
		*problem = arena_printf(arena, "the header %s is missing", name);
	else if (strlen(value) > INBOX_NAME_MAX)
		*problem = arena_printf(arena, "the header %s is too long", name);
	else
		return value;
	return NULL;
}

static bool read_headers(
	struct arena *arena, const struct bus_message *message, struct inbox_event *event, const char **problem)
{
	event->id = required(arena, message, "ce_id", problem);
	event->source = event->id ? required(arena, message, "ce_source", problem) : NULL;
	event->type = event->source ? required(arena, message, "ce_type", problem) : NULL;
	event->subject = event->type ? required(arena, message, "ce_subject", problem) : NULL;
	if (!event->subject)
		return false;
	event->time = bus_header_value(message, "ce_time");
	event->known_source = event->source;
	event->known_subject = event->subject;
	if (read_own_topic(message->topic)) {
		event->known_source = arena_printf(arena, "%s %s", message->topic, event->source);
		event->known_subject = arena_printf(arena, "%s %s", event->type, event->subject);
	}
	event->tenant = read_tenant(message);
	if (!event->tenant)
		*problem = "ce_tenant is no UUID";
	return event->tenant != NULL;
}

bool read_event(struct arena *arena, const struct bus_message *message, struct inbox_event *event, const char **problem)
{
	const char *unfit = NULL;
	json_t *value;
	json_t *revision;

	event->arena = arena;
	if (!read_headers(arena, message, event, problem))
		return false;
	value = json_read(arena, message->value ? message->value : "", message->length, &unfit);
	if (!value) {
		*problem = arena_printf(arena, "the value is not JSON: %s", unfit ? unfit : "empty");
		return false;
	}
	event->data = json_object_get(value, "data");
	revision = json_object_get(value, "revision");
	if (!json_is_object(event->data) || !json_is_integer(revision)) {
		*problem = "the value has no object data and integer revision";
		return false;
	}
	event->revision = json_integer_value(revision);
	event->data_text = json_write(arena, event->data);
	return true;
}
