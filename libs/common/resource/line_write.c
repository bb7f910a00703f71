#include "line_write.h"

#include "arena.h"
#include "store.h"
#include "text.h"
#include "uuid.h"

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

/*
 * Where both are written, the new ones first: the roots of all of them before that. They are held only: each row raises the
 * revision of its root when it is written.
 */
static void mixed_hold(struct upsert *upsert, struct pg_batch *batch, const struct new_row *rows, size_t created,
	const struct upsert_line **lines, size_t changed)
{
	struct arena *arena = upsert->request->arena;
	const struct resource *resource = upsert->store->resource;
	struct text roots = text_new(arena, (created + changed) * (UUID_TEXT + 3) + 2);

	if (!created || !changed || !resource->part_by || resource->insert)
		return;
	for (size_t i = 0; i < created; i++) {
		const char *root = json_string_at(rows[i].body, resource->part_by);

		if (root)
			pg_array_add(&roots, root);
	}
	for (size_t i = 0; i < changed; i++)
		if (lines[i]->root[0])
			pg_array_add(&roots, lines[i]->root);
	pg_add_text(batch,
		arena_printf(arena,
			"select count(*) from (select from %s r where r.id = any ($1::uuid[]) order by r.id for no key "
			"update) held",
			resource->part_of->table),
		PG_VALUES(pg_array_end(&roots)));
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
	mixed_hold(upsert, batch, rows, created, lines, changed);
	if (created)
		store_add_rows(request, batch, upsert->store, rows, created);
	for (size_t i = 0; i < changed; i++)
		changed_add(upsert, batch, lines[i]);
	return created + changed;
}
