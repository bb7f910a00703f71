/* export: a whole list as a stream of NDJSON or CSV, read in many short keyset reads while it is sent. */
#include "arena.h"
#include "clock.h"
#include "free_field.h"
#include "json.h"
#include "list.h"
#include "log.h"

#include <string.h>
#include <time.h>

struct export
{
	struct list *list;
	struct arena *arena; /* of the chunk and the key of its last row; a new one for each read */
	int rows;            /* of the next read */
	const char *const *hidden;
	const struct free_fields *free; /* of the rows' own, for columns; or NULL */
	bool csv;
	size_t cells; /* of the line so far */
	bool head_done;
	bool ended;
	struct text chunk;
	size_t sent; /* bytes of chunk */
};

static bool shown(const struct export *export, const char *name)
{
	if (name[0] == '_')
		return false;
	for (size_t i = 0; export->hidden[i]; i++)
		if (strcmp(export->hidden[i], name) == 0)
			return false;
	for (size_t i = 0; export->list->only && export->list->only[i]; i++)
		if (strcmp(export->list->only[i], name) == 0)
			return true;
	return export->list->only == NULL;
}

static void cell_add(struct export *export, const char *bytes, size_t length)
{
	if (export->cells++)
		text_add_char(&export->chunk, ',');
	text_add_csv(&export->chunk, bytes, length);
}

static void cell_add_text(struct export *export, const char *text)
{
	cell_add(export, text, strlen(text));
}

static void line_end(struct export *export)
{
	text_add(&export->chunk, "\r\n");
	export->cells = 0;
}

/* The tenant's own fields have a column each, so that a sheet shows them and bulk takes them back. */
static bool of_free_fields(const struct export *export, const char *name)
{
	return export->free && strcmp(name, "x") == 0;
}

static void csv_head(struct export *export, const PGresult *result)
{
	for (int column = 0; column < PQnfields(result); column++) {
		const char *name = PQfname(result, column);

		if (!shown(export, name))
			continue;
		if (!of_free_fields(export, name)) {
			cell_add_text(export, name);
			continue;
		}
		for (const struct field *shape = export->free->shapes; shape->name; shape++)
			cell_add_text(export,
				export->list->labels ? shape->help : arena_printf(export->arena, "x.%s", shape->name));
	}
	line_end(export);
}

static void free_cells(struct export *export, const char *x)
{
	const char *problem;
	const json_t *values = json_read(export->arena, x, strlen(x), &problem);

	for (const struct field *shape = export->free->shapes; shape->name; shape++) {
		const json_t *value = json_object_get(values, shape->name);

		if (json_is_boolean(value))
			cell_add_text(export, json_is_true(value) ? "true" : "false");
		else
			cell_add(export, json_string_value(value), json_string_length(value));
	}
}

static void csv_row(struct export *export, const PGresult *result, int row)
{
	for (int column = 0; column < PQnfields(result); column++) {
		const char *value;

		if (!shown(export, PQfname(result, column)))
			continue;
		value = pg_shown(export->arena, result, row, column, export->hidden);
		if (of_free_fields(export, PQfname(result, column)))
			free_cells(export, value);
		else if (PQftype(result, column) == PG_OID_BOOL && *value)
			cell_add_text(export, *value == 't' ? "true" : "false");
		else
			cell_add_text(export, value);
	}
	line_end(export);
}

static void chunk_write(struct export *export, const PGresult *result)
{
	if (export->csv && !export->head_done)
		csv_head(export, result);
	export->head_done = true;
	for (int row = 0; row < PQntuples(result); row++) {
		if (export->csv) {
			csv_row(export, result, row);
			continue;
		}
		pg_row_json(&export->chunk, result, row, export->hidden, export->list->only);
		text_add_char(&export->chunk, '\n');
	}
}

/* As many rows as should make EXPORT_CHUNK_BYTES, if the next are like the last. */
static int rows_wanted(size_t bytes, int rows)
{
	size_t wanted = EXPORT_CHUNK_BYTES * (size_t)rows / (bytes ? bytes : 1);

	return wanted > EXPORT_ROWS_MAX ? EXPORT_ROWS_MAX : wanted ? (int)wanted : 1;
}

/* Reads the next rows into the chunk; `arena` is of the reading alone. On a fault all is as it was. */
static enum fault chunk_read(struct export *export, struct arena *arena)
{
	struct request *request = export->list->request;
	struct request reading = request_on(request, arena);
	struct list list = *export->list;
	struct arena *before = export->arena;
	const PGresult *result;
	enum fault fault;
	int rows;

	list.request = &reading;
	fault = list_fetch(&list, export->rows, &result);
	if (fault) {
		request->detail = arena_strdup(request->arena, reading.detail);
		return fault;
	}
	export->arena = arena_new();
	export->chunk = text_new(export->arena, EXPORT_CHUNK_MAX);
	export->sent = 0;
	chunk_write(export, result);
	rows = PQntuples(result);
	export->ended = rows < export->rows;
	if (rows) {
		list_advance(export->list, export->arena, result, rows - 1);
		export->rows = rows_wanted(export->chunk.length, rows);
	}
	arena_free(before); /* the key before lived there */
	return export->chunk.full ? FAULT_TOO_LARGE : FAULT_NONE;
}

static enum fault chunk_fill(struct export *export)
{
	struct arena *arena = arena_new();
	enum fault fault = chunk_read(export, arena);

	arena_free(arena);
	return fault;
}

/* In the middle of an export there is no other answer than to go on: a database that is busy or away is waited for. */
static enum fault chunk_fill_patiently(struct export *export)
{
	int64_t deadline = clock_monotonic() + EXPORT_PATIENCE_MS;
	enum fault fault = chunk_fill(export);

	while ((fault == FAULT_BUSY || fault == FAULT_UNAVAILABLE) && clock_monotonic() < deadline) {
		nanosleep(&(struct timespec){ .tv_nsec = (long)EXPORT_AGAIN_MS * 1000000 }, NULL);
		fault = chunk_fill(export);
	}
	return fault;
}

static ssize_t export_read(void *context, char *buffer, size_t size)
{
	struct export *export = context;
	enum fault fault;
	size_t left;

	while (export->sent == export->chunk.length) {
		if (export->ended)
			return 0;
		fault = chunk_fill_patiently(export);
		if (fault) {
			const struct request *request = export->list->request;

			log_write(LOG_ERROR, "an export broke off", "request_id", request->id, "fault",
				fault_kind(fault)->code, "detail", request->detail, NULL);
			return -1;
		}
	}
	left = export->chunk.length - export->sent;
	if (size > left)
		size = left;
	memcpy(buffer, text_c(&export->chunk) + export->sent, size);
	export->sent += size;
	return (ssize_t)size;
}

static void export_end(void *context)
{
	struct export *export = context;

	arena_free(export->arena);
	export->arena = NULL;
}

/* "articles.csv", from the path of the list. */
static const char *file_name(struct request *request, bool csv)
{
	return arena_printf(request->arena, "%s.%s", strrchr(request->path, '/') + 1, csv ? "csv" : "ndjson");
}

enum fault export_answer(struct list *list, bool csv)
{
	struct request *request = list->request;
	struct export *export = arena_alloc(request->arena, sizeof(*export));
	const char *owner = free_fields_owner(list->store->resource);
	enum fault fault = csv && owner ? free_fields_read(request, owner, &export->free) : FAULT_NONE;

	if (fault)
		return fault;
	export->list = list;
	export->hidden = store_hidden(request, list->store->resource);
	export->csv = csv;
	export->rows = EXPORT_ROWS_FIRST;
	fault = chunk_fill(export); /* the first rows now: what can fail should fail before the status line goes out */
	if (fault) {
		export_end(export);
		return fault;
	}
	response_file(
		request, csv ? "text/csv; charset=utf-8" : "application/x-ndjson", file_name(request, csv), false);
	request->response.stream = (struct stream){ export_read, export_end, export };
	return FAULT_NONE;
}
