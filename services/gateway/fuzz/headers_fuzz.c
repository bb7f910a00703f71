/* Connection, Origin and paths of anybody: what the gateway looks up in lists is found exactly where it stands. */
#include "headers.h"

#include "arena.h"
#include "door.h"
#include "fuzz.h"
#include "segments.h"

#include <string.h>
#include <strings.h>

static bool stands(const char *list, const char *separators, const char *word)
{
	for (const char *at = list; *at;) {
		size_t length = strcspn(at, separators);

		if (length == strlen(word) && strncasecmp(at, word, length) == 0)
			return true;
		at += length + (at[length] != '\0');
	}
	return false;
}

static void lists_hold(const char *list, const char *word)
{
	if (!*word || strpbrk(word, " \t,"))
		return;
	hold(headers_nominated(list, word) == stands(list, " \t,", word));
	hold(!headers_go_back(word, list) || !headers_nominated(list, word));
	hold(door_origin_listed(list, word) == (stands(list, " ,", word) || stands(list, " ,", "*")));
}

static bool begins(const char *path, const char *segment)
{
	return strlen(segment) == strcspn(path, "/") && strncmp(path, segment, strlen(segment)) == 0;
}

static bool serves(enum upstream_service service, const char *path)
{
	const char *segment;

	if (strncmp(path, "services/", 9) == 0)
		return begins(path + 9, segments_service_name(service));
	for (size_t i = 0; (segment = segments_at(service, i)) != NULL; i++)
		if (begins(path, segment))
			return true;
	return false;
}

static void path_hold(const char *path)
{
	enum upstream_service found = segments_find(path);

	if (strncmp(path, "/v1/", 4) != 0)
		hold(found == SERVICE_NONE);
	else
		for (int service = 0; service < SERVICE_COUNT; service++)
			hold(serves((enum upstream_service)service, path + 4) ==
				(found == (enum upstream_service)service));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *text = arena_strndup(arena, (const char *)data, size);
	char *line = strchr(text, '\n');

	path_hold(text);
	hold(headers_value_ok(text) ==
		(strcspn(text,
			 "\x01\x02\x03\x04\x05\x06\x07\x08\n\x0B\x0C\r\x0E\x0F\x10\x11\x12"
			 "\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F\x7F") == strlen(text)));
	if (line) {
		*line = '\0';
		lists_hold(text, line + 1);
	}
	arena_free(arena);
	return 0;
}
