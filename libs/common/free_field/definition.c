/* definition: the resource of an owner's definitions, composed from the owner's name. */
#include "arena.h"
#include "free_field.h"
#include "free_field_sql.h"
#include "text.h"

#include <string.h>

#define STATEMENT_MAX ((size_t)8 * 1024) /* bytes of one with the owner's name in it */

static const struct field choice_fields[] = {
	{ "code", FIELD_TEXT, REQUIRED, .max = 20, .pattern = "^[A-Za-z0-9._-]+$",
		.help = "Letters, digits and . - _; the value.", .example = "\"gold\"" },
	{ "label", FIELD_TEXT, REQUIRED, .max = 60, .help = "What people read.", .example = "\"Gold\"" },
	{ "active", FIELD_BOOLEAN, 0, .fallback = "true", .help = "False: kept where it is, not taken any more." },
	{ 0 },
};

static const struct field definition_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Rises with each change; events carry it." },
	{ "slot", FIELD_INTEGER, REQUIRED | FIXED | FILTER, .min = 1, .max = FIELD_SLOT_MAX,
		.help = "Unique; what values, filters and other systems know the field by. Up to 46, or as many as the "
			"setting free_field_slots says." },
	{ "label", FIELD_TEXT, REQUIRED | FILTER, .max = 60, .help = "What people read.", .example = "\"Class\"" },
	{ "type", FIELD_CHOICE, REQUIRED | FILTER, .choices = "text number date boolean choice",
		.help = "Changed only while there are no values." },
	{ "choices", FIELD_LIST, 0, .max = FREE_FIELD_CHOICES_MAX, .fields = choice_fields,
		.help = "Of a choice; one that is used can only be made inactive." },
	{ "max_length", FIELD_INTEGER, 0, .min = 1, .max = FREE_FIELD_TEXT_MAX,
		.help = "Of a text; 500 when absent. Values that are there already stay." },
	{ "decimals", FIELD_INTEGER, 0, .max = FREE_FIELD_DECIMALS_MAX,
		.help = "Of a number, behind the point; none when absent." },
	{ "required", FIELD_BOOLEAN, FILTER, .fallback = "false",
		.help = "At creation, and when x is changed; old rows may lack it." },
	{ "personal", FIELD_BOOLEAN, FILTER, .fallback = "false",
		.help = "Says something of a person: its values go at erasure." },
	{ "help", FIELD_TEXT, 0, .max = 200, .help = "For who fills it in." },
	{ "position", FIELD_INTEGER, 0, .min = 0, .max = 10000, .fallback = "0",
		.help = "Order in which it is offered." },
	{ "values_count", FIELD_INTEGER, READ_ONLY | NEVER_NULL,
		.help = "How many rows hold a value; counts up to 10,000." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort definition_sorts[] = {
	{ "slot", "f.slot", "smallint" },
	{ "position", "f.position", "int" },
	{ 0 },
};

static enum fault definition_prepare(struct request *request, json_t *body, const char *id)
{
	const json_t *choices = json_object_get(body, "choices");
	json_t *seen = json_keep(request->arena, json_object());
	size_t index;
	json_t *choice;

	(void)id;
	json_array_foreach((json_t *)choices, index, choice) {
		const char *code = json_string_at(choice, "code");
		const char *pointer = arena_printf(request->arena, "/choices/%zu/code", index);

		if (json_object_get(seen, code))
			fault_add(&request->faults, pointer, "unique", "is there twice");
		json_object_set_new(seen, code, json_true());
	}
	return FAULT_NONE;
}

const char *free_field_sql(struct arena *arena, const struct statement *statement, const char *owner)
{
	static const char mark[] = "{owner}";
	struct text out = text_new(arena, STATEMENT_MAX);
	const char *text = statement->text;

	for (const char *at; (at = strstr(text, mark)); text = at + sizeof(mark) - 1) {
		text_add_bytes(&out, text, (size_t)(at - text));
		text_add(&out, owner);
	}
	text_add(&out, text);
	return text_c(&out);
}

static const struct statement *composed(struct arena *arena, const struct statement *statement, const char *owner)
{
	struct statement *made = arena_alloc(arena, sizeof(*made));

	*made = *statement;
	made->name = arena_printf(arena, "%s.%s", owner, statement->name);
	made->text = free_field_sql(arena, statement, owner);
	return made;
}

static const struct statement *const *list_of(struct arena *arena, const struct statement *statement)
{
	const struct statement **list = arena_array(arena, 2, sizeof(*list));

	list[0] = statement;
	return list;
}

const struct resource *free_field_resource(struct arena *arena, const char *owner)
{
	struct resource *resource = arena_alloc(arena, sizeof(*resource));
	const char *name = arena_printf(arena, "%s_free_field", owner);

	*resource = (struct resource){
		.name = name,
		.plural = arena_printf(arena, "%ss", name),
		.table = name,
		.alias = "f",
		.rows = composed(arena, &sql_free_field_rows, owner),
		.fields = definition_fields,
		.sorts = definition_sorts,
		.sees = { .portal = "false", .callcenter = "false" },
		.prepare = definition_prepare,
		.guards = list_of(arena, composed(arena, &sql_free_field_slots, owner)),
		.parts = list_of(arena, composed(arena, &sql_free_field_shape, owner)),
		.help = "A field of the tenant's own: its slot, label and type. Values travel as x of the row.",
	};
	return resource;
}

const char *free_field_path(struct arena *arena, const char *owner)
{
	return arena_printf(arena, "/v1/%s-free-fields", owner);
}
