/* export: a whole list as a stream of NDJSON or CSV, read in many short keyset reads while it is sent. */
#include "arena.h"
#include "list.h"
#include "log.h"

#include <string.h>

struct export
{
	struct list *list;
	struct arena *arena; /* of the rows at hand; reset for each read */
	const char *const *hidden;
	bool csv;
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

static void csv_head(struct export *export, const PGresult *result)
{
	int count = 0;

	for (int column = 0; column < PQnfields(result); column++) {
		const char *name = PQfname(result, column);

		if (!shown(export, name))
			continue;
		if (count++)
			text_add_char(&export->chunk, ',');
		text_add_csv(&export->chunk, name, strlen(name));
	}
	text_add(&export->chunk, "\r\n");
}

static void csv_row(struct export *export, const PGresult *result, int row)
{
	int count = 0;

	for (int column = 0; column < PQnfields(result); column++) {
		if (!shown(export, PQfname(result, column)))
			continue;
		if (count++)
			text_add_char(&export->chunk, ',');
		if (PQftype(result, column) == PG_OID_BOOL && !PQgetisnull(result, row, column))
			text_add(&export->chunk, PQgetvalue(result, row, column)[0] == 't' ? "true" : "false");
		else
			text_add_csv(&export->chunk, PQgetvalue(result, row, column),
				(size_t)PQgetlength(result, row, column));
	}
	text_add(&export->chunk, "\r\n");
}

/* Reads the next rows into the chunk; false when that failed. */
static bool chunk_fill(struct export *export)
{
	struct list *list = export->list;
	struct request request = *list->request; /* with the arena of this read */
	struct arena *next = arena_new();
	struct list copy = *list;
	const PGresult *result;
	int rows;

	request.arena = next;
	request.faults.arena = next;
	copy.request = &request;
	copy.key = arena_strdup(next, list->key);
	copy.id = arena_strdup(next, list->id);
	arena_free(export->arena); /* the old key lived there */
	export->arena = next;
	export->chunk = text_new(next, EXPORT_CHUNK_MAX);
	export->sent = 0;
	if (list_fetch(&copy, EXPORT_ROWS, &result))
		return false;
	rows = PQntuples(result);
	if (export->csv && !export->head_done)
		csv_head(export, result);
	export->head_done = true;
	for (int row = 0; row < rows; row++) {
		if (export->csv) {
			csv_row(export, result, row);
			continue;
		}
		pg_row_json(&export->chunk, result, row, export->hidden, list->only);
		text_add_char(&export->chunk, '\n');
	}
	export->ended = rows < EXPORT_ROWS;
	if (rows)
		list_advance(list, next, result, rows - 1);
	return !export->chunk.full;
}

static ssize_t export_read(void *context, char *buffer, size_t size)
{
	struct export *export = context;
	size_t left;

	while (export->sent == export->chunk.length) {
		if (export->ended)
			return 0;
		if (!chunk_fill(export)) {
			log_write(LOG_ERROR, "an export broke off", "request_id", export->list->request->id, NULL);
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

enum fault export_answer(struct list *list, bool csv)
{
	struct request *request = list->request;
	struct export *export = arena_alloc(request->arena, sizeof(*export));

	export->list = list;
	export->hidden = store_hidden(request, list->store->resource);
	export->csv = csv;
	if (!chunk_fill(export)) { /* the first rows now: what can fail should fail before the status line goes out */
		export_end(export);
		return FAULT_UNAVAILABLE;
	}
	request->response.status = 200;
	request->response.content_type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
	request->response.stream = (struct stream){ export_read, export_end, export };
	return FAULT_NONE;
}
