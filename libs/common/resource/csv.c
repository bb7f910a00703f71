#include "csv.h"

#include "arena.h"
#include "records.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *arena;
	const char *at;
	const char *end;
	size_t line;
	char separator; /* of cells */
	const char *problem;
	json_t *spare; /* an object that an empty line left empty; or NULL */
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
		} else if (!quoted && (c == reader->separator || c == '\n' || c == '\r')) {
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
	*last = reader->at == reader->end || *reader->at != reader->separator;
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
	for (int i = 0; column && i < count; i++) {
		if (!columns[i] || (!columns_clash(columns[i], column) && !columns_clash(column, columns[i])))
			continue;
		reader->problem = arena_printf(
			reader->arena, "The columns %s and %s say the same field twice.", columns[i], column);
		return false;
	}
	return true;
}

enum fault csv_header_read(struct arena *arena, const char *bytes, size_t length, csv_name name, void *context,
	struct csv_header *header, const char **problem)
{
	struct reader reader = { .arena = arena, .at = bytes, .end = bytes + length, .line = 1 };
	bool last = false;

	*header = (struct csv_header){ 0 };
	reader.at += records_mark(bytes, length);
	reader.separator = header->separator = records_separator(reader.at, (size_t)(reader.end - reader.at));
	while (!last && !reader.problem) {
		const char *cell = NULL;

		if (header->count == CSV_COLUMNS_MAX)
			reader.problem = "Too many columns.";
		else
			cell = cell_read(&reader, &last);
		if (!cell)
			break;
		if (name)
			cell = name(context, cell);
		if (column_is_new(&reader, header->columns, header->count, cell))
			header->columns[header->count++] = cell;
	}
	header->length = (size_t)(reader.at - bytes);
	*problem = reader.problem;
	return reader.problem ? FAULT_MALFORMED : FAULT_NONE;
}

/* The next record; NULL for an empty line, and on a problem. */
static json_t *record_read(struct reader *reader, const struct field *fields, const struct csv_header *header)
{
	json_t *object = reader->spare ? reader->spare : json_keep(reader->arena, json_object());
	size_t line = reader->line;
	bool last = false;
	int cells = 0;

	while (!last && !reader->problem) {
		const char *cell = cell_read(reader, &last);

		if (cell && cells >= header->count)
			reader->problem = arena_printf(reader->arena, "Line %zu has more cells than the header.", line);
		else if (cell && *cell && header->columns[cells])
			cell_set(reader->arena, object, fields, header->columns[cells], cell);
		cells++;
	}
	reader->spare = cells == 1 && json_object_size(object) == 0 ? object : NULL;
	return reader->problem || reader->spare ? NULL : object;
}

enum fault csv_record_read(struct arena *arena, const struct field *fields, const struct csv_header *header,
	size_t line, const char *bytes, size_t length, json_t **object, const char **problem)
{
	struct reader reader = {
		.arena = arena, .at = bytes, .end = bytes + length, .line = line, .separator = header->separator
	};

	*object = record_read(&reader, fields, header);
	if (!reader.problem && reader.at < reader.end)
		fail(&reader, "more than one record");
	*problem = reader.problem;
	return reader.problem ? FAULT_MALFORMED : FAULT_NONE;
}

enum fault csv_objects(struct arena *arena, const struct field *fields, const char *bytes, size_t length, csv_name name,
	csv_take take, void *context, const char **problem)
{
	struct reader reader = { .arena = arena, .end = bytes + length, .line = 1 };
	struct csv_header *header = arena_alloc(arena, sizeof(*header));
	enum fault fault = csv_header_read(arena, bytes, length, name, context, header, problem);

	reader.at = bytes + header->length;
	reader.separator = header->separator;
	for (const char *c = bytes; c < reader.at; c++)
		reader.line += *c == '\n';
	while (!fault && !reader.problem && reader.at < reader.end) {
		size_t line = reader.line;
		json_t *object = record_read(&reader, fields, header);

		if (object && !take(context, line, object))
			return FAULT_TOO_LARGE;
	}
	if (reader.problem)
		*problem = reader.problem;
	return fault || reader.problem ? FAULT_MALFORMED : FAULT_NONE;
}
