/* Kafka messages of anybody: topic, then headers NAME:VALUE, each a line, then an empty line and the value. What is taken
 * as an event has all its parts, and a topic of one tenant gives no event of another's. */
#include "inbox.h"

#include "arena.h"
#include "fuzz.h"
#include "read.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define HEADERS_MAX 16

static void event_hold(const struct bus_message *message, const struct inbox_event *event)
{
	const char *last = strrchr(message->topic, '.');

	hold(event->id && *event->id && event->source && *event->source && event->type && *event->type);
	hold(event->subject && *event->subject && strlen(event->subject) <= INBOX_NAME_MAX);
	hold(event->tenant && uuid_valid(event->tenant));
	hold(!last || !uuid_valid(last + 1) || strcmp(last + 1, event->tenant) == 0);
	hold(json_is_object(event->data) && event->data_text && event->data_text[0] == '{');
}

/* Cuts the next line off *rest; NULL at an empty one, and at the end. */
static char *line_cut(char **rest)
{
	char *line = *rest;
	char *end = line + strcspn(line, "\n");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return *line ? line : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct inbox_handler handlers[] = {
		{ .topic = "aftercare.calls", .type = "aftercare.call." },
		{ .topic = "aftercare.calls", .type = "aftercare.site.created.v1" },
		{ 0 },
	};
	struct arena *arena = arena_new();
	char *rest = arena_strndup(arena, (const char *)data, size);
	const char *end = rest + strlen(rest);
	struct bus_header headers[HEADERS_MAX];
	struct bus_message message = { .topic = line_cut(&rest), .headers = headers };
	struct inbox_event event;
	const char *problem = NULL;
	char *line;

	while (message.topic && message.header_count < HEADERS_MAX && (line = line_cut(&rest)) != NULL) {
		char *colon = strchr(line, ':');

		if (colon)
			*colon = '\0';
		headers[message.header_count++] = (struct bus_header){ line, colon ? colon + 1 : NULL };
	}
	message.value = rest;
	message.length = (size_t)(end - rest);
	if (message.topic) {
		const struct inbox_handler *handler = read_handler(handlers, &message);
		bool good = read_event(arena, &message, &event, &problem);

		hold(!handler || strcmp(handler->topic, message.topic) == 0);
		hold(good == (problem == NULL));
		if (good)
			event_hold(&message, &event);
	}
	arena_free(arena);
	return 0;
}
