#include "expand.h"

#include "arena.h"
#include "list.h"
#include "query.h"
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 512

const struct endpoint *expand_next(
	const struct endpoints *endpoints, const struct store *store, const struct endpoint *from)
{
	const struct endpoint *end = endpoints->items + endpoints->count;

	for (const struct endpoint *item = from ? from : endpoints->items; item < end; item++)
		if (item->beside && item->parent == store)
			return item;
	return NULL;
}

const struct field *expand_query(struct arena *arena, const struct endpoints *endpoints, const struct store *store)
{
	struct text names = text_new(arena, CHOICES_MAX);
	struct field *table = arena_array(arena, 2, sizeof(*table));
	size_t count = 0;

	for (const struct endpoint *item = NULL; (item = expand_next(endpoints, store, item)); item++) {
		text_addf(&names, "%s%s", names.length ? " " : "", item->beside);
		count++;
	}
	if (count > EXPAND_NAMES_MAX || names.full) {
		fprintf(stderr, "resource %s: more than %d lists expand\n", store->resource->name, EXPAND_NAMES_MAX);
		abort();
	}
	table[0] = (struct field){ "expand", FIELD_TEXTS, .choices = text_c(&names),
		.help = arena_printf(arena,
			"Shows these lists beside each row, separated by commas: their first %d rows, and the cursor "
			"with which the list itself goes on.",
			EXPAND_ROWS_MAX) };
	return count ? table : NULL;
}

static const struct endpoint *list_named(const struct request *request, const char *name)
{
	const struct endpoints *endpoints = request->app->endpoints;
	const struct store *store = request->endpoint->store;

	for (const struct endpoint *item = NULL; (item = expand_next(endpoints, store, item)); item++)
		if (strcmp(item->beside, name) == 0)
			return item;
	return NULL;
}

static bool wanted_already(const struct expand *expand, const struct endpoint *list)
{
	for (size_t i = 0; i < expand->count; i++)
		if (expand->items[i].list == list)
			return true;
	return false;
}

enum fault expand_read(struct request *request, struct expand *expand)
{
	const char *names = query_value(request->query, "expand");

	expand->request = request;
	expand->count = 0;
	if (names && !request->endpoint->route.query)
		fault_add_parameter(&request->faults, "expand", "unknown", "no such filter or parameter");
	else if (names && !*names)
		fault_add_parameter(&request->faults, "expand", "length", "must not be empty");
	for (const char *at = request->faults.count || !names ? "" : names; *at;) {
		size_t length = strcspn(at, ",");
		const char *name = arena_strndup(request->arena, at, length);
		const struct endpoint *list = list_named(request, name);

		at += length + (at[length] == ',');
		if (!list) {
			fault_add_parameter(&request->faults, "expand", "unknown", "no list %s beside this", name);
			continue;
		}
		if (!request_may(request, list->route.write))
			return request_fail(request, FAULT_FORBIDDEN, "expand=%s needs the scope %s.", name,
				scope_name(list->route.write));
		if (!wanted_already(expand, list))
			expand->items[expand->count++].list = list;
	}
	return request->faults.count ? FAULT_BAD_QUERY : FAULT_NONE;
}

/*
 * The rows of all lists of one name: for each id in turn what a page of its list would show, and one more, which tells
 * whether there is another page.
 */
static const char *children_compose(struct expand *expand, const struct endpoint *endpoint)
{
	const struct resource *resource = endpoint->store->resource;
	const char *order = resource->descending ? "desc" : "asc";
	struct text sql = text_new(expand->request->arena, PAGE_SQL_MAX);
	struct list list;

	list_begin(&list, expand->request, endpoint->store, endpoint->route.where);
	list_filter_join(&list, endpoint->route.via, "p.id");
	text_addf(&sql,
		"select p.id as _parent, r.* from unnest($1::uuid[]) with ordinality p(id, place), lateral "
		"(select (%s)::text as _key, (%s) as _sort, %s where true%s order by %s %s, %s.id %s limit %d) r "
		"order by p.place, r._sort %s, r.id %s",
		list.sort->column, list.sort->column, endpoint->store->rows.text + sizeof("select") - 1,
		text_c(&list.where), list.sort->column, order, resource->alias, order, EXPAND_ROWS_MAX + 1, order,
		order);
	return text_c(&sql);
}

void expand_add(struct expand *expand, struct pg_batch *batch, const char *ids)
{
	for (size_t i = 0; i < expand->count; i++)
		expand->items[i].index = pg_add_text(
			batch, children_compose(expand, expand->items[i].list), 1, (const char *const[]){ ids });
}

void expand_take(struct expand *expand, const struct pg_batch *batch)
{
	for (size_t i = 0; i < expand->count; i++) {
		expand->items[i].result = pg_result(batch, expand->items[i].index);
		expand->items[i].index = 0;
	}
}

/* Where the list below this row goes on behind the last child shown. */
static const char *cursor_behind(struct expand *expand, const struct expanded *item, const char *id, size_t last)
{
	const struct endpoint *endpoint = item->list;
	struct list list;

	list_begin(&list, expand->request, endpoint->store, endpoint->route.where);
	list.beside = true;
	list_below(&list, endpoint->route.via, id);
	list_end(&list);
	list.key = PQgetvalue(item->result, (int)last, PQfnumber(item->result, "_key"));
	list.id = PQgetvalue(item->result, (int)last, PQfnumber(item->result, "id"));
	return list_cursor(&list);
}

static void children_write(struct expand *expand, struct expanded *item, struct text *out, const char *id)
{
	const char *const *hidden = store_hidden(expand->request, item->list->store->resource);
	const size_t rows = (size_t)PQntuples(item->result);
	const size_t first = item->index;
	const char *cursor;

	text_addf(out, "\"%s\":{\"items\":[", item->list->beside);
	for (; item->index < rows && strcmp(PQgetvalue(item->result, (int)item->index, 0), id) == 0; item->index++) {
		if (item->index - first >= EXPAND_ROWS_MAX)
			continue;
		if (item->index > first)
			text_add_char(out, ',');
		pg_row_json(out, item->result, (int)item->index, hidden, NULL);
	}
	text_add_char(out, ']');
	cursor = item->index - first > EXPAND_ROWS_MAX ? cursor_behind(expand, item, id, first + EXPAND_ROWS_MAX - 1)
						       : NULL;
	if (cursor) {
		text_add(out, ",\"next_cursor\":");
		text_add_json(out, cursor);
	}
	text_add_char(out, '}');
}

void expand_write(struct expand *expand, struct text *out, const char *id)
{
	for (size_t i = 0; i < expand->count && !out->full; i++) {
		text_cut(out, 1);
		if (out->data[out->length - 1] != '{')
			text_add_char(out, ',');
		children_write(expand, &expand->items[i], out, id);
		text_add_char(out, '}');
	}
}
