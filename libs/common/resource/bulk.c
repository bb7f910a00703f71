#include "bulk.h"

#include "arena.h"
#include "csv.h"
#include "free_field.h"
#include "ndjson.h"
#include "reduce.h"
#include "route.h"
#include "store.h"
#include "text.h"
#include "uuid.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum outcome { LINE_FAILED, LINE_CREATED, LINE_CHANGED, LINE_UNCHANGED };

/* One line of the request on its way. */
struct line {
	size_t number; /* from 1, as an editor counts */
	json_t *body;
	const char *id;
	const char *existing; /* id of the row it names, or NULL */
	enum outcome outcome;
	enum fault fault;
	const char *detail;
	struct fault_list faults;
};

struct bulk {
	struct request *request;
	const struct store *store;
	const struct free_fields *free; /* definitions of the resource's own, or NULL */
	const struct field *fields;     /* of lines, free fields told */
	struct line *lines;
	size_t count;
};

static void line_fail(struct request *request, struct line *line, enum fault fault)
{
	line->outcome = LINE_FAILED;
	line->fault = fault;
	line->detail = request->detail;
	line->faults = request->faults;
	request->detail = NULL;
	request->faults = (struct fault_list){ .arena = request->arena };
}

static bool line_add(struct bulk *bulk, size_t number, json_t *body)
{
	struct line *line = &bulk->lines[bulk->count];

	if (bulk->count == BULK_LINES_MAX)
		return false;
	bulk->count++;
	*line = (struct line){ .number = number, .body = body };
	if (body && bulk->free)
		free_fields_gather(bulk->free, bulk->fields, body, &bulk->request->faults);
	if (bulk->request->faults.count) {
		line->body = NULL;
		line_fail(bulk->request, line, FAULT_INVALID);
	}
	return true;
}

static bool ndjson_line(void *context, size_t number, json_t *body, const char *problem)
{
	struct bulk *bulk = context;

	if (!line_add(bulk, number, body))
		return false;
	if (!body) {
		request_fail(bulk->request, FAULT_MALFORMED, "The line is not JSON: %s.", problem);
		line_fail(bulk->request, &bulk->lines[bulk->count - 1], FAULT_MALFORMED);
	}
	return true;
}

/* A column headed by the label of a free field is that field's. */
static const char *column_name(void *context, const char *column)
{
	struct bulk *bulk = context;
	const struct free_field *field =
		bulk->free && !field_find(bulk->fields, column) ? free_field_labelled(bulk->free, column) : NULL;

	return field ? arena_printf(bulk->request->arena, "x.%s", field->shape.name) : column;
}

static bool csv_line(void *context, size_t number, json_t *object)
{
	return line_add(context, number, object);
}

static enum fault lines_read(struct bulk *bulk)
{
	struct request *request = bulk->request;
	const char *problem = NULL;
	enum fault fault;

	if (request_carries(request, "application/x-ndjson"))
		fault = ndjson_read(request->arena, request->body, request->body_length, ndjson_line, bulk);
	else if (request_carries(request, "text/csv"))
		fault = csv_objects(request->arena, bulk->fields, request->body, request->body_length, column_name,
			csv_line, bulk, &problem);
	else
		return request_fail(request, FAULT_MEDIA_TYPE, "The body must be application/x-ndjson or text/csv.");
	if (fault == FAULT_TOO_LARGE)
		return request_fail(request, fault, "At most %d lines a request.", BULK_LINES_MAX);
	return fault ? request_fail(request, fault, "%s", problem) : FAULT_NONE;
}

/* The keys by which a line may name a row that exists: id, external_ref and the resource's own. */
static size_t keys_of(const struct resource *resource, const char *keys[3])
{
	size_t count = 0;

	keys[count++] = "id";
	if (field_find(resource->fields, "external_ref"))
		keys[count++] = "external_ref";
	if (resource->natural_key)
		keys[count++] = resource->natural_key;
	return count;
}

/* The value of a key in a line, as PostgreSQL shows it; NULL when it can name nothing. */
static const char *key_value(struct bulk *bulk, const struct line *line, const char *key)
{
	const char *value = line->body ? json_string_at(line->body, key) : NULL;
	char *id;

	if (!value || strcmp(key, "id") != 0)
		return value;
	id = uuid_valid(value) ? arena_strdup(bulk->request->arena, value) : NULL;
	for (char *c = id; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return id;
}

/* The values of a key in all lines, as a PostgreSQL array. */
static const char *key_values(struct bulk *bulk, const char *key)
{
	struct text out = text_new(bulk->request->arena, REQUEST_BODY_MAX * 2);

	for (size_t i = 0; i < bulk->count; i++) {
		const char *value = key_value(bulk, &bulk->lines[i], key);

		if (value)
			pg_array_add(&out, value);
	}
	return pg_array_end(&out);
}

/* Leaves in a line what would change the row: not its keys, nor what only creation takes, nor what is so already. */
static void line_reduce(const struct bulk *bulk, const json_t *row, json_t *body)
{
	const struct field *creation = bulk->store->resource->bulk_fields;

	json_object_del(body, "id");
	for (const struct field *field = creation; field && field->name; field++)
		json_object_del(body, field->name);
	reduce_object(bulk->fields, row, body);
}

/* Finds the rows that lines name, and those lines that change nothing. */
static enum fault existing_find(struct bulk *bulk)
{
	struct request *request = bulk->request;
	const struct resource *resource = bulk->store->resource;
	const char *keys[3];
	size_t count = keys_of(resource, keys);
	struct pg_batch *batch = request_batch(request);
	size_t first = 0;
	enum fault fault;

	for (size_t k = 0; k < count; k++) {
		const char *type = strcmp(keys[k], "id") == 0 ? "uuid" : "text";
		const char *sql = arena_printf(request->arena, "select %s.%s as _found, %s where %s.%s = any($1::%s[])",
			resource->alias, keys[k], bulk->store->rows.text + sizeof("select") - 1, resource->alias,
			keys[k], type);
		size_t index = pg_add_text(batch, sql, 1, (const char *const[]){ key_values(bulk, keys[k]) });

		first = k == 0 ? index : first;
	}
	fault = request_execute(request, batch);
	for (size_t k = 0; !fault && k < count; k++) {
		const PGresult *result = pg_result(batch, first + k);
		int id = PQfnumber(result, "id");
		json_t *found = json_keep(request->arena, json_object());

		for (int row = 0; row < PQntuples(result); row++)
			json_object_set_new(found, PQgetvalue(result, row, 0), json_integer(row));
		for (size_t i = 0; i < bulk->count; i++) {
			struct line *line = &bulk->lines[i];
			const char *value = key_value(bulk, line, keys[k]);
			const json_t *row = value ? json_object_get(found, value) : NULL;
			const char *text;
			const char *problem;

			if (!row || line->existing)
				continue;
			line->existing = PQgetvalue(result, (int)json_integer_value(row), id);
			text = store_row_json(request, bulk->store, result, (int)json_integer_value(row));
			line_reduce(bulk, json_read(request->arena, text, strlen(text), &problem), line->body);
			if (json_object_size(line->body) == 0)
				line->outcome = LINE_UNCHANGED;
		}
	}
	return fault;
}

/* Checks a line by the tables and the resource's own rules. */
static void line_check(struct bulk *bulk, struct line *line)
{
	struct request *request = bulk->request;
	const struct resource *resource = bulk->store->resource;
	enum fault fault;

	if (!line->body || line->outcome == LINE_UNCHANGED)
		return;
	if (line->existing)
		fault = field_check(resource->fields, line->body, FIELD_CHANGE, &request->faults);
	else
		fault = field_check(bulk->store->bulk_fields, line->body, FIELD_CREATE, &request->faults);
	if (!fault)
		fault = store_prepare(request, resource, line->body, line->existing);
	if (fault) {
		line_fail(request, line, fault);
		return;
	}
	line->outcome = line->existing ? LINE_CHANGED : LINE_CREATED;
	line->id = line->existing ? line->existing : store_new_id(request, line->body);
}

static void changed_add(struct bulk *bulk, struct pg_batch *batch, const struct line *line)
{
	struct request *request = bulk->request;
	const struct store *store = bulk->store;

	store_add_change(request, batch, store, line->id, json_write(request->arena, line->body), NULL);
	store_add_record(batch, store, line->id, arena_printf(request->arena, "%s.changed", store->resource->name));
	store_add_touched(batch, store);
}

static bool to_write(const struct line *line)
{
	return line->outcome == LINE_CREATED || line->outcome == LINE_CHANGED;
}

/* Writes lines from..to in one transaction: the new rows together, then those that change. */
static enum fault lines_write(struct bulk *bulk, size_t from, size_t to)
{
	struct request *request = bulk->request;
	struct pg_batch *batch = request_batch(request);
	struct new_row rows[BULK_CHUNK];
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		if (bulk->lines[i].outcome == LINE_CREATED)
			rows[count++] = (struct new_row){ bulk->lines[i].id, bulk->lines[i].body };
	if (count)
		store_add_rows(request, batch, bulk->store, rows, count);
	for (size_t i = from; i < to; i++)
		if (bulk->lines[i].outcome == LINE_CHANGED)
			changed_add(bulk, batch, &bulk->lines[i]);
	return request_execute(request, batch);
}

/* A chunk that fails runs again line by line, so that its good lines land. */
static void chunk_write(struct bulk *bulk, size_t from, size_t to)
{
	struct request *request = bulk->request;

	if (!lines_write(bulk, from, to))
		return;
	request->detail = NULL;
	request->faults = (struct fault_list){ .arena = request->arena };
	for (size_t i = from; i < to; i++) {
		enum fault fault;

		if (!to_write(&bulk->lines[i]))
			continue;
		fault = lines_write(bulk, i, i + 1);
		if (fault)
			line_fail(request, &bulk->lines[i], fault);
	}
}

static void result_write(struct text *out, const struct line *line)
{
	static const char *const names[] = { "failed", "created", "changed", "unchanged" };
	const struct fault_kind *kind = fault_kind(line->fault);

	text_addf(out, "{\"line\":%zu,\"result\":\"%s\"", line->number, names[line->outcome]);
	if (line->outcome != LINE_FAILED) {
		text_add(out, ",\"id\":");
		text_add_json(out, line->existing ? line->existing : line->id);
		text_add(out, "}\n");
		return;
	}
	text_addf(out, ",\"status\":%d,\"code\":\"%s\"", kind->status, kind->code);
	if (line->detail) {
		text_add(out, ",\"detail\":");
		text_add_json(out, line->detail);
	}
	problem_details_add(out, &line->faults);
	text_add(out, "}\n");
}

/* Reads the definitions of free fields, and tells the field table of them. */
static enum fault free_fields_open(struct bulk *bulk)
{
	const char *owner = free_fields_owner(bulk->store->resource);
	const struct field *plain = bulk->store->bulk_fields;
	struct field *fields;
	size_t count = 0;
	enum fault fault;

	bulk->fields = plain;
	if (!owner)
		return FAULT_NONE;
	fault = free_fields_read(bulk->request, owner, &bulk->free);
	if (fault)
		return fault;
	while (plain[count].name)
		count++;
	fields = arena_array(bulk->request->arena, count + 1, sizeof(*fields));
	memcpy(fields, plain, count * sizeof(*fields));
	for (struct field *field = fields; field->name; field++)
		if (field->type == FIELD_FREE)
			field->fields = bulk->free->shapes;
	bulk->fields = fields;
	return FAULT_NONE;
}

enum fault bulk_upsert(struct request *request)
{
	struct bulk bulk = {
		.request = request,
		.store = request->endpoint->store,
		.lines = arena_array(request->arena, BULK_LINES_MAX, sizeof(struct line)),
	};
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	enum fault fault = free_fields_open(&bulk);

	if (!fault)
		fault = lines_read(&bulk);
	if (!fault)
		fault = existing_find(&bulk);
	if (fault)
		return fault;
	for (size_t i = 0; i < bulk.count; i++)
		line_check(&bulk, &bulk.lines[i]);
	for (size_t i = 0; i < bulk.count; i += BULK_CHUNK)
		chunk_write(&bulk, i, i + BULK_CHUNK < bulk.count ? i + BULK_CHUNK : bulk.count);
	for (size_t i = 0; i < bulk.count; i++)
		result_write(&out, &bulk.lines[i]);
	request->app->changed(request->app);
	response_json(request, 200, text_c(&out));
	request->response.content_type = "application/x-ndjson";
	return FAULT_NONE;
}
