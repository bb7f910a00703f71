/* rows: new rows, one or many together, with as few statements as their resource allows. */
#include "arena.h"
#include "store.h"
#include "text.h"
#include "uuid.h"

#include <stdlib.h>
#include <string.h>

const char *store_ids(struct arena *arena, const struct new_row rows[], size_t count)
{
	struct text out = text_new(arena, count * UUID_TEXT + 2);

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

/* Rows as statements are given them: written once, for many statements are. */
struct written {
	const struct new_row *rows;
	size_t count;
	const char **bodies;
	const char *together; /* all bodies, an array */
};

static struct written written_of(struct arena *arena, const struct new_row rows[], size_t count)
{
	struct written written = { rows, count, arena_array(arena, count, sizeof(*written.bodies)), NULL };
	struct text out = text_new(arena, STORE_BODIES_MAX);

	text_add_char(&out, '[');
	for (size_t i = 0; i < count; i++) {
		written.bodies[i] = json_write(arena, rows[i].body);
		if (i)
			text_add_char(&out, ',');
		body_add(&out, rows[i].id, written.bodies[i]);
	}
	text_add_char(&out, ']');
	written.together = text_c(&out);
	return written;
}

const char *store_bodies(struct arena *arena, const struct new_row rows[], size_t count)
{
	return written_of(arena, rows, count).together;
}

/* Adds a statement for all rows together, with their bodies; or for each, with its id and body. */
static void rows_add(
	struct pg_batch *batch, const struct statement *statement, const struct written *written, bool together)
{
	if (together) {
		pg_add(batch, statement, PG_VALUES(written->together));
		return;
	}
	for (size_t i = 0; i < written->count; i++)
		pg_add(batch, statement, PG_VALUES(written->rows[i].id, written->bodies[i]));
}

/* The roots that new parts name; what is done with these later waits for those. */
static void turns_add(const struct request *request, struct pg_batch *batch, const struct resource *resource,
	const struct new_row rows[], size_t count)
{
	for (size_t i = 0; resource->part_by && i < count; i++) {
		const char *root = json_string_at(rows[i].body, resource->part_by);

		if (root)
			store_add_turn_part(request, batch, root, rows[i].id);
	}
}

/* A new row and the root that it names, "" for none. */
struct rooted {
	const char *root;
	size_t row;
};

static int rooted_order(const void *left, const void *right)
{
	const struct rooted *a = left;
	const struct rooted *b = right;
	int order = strcmp(a->root, b->root);

	return order ? order : (a->row > b->row) - (a->row < b->row);
}

/*
 * The locks of roots, in the order of their ids: everybody who takes several does so, or two would wait for each other. `once`:
 * each root is taken once, whatever rows name it.
 */
static void locks_add(const struct request *request, struct pg_batch *batch, const struct store *store,
	const struct written *written, bool once)
{
	struct rooted *rooted = arena_array(request->arena, written->count, sizeof(*rooted));

	for (size_t i = 0; i < written->count; i++) {
		const char *root = json_string_at(written->rows[i].body, store->resource->part_by);

		rooted[i] = (struct rooted){ root ? root : "", i };
	}
	qsort(rooted, written->count, sizeof(*rooted), rooted_order);
	for (size_t i = 0; i < written->count; i++)
		if (!once || i == 0 || strcmp(rooted[i].root, rooted[i - 1].root) != 0)
			pg_add(batch, &store->lock_create,
				PG_VALUES(written->rows[rooted[i].row].id, written->bodies[rooted[i].row]));
}

void store_add_inserts(struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count)
{
	const struct resource *resource = store->resource;
	struct written written = written_of(request->arena, rows, count);
	bool many = resource->many;

	turns_add(request, batch, resource, rows, count);
	if (store->lock_create.text && resource->part_by && !(many && resource->lock_create))
		locks_add(request, batch, store, &written, false);
	else if (store->lock_create.text)
		rows_add(batch, &store->lock_create, &written, many && resource->lock_create);
	if (store->references.text)
		rows_add(batch, &store->references, &written, true);
	for (size_t i = 0; resource->guards && resource->guards[i]; i++)
		rows_add(batch, resource->guards[i], &written, many);
	if (store->free_guard.text)
		rows_add(batch, &store->free_guard, &written, false);
	rows_add(batch, &store->insert, &written, many || !resource->create);
	for (size_t i = 0; resource->parts && resource->parts[i]; i++)
		rows_add(batch, resource->parts[i], &written, many);
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

void store_add_first_records(struct pg_batch *batch, const struct store *store, const char *ids, const char *event)
{
	pg_add(batch, &store->record_first_many, PG_VALUES(ids, event));
}

/* The change record of a new row, by the resource's created_event, and of what was touched with it. */
static void created_add(struct request *request, struct pg_batch *batch, const struct store *store, const char *id)
{
	if (!text_same(store->resource->created_event, CREATED_BY_TOUCH))
		store_add_first_record(batch, store, id, created_event(request, store->resource));
	store_add_touched(batch, store);
}

/*
 * Of rows that are written one after the other, each of which raises the revision of its root by its lock: all roots before
 * the first of them, which may take more than its root.
 */
static void roots_take(const struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count)
{
	struct written written = written_of(request->arena, rows, count);

	if (count > 1 && store->resource->lock_many)
		rows_add(batch, store->resource->lock_many, &written, true);
	else if (count > 1 && store->lock_create.text && store->resource->part_by)
		locks_add(request, batch, store, &written, true);
}

void store_add_rows(struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count)
{
	if (store->resource->insert) {
		store->resource->insert(request, batch, rows, count);
		return;
	}
	if (count == 1 || store->touches->store) { /* what each of them touches has its own records, in order */
		roots_take(request, batch, store, rows, count);
		for (size_t i = 0; i < count; i++) {
			store_add_insert(request, batch, store, rows[i].id, rows[i].body);
			created_add(request, batch, store, rows[i].id);
		}
		return;
	}
	store_add_inserts(request, batch, store, rows, count);
	store_add_first_records(
		batch, store, store_ids(request->arena, rows, count), created_event(request, store->resource));
}
