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
 *
 * Of words and pieces of texts statistics know least: which of them meet in a row, nothing. Where a list has such conditions,
 * the page is looked for first on a walk so short that it costs little, which finds what is frequent. And PostgreSQL is told
 * to expect more rows of the few than are taken, lest it hopes to meet them by chance and reads the whole table.
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

/* Whether a column of the rows is among those asked for; each is an expression whose last word is its name. */
static bool is_shown(const struct list *list, const char *column, size_t length)
{
	const char *name;

	while (length && (isspace((unsigned char)column[length - 1]) || column[length - 1] == '"'))
		length--;
	name = column + length;
	while (name > column && (isalnum((unsigned char)name[-1]) || name[-1] == '_'))
		name--;
	length -= (size_t)(name - column);
	if (length == 2 && memcmp(name, "id", 2) == 0)
		return true;
	for (const char *const *only = list->only; *only; only++)
		if (strlen(*only) == length && memcmp(name, *only, length) == 0)
			return true;
	return false;
}

/* Adds the columns of the rows: all, or those that the list asks for and their id. */
static void columns_add(struct text *sql, const struct list *list, const char *columns, const char *end)
{
	const char *begin = columns;
	struct place place = { 0 };

	if (!list->only) {
		text_addf(sql, ", %.*s", (int)(end - columns), columns);
		return;
	}
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

/* What the parts of a statement have in common. */
struct parts {
	const struct list *list;
	const char *from;
	const char *among; /* the same, and what its conditions join */
	const char *key;   /* of the sort, */
	const char *id;    /* and where it is the same: SQL both */
	int rows;          /* of the page */
};

/* The matching rows, if they fill the page, among the first `rows` * LIST_NEAR; `edge` is the one behind these. */
static void near_add(struct text *sql, const struct parts *parts)
{
	const struct list *list = parts->list;

	text_addf(sql, "edge as materialized (select %s as key, %s %s where true", parts->key, parts->id, parts->from);
	page_add(sql, list, parts->key, parts->id, 1);
	text_addf(sql,
		" offset %d), near as materialized (select %s as key, %s %s where true%s and (%s, %s) %s "
		"((select edge.key from edge), (select edge.id from edge))",
		parts->rows * LIST_NEAR, parts->key, parts->id, parts->among, text_c(&list->where), parts->key,
		parts->id, list->descending ? ">" : "<");
	page_add(sql, list, parts->key, parts->id, parts->rows);
	text_add(sql, "), ");
}

/* The pages of a list with conditions: of what is near, of few rows that are sorted, or of many by a walk. */
static void pages_add(struct text *sql, const struct parts *parts)
{
	static const char count[] = "(select count(few.id) from (select few.id from few limit";
	const struct list *list = parts->list;
	const char *where = text_c(&list->where);

	text_add(sql, "with ");
	if (list->words)
		near_add(sql, parts);
	text_addf(sql, "few as materialized (select f.key, f.id from (select %s as key, %s %s where true%s limit %d) f",
		parts->key, parts->id, parts->among, where, list->words ? LIST_FEW * LIST_HOPE : LIST_FEW + 1);
	if (list->words)
		text_addf(sql,
			" where (select count(near.id) from near) < %d), page as ("
			"(select near.key, near.id from near where (select count(near.id) from near) = %d) union all ",
			parts->rows, parts->rows);
	else
		text_add(sql, "), page as (");
	text_addf(sql, "(select few.key, few.id from few where %s %d) few) <= %d", count, LIST_FEW + 1, LIST_FEW);
	page_add(sql, list, "few.key", "few.id", parts->rows);
	text_addf(sql, ") union all (select w.key, w.id from (select %s as key, %s %s where true%s", parts->key,
		parts->id, parts->among, where);
	page_add(sql, list, parts->key, parts->id, parts->rows);
	text_addf(sql, ") w where %s %d) few) > %d)", count, LIST_FEW + 1, LIST_FEW);
}

struct list_query list_compose(const struct list *list, int rows)
{
	const char *from = rows_from(list->store);
	const char *columns = list->store->rows.text + sizeof("select") - 1;
	const char *id = arena_printf(list->request->arena, "%s.id", list->store->resource->alias);
	const char *order = list->descending ? "desc" : "asc";
	const char *among = arena_printf(list->request->arena, "%s%s", from, text_c(&list->joins));
	const struct parts parts = { list, from, among, list->sort->column, id, rows };
	struct list_query query = { .sql = text_new(list->request->arena, PAGE_SQL_MAX), .count = list->value_count };
	struct text *sql = &query.sql;

	if (query.count)
		memcpy(query.values, list->values, sizeof(query.values[0]) * (size_t)query.count);
	if (list->key) {
		query.values[query.count++] = list->key;
		query.values[query.count++] = list->id;
	}
	if (list->where.length) {
		pages_add(sql, &parts);
	} else {
		text_addf(sql, "with page as (select %s as key, %s %s where true", parts.key, id, from);
		page_add(sql, list, parts.key, id, rows);
	}
	text_add(sql, ") select page.key::text as _key");
	columns_add(sql, list, columns, from);
	text_addf(sql, " %s, page where page.id = %s order by page.key %s, page.id %s", from, id, order, order);
	return query;
}
