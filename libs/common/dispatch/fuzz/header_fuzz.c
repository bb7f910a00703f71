/* Request ids and traces of anybody: what is taken can stand in a header and in a log, and names a trace. */
#include "header.h"

#include "arena.h"
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *value = arena_strndup(arena, (const char *)data, size);
	size_t length = strlen(value);

	if (header_visible(value, 64)) {
		hold(length >= 1 && length <= 64);
		for (const char *c = value; *c; c++)
			hold(isgraph((unsigned char)*c));
	}
	if (header_traceparent_valid(value)) {
		char trace[33];
		char span[17];
		unsigned flags;
		char more;

		hold(sscanf(value, "00-%32[0-9a-f]-%16[0-9a-f]-%2x%c", trace, span, &flags, &more) == 3);
		hold(strlen(trace) == 32 && strlen(span) == 16 && strspn(trace, "0") < 32 && strspn(span, "0") < 16);
	}
	hold(header_traceparent_valid(header_traceparent_new(arena)));
	arena_free(arena);
	return 0;
}
