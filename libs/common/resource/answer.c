/* answer: how a row goes out: as it was read, as it was written, or as the stored answer of an Idempotency-Key. */
#include "api_sql.h"
#include "arena.h"
#include "etag.h"
#include "resource_sql.h"
#include "store.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

const char *store_row_json(struct request *request, const struct store *store, const PGresult *result, int row)
{
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);

	pg_row_json(&out, result, row, store_hidden(request, store->resource), NULL);
	return text_c(&out);
}

size_t store_add_written(struct pg_batch *batch, const struct store *store, const char *id)
{
	size_t index;

	if (pg_find(batch, &store->record_first, id, &index) || pg_find(batch, &store->record, id, &index))
		return index;
	return pg_add(batch, &store->get[SIGHT_ALL], PG_VALUES(id));
}

size_t store_add_get(struct request *request, struct pg_batch *batch, const struct store *store, const char *id)
{
	if (request->sight == SIGHT_ALL)
		return store_add_written(batch, store, id);
	return pg_add(batch, &store->get[request->sight], PG_VALUES(id));
}

/* What a change record tells of a row, less what the caller must not see; NULL: it can't be read. */
static json_t *told_read(struct request *request, const struct store *store, const char *data)
{
	const char *const *hidden = store_hidden(request, store->resource);
	const char *problem = NULL;
	json_t *json = json_read(request->arena, data, strlen(data), &problem);

	for (size_t i = 0; json && hidden[i]; i++)
		json_less(json, hidden[i]);
	return json;
}

/* The row that was written, by its change record or read again. */
static const char *written_json(struct request *request, const struct store *store, const PGresult *result)
{
	int told = PQfnumber(result, "told");

	if (told < 0)
		return store_row_json(request, store, result, 0);
	if (!store_hidden(request, store->resource)[0])
		return PQgetvalue(result, 0, told);
	return json_write(request->arena, told_read(request, store, PQgetvalue(result, 0, told)));
}

/* NULL when the row has none. */
static const char *version_of(const PGresult *row)
{
	int column = PQfnumber(row, "version");

	return column < 0 || PQgetisnull(row, 0, column) ? NULL : PQgetvalue(row, 0, column);
}

static enum fault row_missing(struct request *request, const struct store *store)
{
	return request_fail(
		request, FAULT_NOT_FOUND, "There is no such %s.", text_words(request->arena, store->resource->name));
}

enum fault store_read(struct request *request, struct pg_batch *batch, const struct store *store, size_t index)
{
	enum fault fault = request_execute(request, batch);

	if (fault)
		return fault;
	return PQntuples(pg_result(batch, index)) ? FAULT_NONE : row_missing(request, store);
}

enum fault store_show(struct request *request, const PGresult *row, const char *body)
{
	const char *version = version_of(row);
	const char *etag = version ? etag_of(request->arena, version, body) : NULL;

	if (version && request->if_match && !etags_name_version(request->if_match, version))
		return request_fail(request, FAULT_STALE, "It was changed meanwhile: read it again.");
	if (etag)
		response_header(request, "ETag", etag);
	if (etag && request->if_none_match && etags_name(request->if_none_match, etag))
		response_json(request, 304, "");
	else
		response_json(request, 200, body);
	return FAULT_NONE;
}

enum fault store_answer_read(struct request *request, struct pg_batch *batch, const struct store *store, size_t index)
{
	enum fault fault = store_read(request, batch, store, index);

	if (fault)
		return fault;
	return store_show(request, pg_result(batch, index), store_row_json(request, store, pg_result(batch, index), 0));
}

/* The row, and beside its fields what base.warn said while it was written. */
static const char *warned(struct request *request, const char *row, const char *warnings)
{
	if (!warnings)
		return row;
	response_language(request);
	return arena_printf(request->arena, "%.*s,\"warnings\":%s}", (int)strlen(row) - 1, row,
		problem_warnings(request, warnings));
}

/* The row that the Idempotency-Key stands for, as it is now. */
static enum fault row_read(struct request *request, const struct store *store, const char *id, const char **row)
{
	struct pg_batch *batch = request_batch(request);
	size_t index = store_add_get(request, batch, store, id);
	enum fault fault = request_execute(request, batch);

	if (!fault && PQntuples(pg_result(batch, index)))
		*row = store_row_json(request, store, pg_result(batch, index), 0);
	return fault;
}

enum fault store_replay(struct request *request, const struct store *store)
{
	struct pg_batch *batch = request_batch(request);
	size_t index = pg_add(batch, &sql_idempotency_read, PG_VALUES(request->idempotency_key));
	enum fault fault = request_execute(request, batch);
	const char *location;
	const char *data;
	const char *body;
	json_t *json;

	if (fault)
		return fault;
	data = pg_value(batch, index, 2);
	if (pg_value(batch, index, 4))
		fault = row_read(request, store, pg_value(batch, index, 4), &data);
	if (fault)
		return fault;
	if (!data)
		return request_fail(request, FAULT_GONE, "The stored answer of this Idempotency-Key is gone.");
	json = told_read(request, store, data);
	if (!json)
		return request_fail(request, FAULT_INTERNAL, "The stored answer can't be read.");
	location = pg_value(batch, index, 1);
	if (location)
		response_header(request, "Location", arena_strdup(request->arena, location));
	response_header(request, "Idempotency-Replayed", "true");
	body = warned(request, json_write(request->arena, json), pg_value(batch, index, 3));
	response_json(request, atoi(pg_value(batch, index, 0)), body);
	response_header(request, "ETag",
		arena_printf(
			request->arena, "\"%lld\"", (long long)json_integer_value(json_object_get(json, "version"))));
	return FAULT_NONE;
}

void store_add_told(struct request *request, struct pg_batch *batch, const struct store *store)
{
	if (request->idempotency_key)
		pg_add(batch, &sql_idempotency_tell,
			PG_VALUES(request->idempotency_key, request->idempotency_hash, store->resource->name));
}

enum fault store_told(struct request *request, const char **told, const char **warnings)
{
	struct pg_batch *batch = request_batch(request);
	size_t index = pg_add(batch, &sql_idempotency_told, PG_VALUES(request->idempotency_key));
	enum fault fault = request_execute(request, batch);

	if (fault)
		return fault;
	*told = pg_value(batch, index, 0);
	*warnings = pg_value(batch, index, 1);
	if (!*told)
		return request_fail(request, FAULT_GONE, "The stored answer of this Idempotency-Key is gone.");
	response_header(request, "Idempotency-Replayed", "true");
	return FAULT_NONE;
}

enum fault store_answer(struct request *request, struct pg_batch *batch, const struct store *store, size_t index,
	int status, const char *location)
{
	size_t warnings = pg_add(batch, &sql_warnings_read, 0, NULL);
	enum fault fault = request_execute(request, batch);
	const PGresult *result;

	if (fault == FAULT_REPLAY)
		return store_replay(request, store);
	if (fault)
		return fault;
	result = pg_result(batch, index);
	if (PQntuples(result) == 0)
		return row_missing(request, store);
	if (version_of(result))
		response_header(request, "ETag", arena_printf(request->arena, "\"%s\"", version_of(result)));
	if (location)
		response_header(request, "Location", location);
	response_json(
		request, status, warned(request, written_json(request, store, result), pg_value(batch, warnings, 0)));
	if (request->app->changed)
		request->app->changed(request->app);
	return FAULT_NONE;
}
