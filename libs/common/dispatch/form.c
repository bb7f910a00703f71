#include "form.h"

#include "arena.h"
#include "query.h"

#include <string.h>

json_t *form_read(struct arena *arena, const char *body, size_t length, struct fault_list *faults)
{
	struct query *pairs = arena_alloc(arena, sizeof(*pairs));
	const char *text = arena_strndup(arena, body, length);
	json_t *object = json_keep(arena, json_object());

	if (strlen(text) != length || query_pairs(arena, text, pairs, faults))
		return NULL;
	for (size_t i = 0; i < pairs->count; i++) {
		const struct parameter *pair = &pairs->items[i];

		if (json_object_get(object, pair->name)) {
			fault_add_parameter(faults, pair->name, "duplicate", "is given twice");
			return NULL;
		}
		json_object_set_new(object, pair->name, json_string(pair->value));
	}
	return object;
}
