/* base64url has one spelling for each content; CSV fields read back as they were. */
#include "text.h"

#include "arena.h"
#include "fuzz.h"

#include <string.h>

static void base64url(struct arena *arena, const char *bytes, size_t size)
{
	const char *string = arena_strndup(arena, bytes, size);
	const char *encoded = text_base64url(arena, bytes, size);
	size_t length;
	char *decoded = text_base64url_decode(arena, encoded, &length);

	if (!decoded || length != size || memcmp(decoded, bytes, size) != 0)
		abort();
	decoded = text_base64url_decode(arena, string, &length);
	if (decoded && strcmp(text_base64url(arena, decoded, length), string) != 0)
		abort();
}

static void csv(struct arena *arena, const char *bytes, size_t size)
{
	struct text text = text_new(arena, size * 2 + 2);
	size_t at = 0;
	size_t read = 0;
	bool quoted;

	text_add_csv(&text, bytes, size);
	quoted = text.length > 0 && text.data[0] == '"';
	for (at = quoted; at < text.length - quoted; at++, read++) {
		if (quoted && text.data[at] == '"' && text.data[++at] != '"')
			abort();
		if (!quoted && strchr(",\n\r\"", text.data[at]) && text.data[at])
			abort();
		if (read >= size || text.data[at] != bytes[read])
			abort();
	}
	if (text.full || read != size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	base64url(arena, (const char *)data, size);
	csv(arena, (const char *)data, size);
	arena_free(arena);
	return 0;
}
