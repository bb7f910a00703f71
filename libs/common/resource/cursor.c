#include "cursor.h"

#include "arena.h"
#include "json.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define JSON_MAX ((size_t)CURSOR_MAX / 4 * 3) /* bytes; base64 makes four characters of three */

const char *cursor_write(struct arena *arena, const struct cursor *cursor)
{
	struct text json = text_new(arena, JSON_MAX);

	text_add(&json, "[");
	text_add_json(&json, cursor->list);
	text_add(&json, ",");
	text_add_json(&json, cursor->key);
	text_add(&json, ",");
	text_add_json(&json, cursor->id);
	text_add(&json, "]");
	return json.full ? NULL : text_base64url(arena, text_c(&json), json.length);
}

bool cursor_read(struct arena *arena, const char *text, struct cursor *cursor)
{
	const char *problem;
	size_t length = 0;
	char *bytes = strlen(text) <= CURSOR_MAX ? text_base64url_decode(arena, text, &length) : NULL;
	const json_t *json = bytes ? json_read(arena, bytes, length, &problem) : NULL;
	struct cursor read = {
		.list = json_string_value(json_array_get(json, 0)),
		.key = json_string_value(json_array_get(json, 1)),
		.id = json_string_value(json_array_get(json, 2)),
	};

	if (json_array_size(json) != 3 || !read.list || !read.key || !read.id || !uuid_valid(read.id))
		return false;
	*cursor = read;
	return true;
}
