#include "header.h"

#include "arena.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define HEX "0123456789abcdef"

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
	return strlen(value) == 55 && text_starts(value, "00-") && value[35] == '-' && value[52] == '-' &&
		strspn(value + 3, HEX) == 32 && strspn(value + 36, HEX) == 16 && strspn(value + 53, HEX) == 2 &&
		strspn(value + 3, "0") < 32 && strspn(value + 36, "0") < 16;
}

const char *header_traceparent_new(struct arena *arena)
{
	struct uuid root = uuid_new();
	struct uuid span = uuid_new();

	return arena_printf(arena, "00-%.8s%.4s%.4s%.4s%.12s-%.8s%.8s-01", root.text, root.text + 9, root.text + 14,
		root.text + 19, root.text + 24, span.text + 28, span.text + 24);
}
