#include "ndjson.h"

#include <string.h>

enum fault ndjson_read(struct arena *arena, const char *bytes, size_t length, ndjson_take take, void *context)
{
	const char *at = bytes;
	const char *end = at + length;

	for (size_t line = 1; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);

		if (size && at[size - 1] == '\r')
			size--;
		if (size) {
			const char *problem = NULL;
			json_t *body = json_read(arena, at, size, &problem);

			if (!take(context, line, body, problem))
				return FAULT_TOO_LARGE;
		}
		at = stop ? stop + 1 : end;
	}
	return FAULT_NONE;
}
