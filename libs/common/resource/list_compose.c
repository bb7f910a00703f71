/*
 * list_compose: the statement of a page.
 *
 * The page is found first, as keys and ids; then its rows are shown, so that what they show besides costs no more than a
 * page of it. Of a filtered list PostgreSQL may walk an index in the order of the sort and take what the filters leave,
 * or find what the filters leave and sort that. The first is a second of work when few of a million rows match, the
 * second when most do, and its statistics, which span all tenants and know nothing of how columns hang together, often
 * tell the two apart wrongly. So LIST_FEW + 1 matching rows are asked for first, in any order, and the walk is taken only
 * when there are as many (ADR 8).
 *
 * Of the tables that a row is shown with, the search for the page reads only those that a condition or the sort names:
 * PostgreSQL leaves out a left join of which nobody asks anything, as long as the statement has no condition without a
 * column. So rows join the tables beside their own with left joins, and whether to walk is asked outside the walk.
 */
#include "arena.h"
#include "list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in a statement one is that is read character by character. */
struct place {
	int depth; /* of brackets */
	bool quoted;
};

/* Goes on by a character; true when it stands in no brackets and no quotes, as in "extract(year from …)". */
static bool place_take(struct place *place, char c)
{
	place->quoted ^= c == '\'';
	if (!place->quoted)
		place->depth += (c == '(') - (c == ')');
	return place->depth == 0 && !place->quoted;
}

/* Where the rows come from: from the first "from" on that is not within a column. */
static const char *rows_from(const struct store *store)
{
	const char *sql = store->rows.text;
	struct place place = { 0 };

	for (const char *at = sql; *at; at++)
		if (place_take(&place, *at) && isspace((unsigned char)*at) && text_starts(at + 1, "from "))
			return at + 1;
	fprintf(stderr, "resource %s: its rows come from nowhere\n", store->resource->name);
	abort();
}

/* Whether a column of the rows is shown; each is an expression whose last word is its name. */
static bool is_shown(const struct list *list, const char *column, size_t length)
{
	const char *name;

	while (length && (isspace((unsigned char)column[length - 1]) || column[length - 1] == '"'))
		length--;
	name = column + length;
	while (name > column && (isalnum((unsigned char)name[-1]) || name[-1] == '_'))
		name--;
	length -= (size_t)(name - column);
	if (!list->only || (length == 2 && memcmp(name, "id", 2) == 0))
		return true;
	for (const char *const *only = list->only; *only; only++)
		if (strlen(*only) == length && memcmp(name, *only, length) == 0)
			return true;
	return false;
}

/* Adds those columns of the rows that the list asks for, and their id. */
static void columns_add(struct text *sql, const struct list *list, const char *columns, const char *end)
{
	const char *begin = columns;
	struct place place = { 0 };

	for (const char *at = columns; at <= end; at++) {
		bool comma = place_take(&place, *at) && *at == ',';

		if (!comma && at < end)
			continue;
		if (is_shown(list, begin, (size_t)(at - begin)))
			text_addf(sql, ", %.*s", (int)(at - begin), begin);
		begin = at + 1;
	}
}

/* Adds the place after which the page begins, the order and the limit. */
static void page_add(struct text *sql, const struct list *list, const char *key, const char *id, int rows)
{
	const char *order = list->descending ? "desc" : "asc";

	if (list->key)
		text_addf(sql, " and (%s, %s) %s ($%d::%s, $%d::uuid)", key, id, list->descending ? "<" : ">",
			list->value_count + 1, list->sort->type, list->value_count + 2);
	text_addf(sql, " order by %s %s, %s %s limit %d", key, order, id, order, rows);
}

struct list_query list_compose(const struct list *list, int rows)
{
	const struct resource *resource = list->store->resource;
	const char *from = rows_from(list->store);
	const char *columns = list->store->rows.text + sizeof("select") - 1;
	const char *key = list->sort->column;
	const char *id = arena_printf(list->request->arena, "%s.id", resource->alias);
	const char *order = list->descending ? "desc" : "asc";
	struct list_query query = { .sql = text_new(list->request->arena, PAGE_SQL_MAX), .count = list->value_count };
	struct text *sql = &query.sql;

	if (query.count)
		memcpy(query.values, list->values, sizeof(query.values[0]) * (size_t)query.count);
	if (list->key) {
		query.values[query.count++] = list->key;
		query.values[query.count++] = list->id;
	}
	if (list->where.length) {
		text_addf(sql, "with few as materialized (select %s as key, %s %s where true%s limit %d), ", key, id,
			from, text_c(&list->where), LIST_FEW + 1);
		text_addf(sql, "page as ((select few.key, few.id from few where (select count(few.id) from few) <= %d",
			LIST_FEW);
		page_add(sql, list, "few.key", "few.id", rows);
		text_addf(sql, ") union all (select w.key, w.id from (select %s as key, %s %s where true%s", key, id,
			from, text_c(&list->where));
		page_add(sql, list, key, id, rows);
		text_addf(sql, ") w where (select count(few.id) from few) > %d)) ", LIST_FEW);
	} else {
		text_addf(sql, "with page as (select %s as key, %s %s where true", key, id, from);
		page_add(sql, list, key, id, rows);
		text_add(sql, ") ");
	}
	text_add(sql, "select page.key::text as _key");
	columns_add(sql, list, columns, from);
	text_addf(sql, " %s, page where page.id = %s order by page.key %s, page.id %s", from, id, order, order);
	return query;
}
