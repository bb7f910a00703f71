/* Cursors of anybody: what is taken is written again as a cursor for the same place; any key of PostgreSQL's survives. */
#include "cursor.h"

#include "arena.h"
#include "fuzz.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

static void again(struct arena *arena, const struct cursor *cursor)
{
	const char *text = cursor_write(arena, cursor);
	struct cursor read;

	if (!text) {
		hold(strlen(cursor->key) + strlen(cursor->list) > CURSOR_MAX / 16);
		return;
	}
	hold(strlen(text) <= CURSOR_MAX && strcspn(text, "&=+%#\" ") == strlen(text));
	hold(cursor_read(arena, text, &read) && uuid_valid(read.id));
	hold(text_same(read.list, cursor->list) && text_same(read.key, cursor->key) && text_same(read.id, cursor->id));
}

static void of_bytes(struct arena *arena, const uint8_t *data, size_t size)
{
	const char *text = arena_strndup(arena, (const char *)data, size);
	struct cursor read;

	if (cursor_read(arena, text, &read))
		again(arena, &read);
	if (cursor_read(arena, text_base64url(arena, data, size), &read))
		again(arena, &read);
	if (text_utf8_length(text, strlen(text)) >= 0)
		again(arena, &(struct cursor){ "0123456789abcdefa", text, "0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4e" });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	of_bytes(arena, data, size);
	arena_free(arena);
	return 0;
}
