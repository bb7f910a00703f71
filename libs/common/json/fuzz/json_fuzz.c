/* Bodies of anybody: what json_read takes is written and read again as the same; any bytes make a JSON string. */
#include "json.h"

#include "arena.h"
#include "fuzz.h"
#include "text.h"

#include <string.h>

static void read_and_write(struct arena *arena, const char *bytes, size_t length)
{
	const char *problem = NULL;
	json_t *json = json_read(arena, bytes, length, &problem);
	char *written;
	json_t *again;

	if (!json) {
		if (!problem)
			abort();
		return;
	}
	written = json_write(arena, json);
	again = json_read(arena, written, strlen(written), &problem);
	if (!again || !json_equal(json, again))
		abort();
}

static void string_of_any_bytes(struct arena *arena, const char *bytes, size_t length)
{
	struct text text = text_new(arena, length * 6 + 2);
	json_t *string;

	text_add_json_bytes(&text, bytes, length);
	string = json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!json_is_string(string))
		abort();
	if (text_utf8_length(bytes, length) >= 0 &&
		(json_string_length(string) != length || memcmp(json_string_value(string), bytes, length) != 0))
		abort();
	json_decref(string);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	read_and_write(arena, (const char *)data, size);
	string_of_any_bytes(arena, (const char *)data, size);
	arena_free(arena);
	return 0;
}
