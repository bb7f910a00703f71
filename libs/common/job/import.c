#include "import.h"

#include "app.h"
#include "arena.h"
#include "bulk.h"
#include "caller.h"
#include "csv.h"
#include "job.h"
#include "job_source.h"
#include "job_sql.h"
#include "records.h"
#include "route.h"
#include "store.h"
#include "text.h"
#include "upload.h"
#include "upsert.h"

#include <string.h>

#define ERRORS_TEXT_MAX  ((size_t)4 * 1024 * 1024)
#define UNKNOWN_TEXT_MAX 1000

static const struct field mapping_fields[] = {
	{ "column", FIELD_TEXT, REQUIRED, .max = 200, .help = "As the header, or the line, names it.",
		.example = "\"Ragione sociale\"" },
	{ "field", FIELD_TEXT, 0, .max = 200, .help = "What it is here; absent: the column is passed over.",
		.example = "\"name\"" },
	{ 0 },
};

const struct field import_fields[] = {
	{ "upload_id", FIELD_ID, REQUIRED, .help = "A complete upload for this collection; the import takes it over." },
	{ "format", FIELD_CHOICE, 0, .choices = "csv ndjson",
		.help = "What the upload's media type says, when absent." },
	{ "mapping", FIELD_LIST, 0, .max = IMPORT_COLUMNS_MAX, .fields = mapping_fields,
		.help = "Columns of CSV, or members of NDJSON lines, under other names." },
	{ 0 },
};

enum fault import_create(struct request *request)
{
	const char *collection = request->endpoint->route.context;
	const char *upload_id = json_string_at(request->json, "upload_id");
	const char *format = json_string_at(request->json, "format");
	const json_t *mapping = json_object_get(request->json, "mapping");
	const char *id = job_new_id(request);
	struct pg_batch *batch = request_batch(request);

	store_add_claim(request, batch);
	job_add_room(request, batch);
	upload_add_use_guard(batch, upload_id, collection);
	pg_add(batch, &sql_import_guard, PG_VALUES(upload_id, format));
	pg_add(batch, &sql_import_insert,
		PG_VALUES(upload_id, format, id, collection,
			json_is_array(mapping) ? json_write(request->arena, mapping) : NULL, caller_keep(request)));
	upload_add_use(batch, upload_id, id);
	return job_answer(request, batch, id);
}

/* What a line leaves behind: where the next one begins. */
struct mark {
	size_t offset;
	size_t line;
};

struct import {
	struct job_work *work;
	struct source source;
	bool csv;
	struct csv_header header;
	struct text unknown; /* columns that are no fields */
	const json_t *mapping;
	struct upsert upsert;
	struct mark *marks; /* one a line */
	size_t line;        /* at which the window begins */
	size_t consumed;    /* bytes of the window that are behind the lines at hand */
	size_t consumed_lines;
	size_t told; /* errors written, before the lines at hand */
};

static size_t number_at(const json_t *object, const char *name, size_t otherwise)
{
	const json_t *number = json_object_get(object, name);

	return json_is_integer(number) ? (size_t)json_integer_value(number) : otherwise;
}

/* The field that a column is mapped to: itself when it is not; NULL: it is passed over. */
static const char *mapped(const json_t *mapping, const char *column)
{
	size_t index;
	const json_t *item;

	json_array_foreach((json_t *)mapping, index, item)
		if (text_same(json_string_at(item, "column"), column))
			return json_string_at(item, "field");
	return column;
}

/* The field that a column of the header is here; notes one that is none. */
static const char *column_take(void *context, const char *column)
{
	struct import *import = context;
	struct arena *arena = import->work->arena;
	const char *name = mapped(import->mapping, column);
	const char *first;

	if (!name || !*name)
		return NULL;
	name = arena_strdup(arena, upsert_column(&import->upsert, name));
	first = arena_strndup(arena, name, strcspn(name, "."));
	if (!field_find(import->upsert.fields, first))
		text_addf(&import->unknown, "%s%s", import->unknown.length ? ", " : "", column);
	return name;
}

/* The header line of a CSV file; kept in the place, because the turns after the first begin behind it. */
static enum fault header_read(struct import *import)
{
	struct job_work *work = import->work;
	struct source *source = &import->source;
	size_t mark = records_mark(source->bytes, source->length);
	struct records records = { .separator = records_separator(source->bytes + mark, source->length - mark) };
	size_t length = records_next(&records, source->bytes + mark, source->length - mark);
	json_t *columns = json_array();
	const char *problem;
	enum fault fault;

	if (length == 0)
		length = source->length - mark;
	import->unknown = text_new(work->request.arena, UNKNOWN_TEXT_MAX);
	fault = csv_header_read(
		work->request.arena, source->bytes, mark + length, column_take, import, &import->header, &problem);
	for (int i = 0; i < import->header.count; i++)
		json_array_append_new(
			columns, import->header.columns[i] ? json_string(import->header.columns[i]) : json_null());
	json_object_set_new(work->place, "columns", columns);
	json_object_set_new(work->place, "separator", json_stringn(&import->header.separator, 1));
	if (fault)
		return request_fail(&work->request, fault, "%s", problem);
	if (import->unknown.length)
		return request_fail(&work->request, FAULT_INVALID,
			"Columns that are no fields here: %s. Map them to fields, or to none.",
			text_c(&import->unknown));
	source_skip(source, mark + length);
	import->line += records.lines;
	return FAULT_NONE;
}

static void header_restore(struct import *import, const json_t *columns)
{
	const char *separator = json_string_at(import->work->place, "separator");
	size_t index;
	const json_t *column;

	/* A job that began before there were others has kept none. */
	import->header.separator = separator ? *separator : ',';
	json_array_foreach((json_t *)columns, index, column)
		if (import->header.count < CSV_COLUMNS_MAX)
			import->header.columns[import->header.count++] = json_string_value(column);
}

/* A line with its members under their names here, all at once, for two may change names; NULL when two say the same. */
static json_t *members_map(struct request *request, const json_t *mapping, json_t *line)
{
	json_t *named = json_keep(request->arena, json_object());
	const char *column;
	json_t *value;

	json_object_foreach(line, column, value) {
		const char *name = mapped(mapping, column);

		if (!name)
			continue;
		if (json_object_get(named, name)) {
			request_fail(request, FAULT_MALFORMED, "The line says %s twice.", name);
			return NULL;
		}
		json_object_set(named, name, value);
	}
	return named;
}

/* Adds one record to the lines at hand; of an empty line nothing. */
static void record_take(struct import *import, const char *bytes, size_t length, size_t number)
{
	struct request *request = &import->work->request;
	const char *problem = NULL;
	json_t *body = NULL;

	while (!import->csv && length && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	if (import->csv) {
		if (csv_record_read(request->arena, import->upsert.fields, &import->header, number, bytes, length,
			    &body, &problem))
			request_fail(request, FAULT_MALFORMED, "%s", problem);
		else if (!body)
			return;
	} else if (length == 0) {
		return;
	} else {
		body = json_read(request->arena, bytes, length, &problem);
		if (!body)
			request_fail(request, FAULT_MALFORMED, "The line is not JSON: %s.", problem);
		if (json_is_object(body) && json_is_array(import->mapping))
			body = members_map(request, import->mapping, body);
	}
	upsert_add(&import->upsert, number, body);
}

/* Cuts the next lines off the window. */
static enum fault lines_read(struct import *import)
{
	struct source *source = &import->source;
	struct arena *arena = import->work->request.arena;
	struct records records = { .separator = import->csv ? import->header.separator : '\0' };
	enum fault fault = upsert_open(&import->upsert, IMPORT_LINES);

	if (fault)
		return fault;
	import->marks = arena_array(arena, IMPORT_LINES, sizeof(*import->marks));
	import->consumed = source->offset == 0 ? records_mark(source->bytes, source->length) : 0;
	import->consumed_lines = 0;
	while (import->upsert.count < IMPORT_LINES && import->consumed < IMPORT_LINES_BYTES) {
		const char *bytes = source->bytes + import->consumed;
		size_t left = source->length - import->consumed;
		size_t length = records_next(&records, bytes, left);

		if (length == 0 && source_ends(source))
			length = left;
		if (length == 0)
			break;
		record_take(import, bytes, length, import->line + import->consumed_lines);
		import->consumed += length;
		import->consumed_lines = records.lines;
		if (import->upsert.count)
			import->marks[import->upsert.count - 1] = (struct mark){ source->offset + import->consumed,
				import->line + import->consumed_lines };
	}
	if (import->consumed == 0 && !source_ends(source))
		return request_fail(&import->work->request, FAULT_INVALID,
			"Line %zu is longer than 1 MiB, or has a quote that is not closed.", import->line);
	return FAULT_NONE;
}

/* False, and the text as it was, when there is no room for it and the end of the array. */
static bool error_add(struct text *out, const struct upsert_line *line, const struct fault_detail *item)
{
	size_t before = out->length;

	text_addf(out, "%s{\"line\":%zu,\"pointer\":", out->length > 1 ? "," : "", line->number);
	text_add_json(out, item->pointer);
	text_add(out, ",\"code\":");
	text_add_json(out, item->code);
	text_add(out, ",\"detail\":");
	text_add_json(out, item->detail);
	text_add_char(out, '}');
	if (!out->full && out->length < out->max)
		return true;
	text_cut(out, out->length - before);
	out->full = false;
	return false;
}

/* Adds what a failed line breaks, as far as there is room among the job's errors; counts what was added in *told. */
static void errors_of_line(struct import *import, const struct upsert_line *line, struct text *out, size_t *told)
{
	const struct fault_kind *kind = fault_kind(line->fault);
	const struct fault_detail alone = { .code = kind->code,
		.detail = line->detail ? line->detail : problem_title(&import->work->request, line->fault) };
	size_t count = line->faults ? line->faults->count : 1;

	for (size_t i = 0; i < count && i < FAULT_LIST_MAX; i++) {
		if (*told == JOB_ERRORS_MAX ||
			(out && !error_add(out, line, line->faults ? &line->faults->items[i] : &alone))) {
			import->work->errors_cut = true;
			return;
		}
		(*told)++;
	}
}

static json_t *outcome_of(const struct import *import, size_t to)
{
	static const char *const names[] = { "failed", "created", "changed", "unchanged" };
	json_t *outcome = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set_new(
			outcome, names[i], json_integer((json_int_t)number_at(import->work->outcome, names[i], 0)));
	for (size_t i = 0; i < to; i++) {
		json_t *count = json_object_get(outcome, names[import->upsert.lines[i].outcome]);

		json_integer_set(count, json_integer_value(count) + 1);
	}
	return outcome;
}

/* What goes with lines from..to to their transaction: their errors, and where the job stands behind them. */
static void along(void *context, struct pg_batch *batch, size_t from, size_t to)
{
	struct import *import = context;
	struct job_work moved = *import->work;
	struct text errors = text_new(moved.request.arena, ERRORS_TEXT_MAX);
	size_t told = import->told;

	text_add_char(&errors, '[');
	for (size_t i = 0; i < to; i++) {
		const struct upsert_line *line = &import->upsert.lines[i];

		if (line->outcome != LINE_FAILED)
			continue;
		moved.errors++;
		errors_of_line(import, line, i < from ? NULL : &errors, &told);
	}
	text_add_char(&errors, ']');
	if (errors.length > 2)
		pg_add(batch, &sql_job_errors_add, PG_VALUES(moved.id, text_c(&errors)));
	moved.done += (int64_t)to;
	moved.errors_cut = import->work->errors_cut;
	moved.outcome = json_keep(moved.request.arena, outcome_of(import, to));
	json_object_set_new(moved.place, "offset", json_integer((json_int_t)import->marks[to - 1].offset));
	json_object_set_new(moved.place, "line", json_integer((json_int_t)import->marks[to - 1].line));
	json_object_set_new(moved.place, "told", json_integer((json_int_t)told));
	job_add_move(&moved, batch);
}

/* The lines at hand are behind us. */
static void lines_done(struct import *import)
{
	struct job_work *work = import->work;
	size_t count = import->upsert.count;

	work->outcome = json_keep(work->arena, outcome_of(import, count));
	work->done += (int64_t)count;
	for (size_t i = 0; i < count; i++)
		work->errors += import->upsert.lines[i].outcome == LINE_FAILED;
	import->told = number_at(work->place, "told", 0);
	import->line += import->consumed_lines;
	source_skip(&import->source, import->consumed);
}

static enum fault import_open(struct import *import)
{
	struct job_work *work = import->work;
	struct app *app = work->request.app;
	const char *path = arena_printf(work->arena, "/v1/%s/bulk", work->collection);
	const json_t *columns = json_object_get(work->place, "columns");
	enum fault fault;

	for (size_t i = 0; i < app->endpoints->count; i++)
		if (app->endpoints->items[i].route.handle == bulk_upsert &&
			strcmp(app->endpoints->items[i].route.path, path) == 0)
			work->request.endpoint = &app->endpoints->items[i];
	if (!work->request.endpoint)
		return request_fail(&work->request, FAULT_GONE, "There is no such collection any more.");
	import->upsert = (struct upsert){
		.request = &work->request, .store = work->request.endpoint->store, .along = along, .context = import
	};
	import->csv = text_same(json_string_at(work->parameters, "format"), "csv");
	import->mapping = json_object_get(work->parameters, "mapping");
	import->line = number_at(work->place, "line", 1);
	import->told = number_at(work->place, "told", 0);
	source_open(&import->source, work, number_at(work->parameters, "size", 0),
		number_at(work->parameters, "part_size", 1), number_at(work->place, "offset", 0));
	if (columns)
		header_restore(import, columns);
	if (!import->csv || columns)
		return FAULT_NONE;
	fault = upsert_open(&import->upsert, 0);
	if (!fault)
		fault = source_fill(&import->source);
	return fault ? fault : header_read(import);
}

enum fault import_run(struct job_work *work, bool *ended)
{
	struct import *import = arena_alloc(work->arena, sizeof(*import));
	enum fault fault;

	import->work = work;
	fault = import_open(import);
	while (!fault && !*ended && !job_turn_over(work)) {
		job_next_batch(work);
		fault = source_fill(&import->source);
		if (!fault)
			fault = lines_read(import);
		if (!fault && import->upsert.count)
			fault = upsert_run(&import->upsert);
		if (!fault) {
			lines_done(import);
			*ended = import->source.length == 0 && source_ends(&import->source);
		}
	}
	return fault;
}
