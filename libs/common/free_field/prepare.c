/* prepare: the values of a request's body, before they go to PostgreSQL. */
#include "arena.h"
#include "free_field.h"
#include "free_field_sql.h"
#include "text.h"

/* Null for every field in use: what a patch means that takes x away as a whole. */
static json_t *all_null(struct arena *arena, const struct free_fields *fields)
{
	json_t *x = json_keep(arena, json_object());

	for (const struct field *shape = fields->shapes; shape->name; shape++)
		json_object_set_new(x, shape->name, json_null());
	return x;
}

/* Takes out of a patch what the row holds, and shows, already. */
static enum fault known_drop(struct request *request, const struct free_fields *fields, json_t *x, const char *id)
{
	const char *sql = free_field_sql(request->arena, &sql_free_field_held, fields->owner);
	struct pg_batch *batch = request_batch(request);
	size_t index = pg_add_text(batch, sql, PG_VALUES(id));
	enum fault fault = request_execute(request, batch);
	const json_t *known = fault ? NULL : pg_json(request->arena, pg_result(batch, index), 0, 0);
	const char *slot;
	json_t *value;
	void *next;

	json_object_foreach_safe(x, next, slot, value) {
		const struct free_field *field = free_field_find(fields, slot);
		const json_t *now = field && field->active ? json_object_get(known, slot) : NULL;

		if (now && json_equal(now, value))
			json_object_del(x, slot);
	}
	return fault;
}

static json_t *revisions(struct arena *arena, const struct free_fields *fields, const json_t *x)
{
	json_t *all = json_keep(arena, json_object());
	const char *slot;
	const json_t *value;

	json_object_foreach((json_t *)x, slot, value)
		json_object_set_new(all, slot, json_string(free_field_find(fields, slot)->revision));
	return all;
}

enum fault free_fields_prepare(struct request *request, const struct resource *resource, json_t *body, const char *id)
{
	const char *owner = free_fields_owner(resource);
	json_t *x = json_object_get(body, "x");
	const struct free_fields *fields;
	enum fault fault;

	if (!owner || (id && !x))
		return FAULT_NONE;
	fault = free_fields_read(request, owner, &fields);
	if (fault)
		return fault;
	if (!x || json_is_null(x)) {
		x = id ? all_null(request->arena, fields) : json_keep(request->arena, json_object());
		json_object_set(body, "x", x);
	}
	/* Lines of a bulk request were compared with their rows before. */
	if (id && request->method == METHOD_PATCH)
		fault = known_drop(request, fields, x, id);
	if (fault)
		return fault;
	if (free_fields_check(fields, x, id ? FIELD_CHANGE : FIELD_CREATE, &request->faults) && fields->items[0].slot)
		json_object_set(body, "x_revisions", revisions(request->arena, fields, x));
	return FAULT_NONE;
}

/* The slot that a key beside x stands for, or NULL. */
static const char *slot_named(const struct free_fields *fields, const struct field *known, const char *key)
{
	const struct free_field *field;

	if (text_starts(key, "x.") && field_slot_valid(key + 2))
		return key + 2;
	field = field_find(known, key) ? NULL : free_field_labelled(fields, key);
	return field ? field->shape.name : NULL;
}

void free_fields_gather(
	const struct free_fields *fields, const struct field *known, json_t *line, struct fault_list *faults)
{
	json_t *given = json_object_get(line, "x");
	json_t *x = json_is_object(given) ? given : json_keep(faults->arena, json_object());
	const char *key;
	json_t *value;
	void *next;

	if (given && given != x)
		return; /* it is refused as a whole */
	json_object_foreach_safe(line, next, key, value) {
		const char *slot = slot_named(fields, known, key);

		if (!slot)
			continue;
		if (json_object_get(x, slot))
			fault_add(faults, arena_printf(faults->arena, "/x/%s", slot), "duplicate", "is given twice");
		json_object_set(x, slot, value);
		json_object_del(line, key);
	}
	if (!given && json_object_size(x))
		json_object_set(line, "x", x);
}
