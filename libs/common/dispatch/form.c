#include "form.h"

#include "arena.h"
#include "query.h"

json_t *form_read(struct arena *arena, const char *body, size_t length, struct fault_list *faults)
{
	struct query *pairs = arena_alloc(arena, sizeof(*pairs));
	json_t *object = json_keep(arena, json_object());

	if (query_parse(arena, arena_strndup(arena, body, length), pairs, faults))
		return NULL;
	for (size_t i = 0; i < pairs->count; i++)
		json_object_set_new(object, pairs->items[i].name, json_string(pairs->items[i].value));
	return object;
}
