/* free_field: definitions as they are read, and values checked by them. */
#include "free_field.h"

#include "arena.h"
#include "free_field_sql.h"
#include "json.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define CHOICES_TEXT_MAX ((size_t)8 * 1024)

/* Columns of free_field_read. */
enum column { SLOT, LABEL, TYPE, CHOICES, MAX_LENGTH, DECIMALS, IS_REQUIRED, ACTIVE, REVISION };

const char *free_fields_owner(const struct resource *resource)
{
	for (const struct free_filter *filter = resource->free; filter && filter->prefix; filter++)
		if (strcmp(filter->prefix, "x") == 0)
			return filter->owner;
	return NULL;
}

static enum field_type type_of(const char *type)
{
	static const struct {
		const char *name;
		enum field_type type;
	} types[] = {
		{ "number", FIELD_DECIMAL },
		{ "date", FIELD_DATE },
		{ "boolean", FIELD_BOOLEAN },
		{ "choice", FIELD_CHOICE },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, type) == 0)
			return types[i].type;
	return FIELD_TEXT;
}

/* The codes of choices, space separated: those on offer, or all. */
static const char *codes(struct arena *arena, const char *choices, bool all)
{
	struct text out = text_new(arena, CHOICES_TEXT_MAX);
	const char *problem;
	json_t *list = json_read(arena, choices, strlen(choices), &problem);
	size_t index;
	json_t *choice;

	json_array_foreach(list, index, choice) {
		if (all || !json_is_false(json_object_get(choice, "active")))
			text_addf(&out, "%s%s", out.length ? " " : "", json_string_at(choice, "code"));
	}
	return text_c(&out);
}

static bool is_true(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column)[0] == 't';
}

static struct free_field field_make(struct arena *arena, const PGresult *rows, int row)
{
	struct free_field field = {
		.slot = atoi(PQgetvalue(rows, row, SLOT)),
		.label = PQgetvalue(rows, row, LABEL),
		.type = PQgetvalue(rows, row, TYPE),
		.revision = PQgetvalue(rows, row, REVISION),
		.active = is_true(rows, row, ACTIVE),
	};

	field.shape = (struct field){
		.name = arena_printf(arena, "%d", field.slot),
		.type = type_of(field.type),
		.flags = is_true(rows, row, IS_REQUIRED) ? REQUIRED : 0,
		.decimals = atoi(PQgetvalue(rows, row, DECIMALS)),
		.negative = true,
		.help = field.label,
	};
	if (field.shape.type == FIELD_TEXT)
		field.shape.max = PQgetisnull(rows, row, MAX_LENGTH) ? FREE_FIELD_TEXT_MAX
								     : atol(PQgetvalue(rows, row, MAX_LENGTH));
	field.searched = field.shape;
	field.searched.digits = FIELD_DIGITS_MAX + FREE_FIELD_DECIMALS_MAX;
	field.searched.decimals = FREE_FIELD_DECIMALS_MAX;
	if (field.shape.type == FIELD_CHOICE) {
		field.shape.choices = codes(arena, PQgetvalue(rows, row, CHOICES), false);
		field.searched.choices = codes(arena, PQgetvalue(rows, row, CHOICES), true);
	}
	return field;
}

const struct free_fields *free_fields_make(struct arena *arena, const char *owner, const PGresult *rows)
{
	size_t count = (size_t)PQntuples(rows);
	struct free_fields *fields = arena_alloc(arena, sizeof(*fields));
	struct free_field *items = arena_array(arena, count + 1, sizeof(*items));
	struct field *shapes = arena_array(arena, count + 1, sizeof(*shapes));
	size_t active = 0;

	for (size_t i = 0; i < count; i++) {
		items[i] = field_make(arena, rows, (int)i);
		if (items[i].active)
			shapes[active++] = items[i].shape;
	}
	*fields = (struct free_fields){ owner, items, shapes, NULL };
	return fields;
}

enum fault free_fields_read(struct request *request, const char *owner, const struct free_fields **fields)
{
	struct pg_batch *batch;
	struct free_fields *read;
	size_t index;
	enum fault fault;

	for (const struct free_fields *known = request->free_fields; known; known = known->next) {
		if (strcmp(known->owner, owner) == 0) {
			*fields = known;
			return FAULT_NONE;
		}
	}
	batch = request_batch(request);
	index = pg_add_text(batch, free_field_sql(request->arena, &sql_free_field_read, owner), 0, NULL);
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	read = arena_alloc(request->arena, sizeof(*read));
	*read = *free_fields_make(request->arena, owner, pg_result(batch, index));
	read->next = request->free_fields;
	request->free_fields = read;
	*fields = read;
	return FAULT_NONE;
}

const struct free_field *free_field_find(const struct free_fields *fields, const char *slot)
{
	for (const struct free_field *field = fields->items; field->slot; field++)
		if (strcmp(field->shape.name, slot) == 0)
			return field;
	return NULL;
}

const struct free_field *free_field_labelled(const struct free_fields *fields, const char *label)
{
	const struct free_field *found = NULL;

	for (const struct free_field *field = fields->items; field->slot; field++) {
		if (!field->active || strcmp(field->label, label) != 0)
			continue;
		if (found)
			return NULL;
		found = field;
	}
	return found;
}

/* "1.50" → "1.5", "2.00" → "2", "-0" → "0": a number has one spelling, whatever its field's decimals were and become. */
static json_t *decimal_shortest(struct arena *arena, const char *text)
{
	char *shortest = arena_strdup(arena, text);
	size_t length = strlen(shortest);

	if (strchr(shortest, '.')) {
		while (shortest[length - 1] == '0')
			length--;
		length -= shortest[length - 1] == '.';
		shortest[length] = '\0';
	}
	return json_string(strcmp(shortest, "-0") == 0 ? "0" : shortest);
}

/* Takes out what needs no check, or is refused already; what is left the field table knows. */
static void inactive_refuse(const struct free_fields *fields, json_t *x, struct fault_list *faults)
{
	const char *slot;
	json_t *value;
	void *next;

	json_object_foreach_safe(x, next, slot, value) {
		const struct free_field *field = free_field_find(fields, slot);

		if (!field || field->active)
			continue;
		fault_add(faults, arena_printf(faults->arena, "/x/%s", slot), "inactive", "this field is not in use");
		json_object_del(x, slot);
	}
}

bool free_fields_check(const struct free_fields *fields, json_t *x, enum field_mode mode, struct fault_list *faults)
{
	const struct field table[] = { { "x", FIELD_OBJECT, .fields = fields->shapes }, { 0 } };
	size_t before = faults->count;
	const char *slot;
	json_t *value;
	void *next;
	json_t *body;

	inactive_refuse(fields, x, faults);
	body = json_keep(faults->arena, json_pack("{s:O}", "x", x));
	if (field_check(table, body, mode, faults) || faults->count > before)
		return false;
	json_object_foreach_safe(x, next, slot, value) {
		if (mode == FIELD_CREATE && json_is_null(value))
			json_object_del(x, slot);
		else if (json_is_string(value) && free_field_find(fields, slot)->shape.type == FIELD_DECIMAL)
			json_object_set_new(x, slot, decimal_shortest(faults->arena, json_string_value(value)));
	}
	return true;
}
