#include "csv.h"

#include "arena.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *arena;
	const char *at;
	const char *end;
	size_t line;
	const char *problem;
};

static const char *fail(struct reader *reader, const char *what)
{
	reader->problem = arena_printf(reader->arena, "Line %zu: %s.", reader->line, what);
	return NULL;
}

/* Reads the text of a cell, out of its quotes; false when they aren't closed. */
static bool text_read(struct reader *reader, struct text *cell)
{
	bool quoted = reader->at < reader->end && *reader->at == '"';

	reader->at += quoted;
	for (; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (quoted && c == '"') {
			reader->at++;
			if (reader->at == reader->end || *reader->at != '"')
				return true;
		} else if (!quoted && strchr(",\n\r", c) && c) {
			return true;
		}
		reader->line += c == '\n';
		text_add_char(cell, c);
	}
	return !quoted;
}

/* Goes behind what ends a cell; false when it is something else. *last tells that the record ends there. */
static bool end_read(struct reader *reader, bool *last)
{
	*last = reader->at == reader->end || *reader->at != ',';
	if (!*last) {
		reader->at++;
		return true;
	}
	if (reader->at < reader->end && *reader->at == '\r')
		reader->at++;
	if (reader->at == reader->end)
		return true;
	if (*reader->at != '\n')
		return false;
	reader->line++;
	reader->at++;
	return true;
}

/* Reads one cell; *last tells that the record ends behind it. NULL on a fault. */
static const char *cell_read(struct reader *reader, bool *last)
{
	struct text cell = text_new(reader->arena, CSV_CELL_MAX);

	if (!text_read(reader, &cell))
		return fail(reader, "a quote is not closed");
	if (cell.full)
		return fail(reader, "a cell is too long");
	if (text_utf8_length(text_c(&cell), cell.length) < 0)
		return fail(reader, "a cell is not UTF-8");
	if (!end_read(reader, last))
		return fail(reader, "text behind a closing quote");
	return text_c(&cell);
}

/* The value of a cell, which is the arena's. */
static json_t *cell_json(struct arena *arena, const struct field *field, const char *cell)
{
	const char *problem;
	json_t *json = NULL;

	switch (field ? field->type : FIELD_TEXT) {
	case FIELD_INTEGER:
	case FIELD_OBJECT:
	case FIELD_LIST:
	case FIELD_TEXTS:
	case FIELD_IDS:
	case FIELD_DECIMALS:
		json = json_read(arena, cell, strlen(cell), &problem);
		break;
	case FIELD_BOOLEAN:
		if (strcmp(cell, "true") == 0 || strcmp(cell, "false") == 0)
			json = json_boolean(cell[0] == 't');
		break;
	default:
		break;
	}
	return json ? json : json_keep(arena, json_string(cell));
}

/* Sets a cell at its column; "address.city" makes the object on the way. */
static void cell_set(
	struct arena *arena, json_t *object, const struct field *fields, const char *column, const char *cell)
{
	const char *dot = strchr(column, '.');
	const struct field *field;
	const char *name;
	json_t *inner;

	if (!dot) {
		json_object_set(object, column, cell_json(arena, field_find(fields, column), cell));
		return;
	}
	name = arena_strndup(arena, column, (size_t)(dot - column));
	field = field_find(fields, name);
	inner = json_object_get(object, name);
	if (!inner) {
		inner = json_object();
		json_object_set_new(object, name, inner);
	}
	json_object_set(inner, dot + 1, cell_json(arena, field ? field_find(field->fields, dot + 1) : NULL, cell));
}

/*
 * Whether a column says the same as another, or a part of it. Columns without a name, as spreadsheets leave them behind,
 * may be many: what stands in them is refused by the field table.
 */
static bool columns_clash(const char *one, const char *other)
{
	size_t length = strlen(one);

	return text_starts(other, one) && (other[length] == '.' || (other[length] == '\0' && *one));
}

static bool column_is_new(struct reader *reader, const char *const columns[], int count, const char *column)
{
	for (int i = 0; i < count; i++) {
		if (!columns_clash(columns[i], column) && !columns_clash(column, columns[i]))
			continue;
		reader->problem = arena_printf(
			reader->arena, "The columns %s and %s say the same field twice.", columns[i], column);
		return false;
	}
	return true;
}

static int header_read(struct reader *reader, csv_name name, void *context, const char *columns[CSV_COLUMNS_MAX])
{
	int count = 0;
	bool last = false;

	while (!last) {
		const char *cell = count < CSV_COLUMNS_MAX ? cell_read(reader, &last) : NULL;

		if (!cell) {
			if (!reader->problem)
				reader->problem = "Too many columns.";
			return 0;
		}
		if (name)
			cell = name(context, cell);
		if (!column_is_new(reader, columns, count, cell))
			return 0;
		columns[count++] = cell;
	}
	return count;
}

enum fault csv_objects(struct arena *arena, const struct field *fields, const char *bytes, size_t length, csv_name name,
	csv_take take, void *context, const char **problem)
{
	struct reader reader = { .arena = arena, .at = bytes, .end = bytes + length, .line = 1 };
	const char **columns = arena_array(arena, CSV_COLUMNS_MAX, sizeof(*columns));
	int count;

	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		reader.at += 3; /* a byte order mark, as spreadsheets write it */
	count = header_read(&reader, name, context, columns);
	while (!reader.problem && reader.at < reader.end) {
		json_t *object = json_keep(arena, json_object());
		size_t line = reader.line;
		bool last = false;
		int cells = 0;

		while (!last && !reader.problem) {
			const char *cell = cell_read(&reader, &last);

			if (cell && cells >= count)
				reader.problem = arena_printf(arena, "Line %zu has more cells than the header.", line);
			else if (cell && *cell)
				cell_set(arena, object, fields, columns[cells], cell);
			cells++;
		}
		if (reader.problem || (cells == 1 && json_object_size(object) == 0))
			continue; /* an empty line */
		if (!take(context, line, object))
			return FAULT_TOO_LARGE;
	}
	*problem = reader.problem;
	return reader.problem ? FAULT_MALFORMED : FAULT_NONE;
}
