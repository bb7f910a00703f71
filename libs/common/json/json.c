#include "json.h"

#include "arena.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void json_release(void *json)
{
	json_decref(json);
}

json_t *json_keep(struct arena *arena, json_t *json)
{
	arena_defer(arena, json_release, json);
	return json;
}

static void wiped_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void json_wipe(void)
{
	json_set_alloc_funcs(malloc, wiped_free);
}

/* Looks at brackets outside strings only: enough to bound the recursion before it happens. */
static bool depth_fits(const char *bytes, size_t length)
{
	int depth = 0;
	bool string = false;

	for (size_t i = 0; i < length; i++) {
		char c = bytes[i];

		if (string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				string = false;
		} else if (c == '"') {
			string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return true;
}

/* What is wrong, in words for clients: the library's speak of its own flags. */
static const char *fault_text(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "the character U+0000 is not taken";
	case json_error_invalid_utf8:
		return "a byte that is not UTF-8";
	default:
		return error->text;
	}
}

json_t *json_read(struct arena *arena, const char *bytes, size_t length, const char **problem)
{
	json_error_t error;
	json_t *json;

	if (length == 0) {
		*problem = "it is empty";
		return NULL;
	}
	if (!depth_fits(bytes, length)) {
		*problem = arena_printf(arena, "nested deeper than %d levels", JSON_DEPTH_MAX);
		return NULL;
	}
	json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!json) {
		const char *line = memchr(bytes, '\n', length) ? arena_printf(arena, "line %d, ", error.line) : "";

		*problem = arena_printf(arena, "%scolumn %d: %s", line, error.column, fault_text(&error));
		return NULL;
	}
	return json_keep(arena, json);
}

char *json_write(struct arena *arena, const json_t *json)
{
	size_t size = json_dumpb(json, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
	char *text = arena_alloc(arena, size + 1);

	json_dumpb(json, text, size, JSON_COMPACT | JSON_ENCODE_ANY);
	return text;
}

const char *json_string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

void json_less(json_t *json, const char *path)
{
	size_t length = strcspn(path, ".");
	size_t index;
	json_t *item;

	json_array_foreach(json, index, item)
		json_less(item, path);
	if (path[length])
		json_less(json_object_getn(json, path, length), path + length + 1);
	else
		json_object_del(json, path);
}
