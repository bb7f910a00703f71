/* Bulk bodies of anybody: a CSV record written again from what was read of it reads the same, so nothing is lost; NDJSON
 * lines come one by one, in order, each as if alone. */
#include "csv.h"

#include "arena.h"
#include "fuzz.h"
#include "ndjson.h"
#include "text.h"

#include <string.h>

#define TEXT_MAX ((size_t)1024 * 1024)

static const struct field place_fields[] = { { "city", FIELD_TEXT }, { "rooms", FIELD_INTEGER }, { 0 } };

static const struct field fields[] = {
	{ "name", FIELD_TEXT },
	{ "amount", FIELD_DECIMAL },
	{ "rank", FIELD_INTEGER },
	{ "active", FIELD_BOOLEAN },
	{ "place", FIELD_OBJECT, .fields = place_fields },
	{ "home", FIELD_OBJECT, .fields = place_fields },
	{ "tags", FIELD_TEXTS },
	{ 0 },
};

struct written {
	struct arena *arena;
	struct text header;
	struct text record;
	size_t cells;
};

static void cell_add(struct text *line, const char *cell, bool first)
{
	if (!first)
		text_add_char(line, ',');
	text_add_csv(line, cell, strlen(cell));
}

/* The cell in which a value was: JSON where the field takes any, else its text. */
static const char *spelled(struct arena *arena, const struct field *field, const json_t *value)
{
	bool json = field &&
		(field->type == FIELD_INTEGER || field->type == FIELD_OBJECT || field->type == FIELD_TEXTS ||
			json_is_boolean(value));

	return json ? json_write(arena, value) : json_string_value(value);
}

static void field_write(struct written *written, const struct field *field, const char *column, const json_t *value)
{
	const char *inner;
	const json_t *part;

	/* Unless it came whole, as JSON, an object was made of columns. */
	if (json_is_object(value) && !(field && field->type == FIELD_OBJECT)) {
		json_object_foreach((json_t *)value, inner, part)
			field_write(written, NULL, arena_printf(written->arena, "%s.%s", column, inner), part);
		return;
	}
	cell_add(&written->header, column, written->cells == 0);
	cell_add(&written->record, spelled(written->arena, field, value), written->cells == 0);
	written->cells++;
}

static bool read_again(void *context, size_t line, json_t *object)
{
	(void)line;
	hold(json_equal(context, object));
	json_object_set_new(context, "\x7F", json_true()); /* once */
	return true;
}

struct reading {
	struct arena *arena;
	size_t line;
};

static bool record_take(void *context, size_t line, json_t *object)
{
	struct reading *reading = context;
	struct arena *arena = reading->arena;
	struct written written = { arena, text_new(arena, TEXT_MAX), text_new(arena, TEXT_MAX), 0 };
	const char *key;
	const json_t *value;
	const char *problem;
	const char *body;

	hold(line > reading->line && json_is_object(object));
	reading->line = line;
	json_object_foreach(object, key, value)
		field_write(&written, field_find(fields, key), key, value);
	if (json_object_size(object) < 2)
		return true; /* one column without a name, or with nothing in it, is an empty line */
	body = arena_printf(arena, "\xEF\xBB\xBF%s\r\n%s", text_c(&written.header), text_c(&written.record));
	hold(csv_objects(arena, fields, body, strlen(body), NULL, read_again, object, &problem) == FAULT_NONE);
	hold(json_object_get(object, "\x7F") != NULL);
	return true;
}

static bool line_take(void *context, size_t line, json_t *body, const char *problem)
{
	struct reading *reading = context;

	hold(line > reading->line && (body == NULL) == (problem != NULL));
	reading->line = line;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct reading records = { arena, 1 };
	struct reading lines = { arena, 0 };
	const char *problem = NULL;
	enum fault fault = csv_objects(arena, fields, (const char *)data, size, NULL, record_take, &records, &problem);

	hold((fault == FAULT_NONE) == (problem == NULL));
	hold(ndjson_read(arena, (const char *)data, size, line_take, &lines) == FAULT_NONE);
	arena_free(arena);
	return 0;
}
