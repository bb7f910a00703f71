#include "list_print.h"

#include "app.h"
#include "arena.h"
#include "captions.h"
#include "cells.h"
#include "job.h"
#include "job_sql.h"
#include "list.h"
#include "output.h"
#include "print.h"
#include "route.h"
#include "store.h"
#include "text.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>

static const struct field label_fields[] = {
	{ "field", FIELD_TEXT, REQUIRED, .max = 60, .example = "\"number\"" },
	{ "label", FIELD_TEXT, REQUIRED, .max = 60, .example = "\"Numero\"" },
	{ 0 },
};

const struct field list_print_fields[] = {
	{ "title", FIELD_TEXT, 0, .max = JOB_TITLE_MAX, .help = "What is printed, when absent.",
		.example = "\"Chiamate aperte\"" },
	{ "landscape", FIELD_BOOLEAN, 0, .fallback = "false", .help = "The long side of the A4 page below." },
	{ "labels", FIELD_LIST, 0, .max = PRINT_COLUMNS_MAX, .fields = label_fields,
		.help = "Names of columns; the field's own when absent." },
	{ 0 },
};

/* The list that is printed. */
static const struct endpoint *list_find(const struct app *app, const char *collection)
{
	for (size_t i = 0; i < app->endpoints->count; i++) {
		const struct route *route = &app->endpoints->items[i].route;

		if (route->handle == page_list && strcmp(route_collection(route), collection) == 0)
			return &app->endpoints->items[i];
	}
	return NULL;
}

/* Understands the request's query as that list does, and that it names columns. */
static enum fault list_open(struct request *request, const struct endpoint *endpoint, struct list *list)
{
	enum fault fault = list_read(request, endpoint->store, endpoint->route.where, list);
	size_t count = 0;

	if (fault && fault != FAULT_BAD_QUERY)
		return fault;
	while (list->only && list->only[count])
		count++;
	if (count == 0)
		fault_add_parameter(&request->faults, "fields", "required", "is required: the columns");
	else if (count > PRINT_COLUMNS_MAX)
		fault_add_parameter(
			&request->faults, "fields", "range", "at most %d columns have room", PRINT_COLUMNS_MAX);
	return request->faults.count ? FAULT_BAD_QUERY : fault;
}

enum fault list_print_create(struct request *request)
{
	const char *collection = request->endpoint->route.context;
	const struct endpoint *endpoint = list_find(request->app, collection);
	const char *id = job_new_id(request);
	struct job_new new = {
		.kind = "print",
		.collection = collection,
		.title = json_string_at(request->json, "title"),
	};
	json_t *parameters = json_keep(request->arena, json_copy(request->json));
	struct pg_batch *batch;
	struct list list;
	enum fault fault = list_open(request, endpoint, &list);

	if (fault)
		return fault;
	json_object_set_new(parameters, "query", json_string(request->query_text));
	new.parameters = json_write(request->arena, parameters);
	batch = request_batch(request);
	store_add_claim(request, batch);
	job_add(request, batch, id, &new);
	return job_answer(request, batch, id);
}

struct printing {
	struct job_work *work;
	struct list list;
	bool italian;
	const char *title;
	const char *printed_at;
	struct print *print;
	struct print_column columns[PRINT_COLUMNS_MAX];
	const struct field *fields[PRINT_COLUMNS_MAX];
	size_t count; /* of columns */
	const char *const *hidden;
};

static void columns_open(struct printing *printing)
{
	const struct field *fields = printing->list.store->resource->fields;
	const json_t *labels = json_object_get(printing->work->parameters, "labels");

	for (const char *const *name = printing->list.only; *name; name++) {
		const struct field *field = field_find(fields, *name);

		printing->fields[printing->count] = field;
		printing->columns[printing->count++] =
			(struct print_column){ caption_of(printing->work->arena, labels, *name, printing->italian),
				cell_share(field), cell_right(field) };
	}
}

/* How many rows there will be, and what time it is where the tenant is. */
static enum fault total_read(struct printing *printing)
{
	struct job_work *work = printing->work;
	struct request *request = &work->request;
	struct list_query query = list_compose(&printing->list, LIST_PRINT_ROWS_MAX + 1, EFFORT_ANY);
	struct pg_batch *batch = request_batch(request);
	const char *sql = arena_printf(request->arena, "select count(*) from (%s) c", text_c(&query.sql));
	size_t total = pg_add_text(batch, sql, query.count, query.values);
	size_t now = pg_add(
		batch, &sql_print_now, PG_VALUES(request->tenant.time_zone, cells_time_format(printing->italian)));
	enum fault fault;

	work->done = 0; /* a worker that did not come to the end leaves nothing */
	job_add_move(work, batch);
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	work->total = pg_value(batch, total, 0);
	printing->printed_at = pg_value(batch, now, 0);
	if (atol(work->total) > LIST_PRINT_ROWS_MAX)
		return request_fail(request, FAULT_INVALID,
			"These are more than %d rows: filter them, or export them as CSV.", LIST_PRINT_ROWS_MAX);
	return FAULT_NONE;
}

static enum fault printing_open(struct printing *printing)
{
	struct job_work *work = printing->work;
	struct request *request = &work->request;
	const struct endpoint *endpoint = list_find(request->app, work->collection);
	struct query *query = arena_alloc(work->arena, sizeof(*query));
	enum fault fault;

	if (!endpoint)
		return request_fail(request, FAULT_GONE, "There is no such list any more.");
	request->endpoint = endpoint;
	request->query = query;
	fault = query_parse(work->arena, json_string_at(work->parameters, "query"), query, &request->faults);
	if (!fault)
		fault = list_open(request, endpoint, &printing->list);
	if (fault)
		return fault;
	printing->italian = request->italian || text_starts(request->tenant.language, "it");
	printing->title = work->title
		? work->title
		: caption_of(work->arena, NULL, endpoint->store->resource->plural, printing->italian);
	columns_open(printing);
	printing->hidden = store_hidden(request, endpoint->store->resource);
	return total_read(printing);
}

static void print_begin(struct printing *printing)
{
	const struct job_work *work = printing->work;
	const struct request *request = &work->request;
	const char *by = request->caller.name ? request->caller.name : "";

	printing->print = print_new(work->arena,
		&(struct print_page){
			.landscape = json_is_true(json_object_get(work->parameters, "landscape")),
			.title = printing->title,
			.footer = arena_printf(work->arena, "%s%s%s · %s", request->tenant.name, *by ? " · " : "", by,
				printing->printed_at),
			.page = printing->italian ? "Pagina" : "Page",
			.of = printing->italian ? "di" : "of",
		});
	print_text(printing->print,
		captions_filters(work->arena, json_object_get(work->parameters, "labels"),
			printing->list.store->resource->fields, request->query, printing->italian));
	print_table(printing->print, printing->columns, printing->count);
}

static bool is_time(const struct field *field)
{
	return field && field->type == FIELD_TIME;
}

/* Null; or of a field that rows don't show, as one that only bodies have. */
static bool is_empty(const PGresult *rows, int row, int column)
{
	return column < 0 || PQgetisnull(rows, row, column);
}

/* The times of the columns, row by row, as the tenant's clocks show them. */
static enum fault times_read(
	const struct printing *printing, struct request *reading, const PGresult *rows, const PGresult **times)
{
	struct text moments = text_new(reading->arena, RESPONSE_BODY_MAX);
	struct pg_batch *batch = request_batch(reading);
	size_t index;
	enum fault fault;

	for (int row = 0; row < PQntuples(rows); row++) {
		for (size_t i = 0; i < printing->count; i++) {
			int column = PQfnumber(rows, printing->list.only[i]);

			if (is_time(printing->fields[i]) && !is_empty(rows, row, column))
				pg_array_add(&moments, PQgetvalue(rows, row, column));
		}
	}
	index = pg_add(batch, &sql_print_times,
		PG_VALUES(pg_array_end(&moments), reading->tenant.time_zone, cells_time_format(printing->italian)));
	fault = request_execute(reading, batch);
	*times = pg_result(batch, index);
	return fault;
}

static void rows_print(
	const struct printing *printing, struct arena *arena, const PGresult *rows, const PGresult *times)
{
	int next = 0;

	for (int row = 0; row < PQntuples(rows); row++) {
		const char *cells[PRINT_COLUMNS_MAX] = { NULL };

		for (size_t i = 0; i < printing->count; i++) {
			const struct field *field = printing->fields[i];
			int column = PQfnumber(rows, printing->list.only[i]);

			if (is_empty(rows, row, column))
				continue;
			if (is_time(field))
				cells[i] = PQgetvalue(times, next++, 0);
			else
				cells[i] = cell_text(arena, field, pg_shown(arena, rows, row, column, printing->hidden),
					printing->italian);
		}
		print_row(printing->print, cells);
	}
}

/* Reads the next rows on an arena of their own, and sets them; *rows tells how many there were. */
static enum fault rows_next(struct printing *printing, struct arena *arena, int *count)
{
	struct job_work *work = printing->work;
	struct request reading = request_on(&work->request, arena);
	struct list list = printing->list;
	const PGresult *rows;
	const PGresult *times;
	enum fault fault;

	list.request = &reading;
	fault = list_fetch(&list, LIST_PRINT_READ, &rows);
	if (!fault)
		fault = times_read(printing, &reading, rows, &times);
	if (fault) {
		work->request.detail = arena_strdup(work->arena, reading.detail);
		return fault;
	}
	rows_print(printing, arena, rows, times);
	*count = PQntuples(rows);
	if (*count)
		list_advance(&printing->list, work->arena, rows, *count - 1);
	return FAULT_NONE;
}

/* Tells how far it is; a job that was cancelled ends here. */
static enum fault moved(struct printing *printing, int rows)
{
	struct job_work *work = printing->work;
	struct pg_batch *batch = request_batch(&work->request);

	work->done += rows;
	job_add_move(work, batch);
	return request_execute(&work->request, batch);
}

static enum fault finish(struct printing *printing)
{
	struct job_work *work = printing->work;
	const char *name = strrchr(work->collection, '/');
	struct output output;
	enum fault fault;

	output_open(&output, work);
	fault = print_end(printing->print, output_take, &output);
	if (fault)
		return fault;
	name = name ? name + 1 : work->collection;
	return output_end(&output, arena_printf(work->arena, "%s.pdf", name), "application/pdf");
}

enum fault list_print_run(struct job_work *work, bool *ended)
{
	struct printing *printing = arena_alloc(work->arena, sizeof(*printing));
	int rows = LIST_PRINT_READ;
	enum fault fault;

	printing->work = work;
	fault = printing_open(printing);
	if (fault)
		return fault;
	print_begin(printing);
	while (!fault && rows == LIST_PRINT_READ && !print_full(printing->print)) {
		struct arena *arena = arena_new();

		if (worker_stopping(work->worker)) {
			arena_free(arena);
			return FAULT_NONE; /* another worker begins it again */
		}
		fault = rows_next(printing, arena, &rows);
		arena_free(arena);
		if (!fault)
			fault = moved(printing, rows);
	}
	if (!fault && print_full(printing->print))
		return request_fail(&work->request, FAULT_INVALID,
			"It would have more than %d pages: print fewer rows.", PRINT_PAGES_MAX);
	if (!fault)
		fault = finish(printing);
	*ended = !fault;
	return fault;
}
