/* Forms of anybody: an object of strings, each field once, none of them with a zero byte. */
#include "form.h"

#include "arena.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct fault_list faults = { .arena = arena };
	const json_t *form = form_read(arena, (const char *)data, size, &faults);
	const char *name;
	const json_t *value;

	hold(form || faults.count || memchr(data, '\0', size));
	json_object_foreach((json_t *)form, name, value) {
		hold(json_is_string(value));
		hold(strlen(json_string_value(value)) == json_string_length(value));
	}
	arena_free(arena);
	return 0;
}
