/* rows: new rows, one or many together, with as few statements as their resource allows. */
#include "arena.h"
#include "store.h"
#include "text.h"

const char *store_ids(struct arena *arena, const struct new_row rows[], size_t count)
{
	struct text out = text_new(arena, REQUEST_BODY_MAX);

	for (size_t i = 0; i < count; i++)
		text_addf(&out, "%s%s", i ? "," : "{", rows[i].id);
	text_add(&out, count ? "}" : "{}");
	return text_c(&out);
}

/* A body, as text, with its id in front. */
static void body_add(struct text *out, const char *id, const char *body)
{
	text_addf(out, "{\"id\":\"%s\"%s", id, body[1] == '}' ? "" : ",");
	text_add(out, body + 1);
}

const char *store_bodies(struct arena *arena, const struct new_row rows[], size_t count)
{
	struct text out = text_new(arena, STORE_BODIES_MAX);

	text_add_char(&out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_add_char(&out, ',');
		body_add(&out, rows[i].id, json_write(arena, rows[i].body));
	}
	text_add_char(&out, ']');
	return text_c(&out);
}

/* Adds a statement for each row, with its id and body; or for all, with their bodies. */
static void rows_add(struct request *request, struct pg_batch *batch, const struct statement *statement,
	const struct new_row rows[], size_t count, const char *bodies)
{
	if (bodies) {
		pg_add(batch, statement, PG_VALUES(bodies));
		return;
	}
	for (size_t i = 0; i < count; i++)
		pg_add(batch, statement, PG_VALUES(rows[i].id, json_write(request->arena, rows[i].body)));
}

void store_add_inserts(struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count)
{
	const struct resource *resource = store->resource;
	const char *bodies = store_bodies(request->arena, rows, count);
	const char *together = resource->many ? bodies : NULL;

	if (store->lock_create.text)
		rows_add(request, batch, &store->lock_create, rows, count, resource->lock_create ? together : NULL);
	if (store->references.text)
		rows_add(request, batch, &store->references, rows, count, NULL);
	for (size_t i = 0; resource->guards && resource->guards[i]; i++)
		rows_add(request, batch, resource->guards[i], rows, count, together);
	if (store->free_guard.text)
		rows_add(request, batch, &store->free_guard, rows, count, NULL);
	rows_add(request, batch, &store->insert, rows, count, resource->create ? together : bodies);
	for (size_t i = 0; resource->parts && resource->parts[i]; i++)
		rows_add(request, batch, resource->parts[i], rows, count, together);
	if (store->began.text)
		pg_add(batch, &store->began, PG_VALUES(store_ids(request->arena, rows, count)));
	for (size_t i = 0; request->sight != SIGHT_ALL && i < count; i++)
		pg_add(batch, &store->guard[request->sight], PG_VALUES(rows[i].id));
}

void store_add_insert(
	struct request *request, struct pg_batch *batch, const struct store *store, const char *id, json_t *body)
{
	store_add_inserts(request, batch, store, &(struct new_row){ id, body }, 1);
}

const char *store_body(struct arena *arena, const char *id, const char *body)
{
	struct text out = text_new(arena, STORE_BODIES_MAX);

	text_add_char(&out, '[');
	body_add(&out, id, body);
	text_add_char(&out, ']');
	return text_c(&out);
}

static const char *created_event(struct request *request, const struct resource *resource)
{
	return arena_printf(
		request->arena, "%s.%s", resource->name, resource->created_event ? resource->created_event : "created");
}

void store_add_created(struct request *request, struct pg_batch *batch, const struct store *store, const char *id)
{
	if (!text_same(store->resource->created_event, CREATED_BY_TOUCH))
		store_add_first_record(batch, store, id, created_event(request, store->resource));
	store_add_touched(batch, store);
}

void store_add_rows(struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count)
{
	if (store->resource->insert) {
		store->resource->insert(request, batch, rows, count);
		return;
	}
	if (count == 1 || store->touches->store) { /* what each of them touches has its own records, in order */
		for (size_t i = 0; i < count; i++) {
			store_add_insert(request, batch, store, rows[i].id, rows[i].body);
			store_add_created(request, batch, store, rows[i].id);
		}
		return;
	}
	store_add_inserts(request, batch, store, rows, count);
	store_add_records(
		batch, store, store_ids(request->arena, rows, count), created_event(request, store->resource));
}
