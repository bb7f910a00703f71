#include "header.h"

#include "arena.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define HEX                "0123456789abcdef"
#define TRACEPARENT_LENGTH 55

bool header_visible(const char *value, size_t max)
{
	size_t length = strlen(value);

	if (length == 0 || length > max)
		return false;
	for (const char *c = value; *c; c++)
		if (*c < 0x21 || *c > 0x7E)
			return false;
	return true;
}

/* 00-32 hex-16 hex-2 hex, neither of the ids all zeros. */
bool header_traceparent_valid(const char *value)
{
	return strlen(value) == TRACEPARENT_LENGTH && text_starts(value, "00-") && value[35] == '-' &&
		value[52] == '-' && strspn(value + 3, HEX) == 32 && strspn(value + 36, HEX) == 16 &&
		strspn(value + 53, HEX) == 2 && strspn(value + 3, "0") < 32 && strspn(value + 36, "0") < 16;
}

const char *header_traceparent_new(struct arena *arena)
{
	struct uuid root = uuid_new();
	struct uuid span = uuid_new();
	struct text trace = text_new(arena, TRACEPARENT_LENGTH);

	text_add(&trace, "00-");
	text_add_bytes(&trace, root.text, 8);
	text_add_bytes(&trace, root.text + 9, 4);
	text_add_bytes(&trace, root.text + 14, 4);
	text_add_bytes(&trace, root.text + 19, 4);
	text_add_bytes(&trace, root.text + 24, 12);
	text_add_char(&trace, '-');
	text_add_bytes(&trace, span.text + 28, 8);
	text_add_bytes(&trace, span.text + 24, 8);
	text_add(&trace, "-01");
	return text_c(&trace);
}
