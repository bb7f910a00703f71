#include "upsert.h"

#include "arena.h"
#include "clock.h"
#include "codes.h"
#include "free_field.h"
#include "line_key.h"
#include "line_write.h"
#include "reduce.h"
#include "store.h"
#include "text.h"

#include <string.h>

void upsert_line_fail(struct request *request, struct upsert_line *line, enum fault fault)
{
	line->outcome = LINE_FAILED;
	line->fault = fault;
	problem_translate(request);
	line->detail = request->detail;
	if (request->faults.count) {
		struct fault_list *faults = arena_alloc(request->arena, sizeof(*faults));

		*faults = request->faults;
		line->faults = faults;
		request->faults = (struct fault_list){ .arena = request->arena };
	}
	request->detail = NULL;
}

/* The field table of lines, free fields told. */
static const struct field *fields_with_free(
	struct arena *arena, const struct field *plain, const struct free_fields *free)
{
	struct field *fields;
	size_t count = 0;

	while (plain[count].name)
		count++;
	fields = arena_array(arena, count + 1, sizeof(*fields));
	memcpy(fields, plain, count * sizeof(*fields));
	for (struct field *field = fields; field->name; field++)
		if (field->type == FIELD_FREE)
			field->fields = free->shapes;
	return fields;
}

enum fault upsert_open(struct upsert *upsert, size_t room)
{
	struct arena *arena = upsert->request->arena;
	const char *owner = free_fields_owner(upsert->store->resource);
	enum fault fault = owner ? free_fields_read(upsert->request, owner, &upsert->free) : FAULT_NONE;

	if (fault)
		return fault;
	upsert->fields = upsert->store->bulk_fields;
	if (owner)
		upsert->fields = fields_with_free(arena, upsert->fields, upsert->free);
	upsert->lines = arena_array(arena, room, sizeof(*upsert->lines));
	upsert->count = 0;
	upsert->room = room;
	return FAULT_NONE;
}

const char *upsert_column(void *context, const char *column)
{
	const struct upsert *upsert = context;
	const struct free_field *field =
		upsert->free && !field_find(upsert->fields, column) ? free_field_labelled(upsert->free, column) : NULL;

	return field ? arena_printf(upsert->request->arena, "x.%s", field->shape.name) : column;
}

bool upsert_add(struct upsert *upsert, size_t number, json_t *body)
{
	struct request *request = upsert->request;
	struct upsert_line *line = &upsert->lines[upsert->count];

	if (upsert->count == upsert->room)
		return false;
	upsert->count++;
	*line = (struct upsert_line){ .number = number, .body = body };
	if (!body)
		upsert_line_fail(request, line, FAULT_MALFORMED);
	else if (upsert->free)
		free_fields_gather(upsert->free, upsert->fields, body, &request->faults);
	if (request->faults.count) {
		line->body = NULL;
		upsert_line_fail(request, line, FAULT_INVALID);
	}
	return true;
}

/* Where the lines from `from` on name a row that one of them named before: such a line changes what that one made. */
static size_t round_end(const struct upsert *upsert, size_t from)
{
	struct arena *arena = upsert->request->arena;
	json_t *seen = json_keep(arena, json_object());
	const char *keys[LINE_KEYS_MAX];
	size_t count = line_keys(upsert->store->resource, keys);

	for (size_t i = from; i < upsert->count; i++) {
		for (size_t k = 0; k < count; k++) {
			const char *value = line_key_value(upsert, &upsert->lines[i], keys[k]);
			const char *name = value ? arena_printf(arena, "%zu %s", k, value) : NULL;

			if (name && json_object_get(seen, name))
				return i;
			if (name)
				json_object_set_new(seen, name, json_true());
		}
	}
	return upsert->count;
}

/* Leaves in a line what would change the row: not its keys, nor what only creation takes, nor what is so already. */
static void line_reduce(const struct upsert *upsert, const json_t *row, json_t *body)
{
	const struct field *creation = upsert->store->resource->bulk_fields;

	json_object_del(body, "id");
	for (const struct field *field = creation; field && field->name; field++)
		json_object_del(body, field->name);
	reduce_object(upsert->fields, row, body);
}

/* Marks the lines whose value of `key` is that of a row found, and those that change nothing. */
static void existing_mark(struct upsert *upsert, const char *key, const PGresult *result, size_t from, size_t to)
{
	struct request *request = upsert->request;
	json_t *found = json_keep(request->arena, json_object());
	int id = PQfnumber(result, "id");
	int root = PQfnumber(result, "_root");

	for (int row = 0; row < PQntuples(result); row++)
		json_object_set_new(found, PQgetvalue(result, row, 0), json_integer(row));
	for (size_t i = from; i < to && PQntuples(result); i++) {
		struct upsert_line *line = &upsert->lines[i];
		const char *value = line_key_value(upsert, line, key);
		const json_t *number = value ? json_object_get(found, value) : NULL;
		int row = (int)json_integer_value(number);
		const char *problem;
		const char *text;

		if (!number || line->existing)
			continue;
		line->existing = PQgetvalue(result, row, id);
		line->root = PQgetvalue(result, row, root);
		text = store_row_json(request, upsert->store, result, row);
		line_reduce(upsert, json_read(request->arena, text, strlen(text), &problem), line->body);
		if (line_key_within(upsert->store->resource, key)) { /* however they are spelled */
			json_object_del(line->body, key);
			json_object_del(line->body, upsert->store->resource->natural_within);
		}
		if (json_object_size(line->body) == 0)
			line->outcome = LINE_UNCHANGED;
	}
}

/* Finds the rows that lines name. */
static enum fault existing_find(struct upsert *upsert, size_t from, size_t to)
{
	struct request *request = upsert->request;
	struct pg_batch *batch = request_batch(request);
	const char *keys[LINE_KEYS_MAX];
	size_t count = line_keys(upsert->store->resource, keys);
	size_t indexes[LINE_KEYS_MAX];
	size_t given = 0; /* keys that lines have */
	enum fault fault;

	for (size_t k = 0; k < count; k++) {
		const char *values = line_key_values(upsert, keys[k], from, to);

		if (!values)
			continue;
		keys[given] = keys[k];
		indexes[given++] = pg_add_text(batch, line_key_query(upsert, keys[k]), 1, &values);
	}
	fault = given ? request_execute(request, batch) : FAULT_NONE;
	for (size_t k = 0; !fault && k < given; k++)
		existing_mark(upsert, keys[k], pg_result(batch, indexes[k]), from, to);
	return fault;
}

/* Checks a line by the tables and the resource's own rules. */
static void line_check(struct upsert *upsert, struct upsert_line *line)
{
	struct request *request = upsert->request;
	const struct resource *resource = upsert->store->resource;
	enum fault fault;

	if (!line->body || line->outcome == LINE_UNCHANGED)
		return;
	if (line->existing)
		fault = field_check(resource->fields, line->body, FIELD_CHANGE, &request->faults);
	else
		fault = field_check(upsert->store->bulk_fields, line->body, FIELD_CREATE, &request->faults);
	if (!line->existing && fault != FAULT_MALFORMED &&
		!codes_complete(resource->fields, line->body, &request->faults))
		fault = FAULT_INVALID;
	if (!fault)
		fault = store_prepare(request, resource, line->body, line->existing);
	store_check_costs(request, resource->bulk_fields, line->body, false);
	if (!fault && request->faults.count)
		fault = FAULT_INVALID;
	if (fault) {
		upsert_line_fail(request, line, fault);
		return;
	}
	line->outcome = line->existing ? LINE_CHANGED : LINE_CREATED;
	line->id = line->existing ? line->existing : store_new_id(request, line->body);
}

/* Whether new rows take few statements together: none of them locks a root or touches others. */
static bool together(const struct store *store)
{
	return !store->lock_create.text && !store->resource->insert && !store->resource->touches;
}

/* Writes lines from..to in one transaction. */
static enum fault lines_write(struct upsert *upsert, size_t from, size_t to)
{
	struct request *request = upsert->request;
	struct pg_batch *batch = request_batch(request);
	size_t written = line_writes_add(upsert, batch, from, to);

	if (upsert->along)
		upsert->along(upsert->context, batch, from, to);
	else if (written == 0)
		return FAULT_NONE;
	return request_execute(request, batch);
}

/* What is no fault of the lines: it is over in a moment, or `along` refused. */
static bool of_the_moment(enum fault fault)
{
	return fault == FAULT_BUSY || fault == FAULT_UNAVAILABLE || fault == FAULT_REPLAY;
}

/* Without `along`: whether halves would fare no better, because the database is away, or was busy for too long. */
static bool in_vain(const struct upsert *upsert, enum fault fault)
{
	return fault == FAULT_UNAVAILABLE || (fault == FAULT_BUSY && clock_monotonic() >= upsert->busy_until);
}

/* Each of the lines that would have been written fails by what befell them all. */
static void lines_fail(struct upsert *upsert, size_t from, size_t to, enum fault fault)
{
	const char *detail = upsert->request->detail;

	for (size_t i = from; i < to; i++) {
		struct upsert_line *line = &upsert->lines[i];

		if (line->outcome != LINE_CREATED && line->outcome != LINE_CHANGED)
			continue;
		upsert->request->detail = detail;
		upsert_line_fail(upsert->request, line, fault);
	}
}

/* Lines that fail together run again in halves, so that the good ones land. */
static enum fault chunk_write(struct upsert *upsert, size_t from, size_t to)
{
	struct request *request = upsert->request;
	enum fault fault = lines_write(upsert, from, to);
	size_t middle = from + (to - from) / 2;

	if (!fault || (upsert->along && of_the_moment(fault)))
		return fault;
	if (!upsert->along && in_vain(upsert, fault)) {
		lines_fail(upsert, from, to, fault);
		return FAULT_NONE;
	}
	if (to - from == 1 && upsert->lines[from].outcome != LINE_FAILED) {
		upsert_line_fail(request, &upsert->lines[from], fault);
		return upsert->along ? lines_write(upsert, from, to) : FAULT_NONE;
	}
	if (to - from == 1)
		return fault; /* it writes nothing: what goes along with it can't be written */
	request->detail = NULL;
	request->faults = (struct fault_list){ .arena = request->arena };
	fault = chunk_write(upsert, from, middle);
	return fault ? fault : chunk_write(upsert, middle, to);
}

/* Whether lines from..to hold locks that others wait for: new rows that are written together don't. */
static bool holds_locks(const struct upsert *upsert, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (upsert->lines[i].outcome == LINE_CHANGED)
			return true;
	return !together(upsert->store);
}

/* How many lines that hold locks the next transaction takes, by what each of `count` took in the last; a few say little. */
static size_t chunk_next(const struct upsert *upsert, size_t count, int64_t took_ms)
{
	size_t fit = took_ms > 0 ? count * UPSERT_CHUNK_MS / (size_t)took_ms : UPSERT_CHUNK_MANY;

	if (count < upsert->chunk)
		return upsert->chunk;
	if (fit > UPSERT_CHUNK_MANY)
		return UPSERT_CHUNK_MANY;
	return fit < UPSERT_CHUNK ? UPSERT_CHUNK : fit;
}

/* Writes lines from..to, as many in one transaction as may be. */
static enum fault chunks_write(struct upsert *upsert, size_t from, size_t to)
{
	enum fault fault = FAULT_NONE;

	while (!fault && from < to) {
		size_t count = to - from < UPSERT_CHUNK_MANY ? to - from : UPSERT_CHUNK_MANY;
		bool holds = holds_locks(upsert, from, from + count);
		int64_t began = clock_monotonic();

		if (holds && count > upsert->chunk)
			count = upsert->chunk;
		fault = chunk_write(upsert, from, from + count);
		if (holds)
			upsert->chunk = chunk_next(upsert, count, clock_monotonic() - began);
		from += count;
	}
	return fault;
}

/* Finds what lines name, which are different rows, and checks the lines. */
static enum fault lines_look(struct upsert *upsert, size_t from, size_t to)
{
	enum fault fault = existing_find(upsert, from, to);

	for (size_t i = from; !fault && i < to; i++)
		line_check(upsert, &upsert->lines[i]);
	return fault;
}

/* Lines that name different rows. */
static enum fault round_run(struct upsert *upsert, size_t from, size_t to)
{
	enum fault fault = lines_look(upsert, from, to);

	return fault ? fault : chunks_write(upsert, from, to);
}

enum fault upsert_look(struct upsert *upsert)
{
	enum fault fault = codes_resolve(upsert, 0, upsert->count);

	return fault ? fault : lines_look(upsert, 0, upsert->count);
}

void upsert_add_writes(struct upsert *upsert, struct pg_batch *batch)
{
	line_writes_add(upsert, batch, 0, upsert->count);
}

enum fault upsert_run(struct upsert *upsert)
{
	enum fault fault = codes_resolve(upsert, 0, upsert->count); /* before rows are told apart: a key may be an id */

	upsert->busy_until = clock_monotonic() + UPSERT_BUSY_MS;
	if (!upsert->chunk)
		upsert->chunk = UPSERT_CHUNK;
	for (size_t from = 0; !fault && from < upsert->count;) {
		size_t to = round_end(upsert, from);

		fault = round_run(upsert, from, to);
		from = to;
	}
	return fault;
}
