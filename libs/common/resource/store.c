#include "store.h"

#include "api_sql.h"
#include "arena.h"
#include "etag.h"
#include "expand.h"
#include "free_field.h"
#include "resource_sql.h"
#include "route.h"
#include "text.h"
#include "uuid.h"

#include <stdlib.h>
#include <string.h>

static const struct store *store_of(const struct request *request)
{
	return request->endpoint->store;
}

const char *store_location(struct request *request, const char *id)
{
	return arena_printf(request->arena, "%s/%s", request->path, id);
}

bool store_hides(const struct request *request, unsigned flags)
{
	return flags & WRITE_ONLY || (flags & COST && !request_may(request, SCOPE_COSTS_READ)) ||
		(flags & INTERNAL && request->sight == SIGHT_PORTAL);
}

static size_t hidden_count(const struct request *request, const struct field fields[])
{
	size_t count = 0;

	for (const struct field *field = fields; field && field->name; field++)
		count += store_hides(request, field->flags) ? 1 : hidden_count(request, field->fields);
	return count;
}

/* Adds the names of what is hidden, after `prefix`; returns where the next goes. */
static const char **hidden_add(
	struct request *request, const struct field fields[], const char *prefix, const char **names)
{
	for (const struct field *field = fields; field->name; field++)
		if (store_hides(request, field->flags))
			*names++ = arena_printf(request->arena, "%s%s", prefix, field->name);
		else if (hidden_count(request, field->fields))
			names = hidden_add(request, field->fields,
				arena_printf(request->arena, "%s%s.", prefix, field->name), names);
	return names;
}

const char *const *store_hidden(struct request *request, const struct resource *resource)
{
	size_t count = hidden_count(request, resource->fields);
	const char **names = arena_array(request->arena, count + 1, sizeof(*names));

	hidden_add(request, resource->fields, "", names);
	return names;
}

const char *store_new_id(struct request *request, json_t *body)
{
	const char *given = json_string_at(body, "id");
	const char *id = arena_strdup(request->arena, given ? given : uuid_new().text);

	json_object_del(body, "id");
	return id;
}

/* The same of what stands at `pointer` of the body: an object, or each one in a list. */
static void costs_check(
	struct request *request, const struct field fields[], const json_t *value, const char *pointer, bool changes)
{
	const json_t *item;
	size_t index;

	json_array_foreach(value, index, item)
		costs_check(request, fields, item, arena_printf(request->arena, "%s/%zu", pointer, index), changes);
	for (const struct field *field = fields; json_is_object(value) && field && field->name; field++) {
		const json_t *given = json_object_get(value, field->name);
		const char *at = given ? arena_printf(request->arena, "%s/%s", pointer, field->name) : NULL;

		if (given && field->flags & COST && (changes || !json_is_null(given)))
			fault_add(&request->faults, at, "forbidden", "needs the scope costs:read");
		else if (given && field->fields)
			costs_check(request, field->fields, given, at, changes);
	}
}

void store_check_costs(struct request *request, const struct field fields[], const json_t *body, bool changes)
{
	if (!request_may(request, SCOPE_COSTS_READ))
		costs_check(request, fields, body, "", changes);
}

enum fault store_prepare(struct request *request, const struct resource *resource, json_t *body, const char *id)
{
	size_t before = request->faults.count;
	enum fault fault;

	store_check_costs(request, resource->fields, body, id != NULL);
	fault = resource->prepare ? resource->prepare(request, body, id) : FAULT_NONE;
	if (!fault)
		fault = free_fields_prepare(request, resource, body, id);
	if (fault)
		return fault;
	return request->faults.count == before ? FAULT_NONE : FAULT_INVALID;
}

void store_add_claim(struct request *request, struct pg_batch *batch)
{
	if (request->idempotency_key)
		pg_add(batch, &sql_idempotency_claim, PG_VALUES(request->idempotency_key, request->idempotency_hash));
}

static const char *tenant_of(const struct request *request)
{
	return request->caller.tenant ? request->caller.tenant : "";
}

void store_add_turn(const struct request *request, struct pg_batch *batch, const char *root)
{
	pg_turn(batch, tenant_of(request), root);
}

void store_add_turn_part(const struct request *request, struct pg_batch *batch, const char *root, const char *part)
{
	pg_turn_part(batch, tenant_of(request), root, part);
}

const char *store_versions_wanted(const struct request *request)
{
	return request->if_match ? etags_versions(request->arena, request->if_match) : NULL;
}

void store_add_match(struct request *request, struct pg_batch *batch, const struct store *store, const char *id)
{
	const char *versions = store_versions_wanted(request);

	if (versions)
		pg_add(batch, &store->match, PG_VALUES(id, versions));
}

/* Adds guards or parts of a row that changes. */
static void steps_add(struct request *request, struct pg_batch *batch, const struct resource *resource,
	const struct statement *const steps[], const char *id, const char *body)
{
	for (size_t i = 0; steps && steps[i]; i++) {
		if (resource->many)
			pg_add(batch, steps[i], PG_VALUES(store_body(request->arena, id, body)));
		else
			pg_add(batch, steps[i], PG_VALUES(id, body));
	}
}

void store_add_change(struct request *request, struct pg_batch *batch, const struct store *store, const char *id,
	const char *body, const char *versions)
{
	const struct resource *resource = store->resource;

	store_add_turn(request, batch, id);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	if (store->references.text)
		pg_add(batch, &store->references, PG_VALUES(store_body(request->arena, id, body)));
	steps_add(request, batch, resource, resource->guards, id, body);
	if (store->free_guard.text)
		pg_add(batch, &store->free_guard, PG_VALUES(id, body));
	pg_add(batch, &store->change, PG_VALUES(id, body, versions));
	steps_add(request, batch, resource, resource->parts, id, body);
}

void store_add_record(struct pg_batch *batch, const struct store *store, const char *id, const char *event)
{
	pg_add(batch, &store->record, PG_VALUES(id, event));
}

void store_add_first_record(struct pg_batch *batch, const struct store *store, const char *id, const char *event)
{
	pg_add(batch, &store->record_first, PG_VALUES(id, event));
}

void store_add_answer(struct request *request, struct pg_batch *batch, const struct store *store, const char *id,
	int status, const char *location)
{
	if (request->idempotency_key)
		pg_add(batch, &sql_idempotency_answer,
			PG_VALUES(request->idempotency_key, request->idempotency_hash,
				arena_printf(request->arena, "%d", status), location, store->resource->name, id));
}

/* Of what is below a row: the caller sees that row, and the one with this id (NULL: a new one) is below it. */
static void below_add(struct request *request, struct pg_batch *batch, const char *id)
{
	const struct store *parent = request->endpoint->parent;

	if (!parent)
		return;
	pg_add(batch, &parent->guard[request->sight], PG_VALUES(request->parameters[0]));
	if (id)
		pg_add(batch, &store_of(request)->below, PG_VALUES(id, request->parameters[0]));
	else
		json_object_set_new(request->json, request->endpoint->route.via, json_string(request->parameters[0]));
}

enum fault store_get(struct request *request)
{
	const struct store *store = store_of(request);
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = request_batch(request);
	size_t index;
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	struct expand expand;
	const PGresult *row;
	enum fault fault = expand_read(request, &expand);

	below_add(request, batch, id);
	index = store_add_get(request, batch, store, id);

	if (fault || expand.count == 0)
		return fault ? fault : store_answer_read(request, batch, store, index);
	expand_add(&expand, batch, arena_printf(request->arena, "{%s}", id));
	fault = store_read(request, batch, store, index);
	if (fault)
		return fault;
	row = pg_result(batch, index);
	expand_take(&expand, batch);
	text_add(&out, store_row_json(request, store, row, 0));
	expand_write(&expand, &out, PQgetvalue(row, 0, PQfnumber(row, "id")));
	if (out.full)
		return request_fail(
			request, FAULT_BAD_QUERY, "It is too large with these lists: ask for them one by one.");
	return store_show(request, row, text_c(&out));
}

static const char *event_name(struct request *request, const struct resource *resource, const char *what)
{
	return arena_printf(request->arena, "%s.%s", resource->name, what);
}

enum fault store_create(struct request *request)
{
	const struct store *store = store_of(request);
	const struct resource *resource = store->resource;
	const char *id = store_new_id(request, request->json);
	const char *location = store_location(request, id);
	enum fault fault = store_prepare(request, resource, request->json, NULL);
	struct pg_batch *batch;
	size_t index;

	if (fault)
		return fault;
	batch = request_batch(request);
	store_add_claim(request, batch);
	below_add(request, batch, NULL);
	store_add_rows(request, batch, store, &(struct new_row){ id, request->json }, 1);
	store_add_answer(request, batch, store, id, 201, location);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 201, location);
}

enum fault store_change(struct request *request)
{
	const struct store *store = store_of(request);
	const struct resource *resource = store->resource;
	const char *id = request_id_parameter(request);
	enum fault fault = store_prepare(request, resource, request->json, id);
	struct pg_batch *batch;
	size_t index;

	if (fault)
		return fault;
	batch = request_batch(request);
	below_add(request, batch, id);
	store_add_change(
		request, batch, store, id, json_write(request->arena, request->json), store_versions_wanted(request));
	store_add_record(batch, store, id, event_name(request, resource, "changed"));
	store_add_touched(batch, store);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 200, NULL);
}

enum fault store_remove(struct request *request)
{
	const struct store *store = store_of(request);
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = request_batch(request);
	enum fault fault;

	store_add_turn(request, batch, id);
	below_add(request, batch, id);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	if (request->endpoint->route.attaches)
		pg_add(batch, &sql_attachments_none, PG_VALUES(id));
	store_add_record(batch, store, id, event_name(request, store->resource, "removed"));
	for (size_t i = 0; store->resource->forgets && store->resource->forgets[i]; i++)
		pg_add(batch, store->resource->forgets[i], PG_VALUES(id));
	pg_add(batch, &store->remove, PG_VALUES(id, store_versions_wanted(request)));
	store_add_touched(batch, store);
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	request->app->changed(request->app);
	response_empty(request);
	return FAULT_NONE;
}
