#include "free_copy.h"

#include "arena.h"
#include "free_field_sql.h"
#include "text.h"

#include <string.h>

enum fault free_copy_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	const char *name = event->type + strlen("aftercare.");
	const char *end = strstr(name, "_free_field.");

	if (!end || !json_string_at(event->data, "type") || !json_is_integer(json_object_get(event->data, "slot"))) {
		*problem = "a definition needs slot and type";
		return FAULT_INVALID;
	}
	pg_add(batch, &sql_free_field_keep,
		PG_VALUES(arena_strndup(event->arena, name, (size_t)(end - name)), event->subject, event->data_text,
			arena_printf(event->arena, "%lld", (long long)event->revision),
			text_ends(event->type, ".removed.v1") ? "false" : "true"));
	return FAULT_NONE;
}
