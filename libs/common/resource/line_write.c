#include "line_write.h"

#include "arena.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

static void changed_add(struct upsert *upsert, struct pg_batch *batch, const struct upsert_line *line)
{
	struct request *request = upsert->request;
	const struct store *store = upsert->store;

	store_add_change(request, batch, store, line->id, json_write(request->arena, line->body), NULL);
	store_add_record(batch, store, line->id, arena_printf(request->arena, "%s.changed", store->resource->name));
	store_add_touched(batch, store);
}

static int changed_order(const void *left, const void *right)
{
	const struct upsert_line *a = *(const struct upsert_line *const *)left;
	const struct upsert_line *b = *(const struct upsert_line *const *)right;
	int order = strcmp(a->root, b->root);

	return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* The lines from..to that change rows, in the order of the ids of their roots: two that change the same would wait for each other. */
static const struct upsert_line **changed_lines(const struct upsert *upsert, size_t from, size_t to, size_t *count)
{
	const struct upsert_line **lines = arena_array(upsert->request->arena, to - from, sizeof(*lines));

	*count = 0;
	for (size_t i = from; i < to; i++)
		if (upsert->lines[i].outcome == LINE_CHANGED)
			lines[(*count)++] = &upsert->lines[i];
	qsort(lines, *count, sizeof(*lines), changed_order);
	return lines;
}

/* Where both are written, the new ones first: the roots of all of them before that. `rows` has room for the changed ones. */
static void mixed_take(struct upsert *upsert, struct pg_batch *batch, struct new_row *rows, size_t created,
	const struct upsert_line **lines, size_t changed)
{
	struct request *request = upsert->request;
	const struct store *store = upsert->store;
	const struct resource *resource = store->resource;

	if (!created || !changed || !resource->part_by || resource->insert)
		return;
	for (size_t i = 0; i < changed; i++) {
		json_t *body = json_keep(request->arena, json_object());

		json_object_set_new(body, resource->part_by, json_string(lines[i]->root));
		rows[created + i] = (struct new_row){ lines[i]->id, body };
	}
	store_add_roots(request, batch, store, rows, created + changed);
}

size_t line_writes_add(struct upsert *upsert, struct pg_batch *batch, size_t from, size_t to)
{
	struct request *request = upsert->request;
	struct new_row *rows = arena_array(request->arena, to - from, sizeof(*rows));
	size_t created = 0;
	size_t changed;
	const struct upsert_line **lines = changed_lines(upsert, from, to, &changed);

	for (size_t i = from; i < to; i++)
		if (upsert->lines[i].outcome == LINE_CREATED)
			rows[created++] = (struct new_row){ upsert->lines[i].id, upsert->lines[i].body };
	mixed_take(upsert, batch, rows, created, lines, changed);
	if (created)
		store_add_rows(request, batch, upsert->store, rows, created);
	for (size_t i = 0; i < changed; i++)
		changed_add(upsert, batch, lines[i]);
	return created + changed;
}
