/*
 * list_compose: the statement of a page.
 *
 * The page is found first, as keys and ids; then its rows are shown, so that what they show besides costs no more than a
 * page of it. Of a filtered list PostgreSQL may walk an index in the order of the sort and take what the filters leave,
 * or find what the filters leave and sort that. The first is a second of work when few of a million rows match, the
 * second when most do, and its statistics, which span all tenants and know nothing of how columns hang together, often
 * tell the two apart wrongly. So LIST_FEW + 1 matching rows are asked for first, in any order, and the walk is taken only
 * when there are as many, and ends after LIST_WALK rows. What is found neither way is looked for again, with a greater effort
 * (ADR 8).
 *
 * Of the tables that a row is shown with, the search for the page names only those that a condition or the sort does: rows
 * join the tables beside their own with left joins, which may be left out.
 *
 * Of words, pieces of texts and other tables statistics know least: which of them, or of several free fields, meet in a row,
 * nothing. Where a list has such conditions, the page is looked for first on a walk so short that it costs little, which finds
 * what is frequent. And PostgreSQL is told to expect more rows of the few than are taken, lest it hopes to meet them by chance
 * and reads the whole table, or looks up the terms of half of it one by one.
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

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Whether SQL names a column of an alias, as "u.code". */
static bool names_alias(const char *sql, const char *alias, size_t length)
{
	for (const char *at = strstr(sql, "."); at; at = strstr(at + 1, "."))
		if ((size_t)(at - sql) >= length && memcmp(at - length, alias, length) == 0 &&
			((size_t)(at - sql) == length || !is_word(at[-(ptrdiff_t)length - 1])))
			return true;
	return false;
}

/* Whether conditions or sort of a list name a table that is joined: its alias stands before "on". */
static bool names_joined(const struct list *list, const char *joined)
{
	struct place place = { 0 };

	for (const char *at = joined; *at; at++) {
		const char *alias = at;

		if (place_take(&place, *at) && *at == ',')
			return true; /* no join but a table: that it has a row for each, nothing says */
		if (place.depth || place.quoted || !text_starts(at, " on "))
			continue;
		while (alias > joined && is_word(alias[-1]))
			alias--;
		if (names_alias(text_c(&list->where), alias, (size_t)(at - alias)) ||
			names_alias(text_c(&list->sought), alias, (size_t)(at - alias)) ||
			names_alias(list->sort->column, alias, (size_t)(at - alias)))
			return true;
	}
	return false;
}

/*
 * The same for those that only look for rows: without the tables beside their own, where nothing names these. PostgreSQL would
 * leave them out, too, but only when it has planned them.
 */
static const char *rows_searched(const struct list *list, const char *from)
{
	struct place place = { 0 };

	for (const char *at = from; *at; at++)
		if (place_take(&place, *at) && isspace((unsigned char)*at) && text_starts(at + 1, "left join "))
			return names_joined(list, at) ? from
						      : arena_strndup(list->request->arena, from, (size_t)(at - from));
	return from;
}

/* Whether a column of the rows is among those asked for; each is an expression whose last word is its name. */
static bool is_shown(const struct list *list, const char *column, size_t length)
{
	const char *name;

	while (length && (isspace((unsigned char)column[length - 1]) || column[length - 1] == '"'))
		length--;
	name = column + length;
	while (name > column && is_word(name[-1]))
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
	const char *separator = "";
	struct place place = { 0 };

	if (!list->only) {
		text_addf(sql, "%.*s", (int)(end - columns), columns);
		return;
	}
	for (const char *at = columns; at <= end; at++) {
		bool comma = place_take(&place, *at) && *at == ',';

		if (!comma && at < end)
			continue;
		if (is_shown(list, begin, (size_t)(at - begin))) {
			text_addf(sql, "%s%.*s", separator, (int)(at - begin), begin);
			separator = ", ";
		}
		begin = at + 1;
	}
}

/* Adds the place after which the page begins, and the order. */
static void behind_add(struct text *sql, const struct list *list, const char *key, const char *id)
{
	const char *order = list->descending ? "desc" : "asc";

	if (list->key)
		text_addf(sql, " and (%s, %s) %s ($%d::%s, $%d::uuid)", key, id, list->descending ? "<" : ">",
			list->value_count + 1, list->sort->type, list->value_count + 2);
	text_addf(sql, " order by %s %s, %s %s", key, order, id, order);
}

static void page_add(struct text *sql, const struct list *list, const char *key, const char *id, int rows)
{
	behind_add(sql, list, key, id);
	text_addf(sql, " limit %d", rows);
}

/* What the parts of a statement have in common. */
struct parts {
	const struct list *list;
	const char *from;
	const char *sought; /* "from" and conditions where rows are found by what they have, */
	const char *tried;  /* and where they are met in the order of the sort */
	bool bare;          /* nothing but their free fields is asked of the rows, which come from one table */
	const char *key;    /* of the sort, */
	const char *id;     /* and where it is the same: SQL both */
	int rows;           /* of the page */
	int near;           /* so many rows of the sort are looked at first, or 0; */
	int few;            /* so many matching rows are found and sorted, */
	int walk; /* and so many rows of the sort walked before more is undertaken; 0 when there is no bound */
};

/* Whether rows come from their own table and no other, and only their own free fields are asked of them. */
static bool is_bare(const struct list *list, const char *from)
{
	const struct resource *resource = list->store->resource;

	return list->own_terms && !list->where.length &&
		strcmp(from, arena_printf(list->request->arena, "from %s %s", resource->table, resource->alias)) == 0;
}

/* Where the sort is an expression, each row walked would cost its value: there no edge is looked for. */
static struct parts parts_of(const struct list *list, const char *from, int rows, enum effort effort)
{
	struct arena *arena = list->request->arena;
	int times = effort == EFFORT_MORE ? LIST_MORE : 1;
	bool plain = !strchr(list->sort->column, '(');
	int walk = plain ? times * LIST_WALK : 0;
	int near = times * LIST_NEAR * rows;
	bool looks_near = plain && list->unsure && (effort == EFFORT_LITTLE || list->join_count);

	return (struct parts){
		.list = list,
		.from = from,
		.sought = arena_printf(arena, "%s%s where true%s%s", from, text_c(&list->joins), text_c(&list->where),
			text_c(&list->sought)),
		.tried = arena_printf(arena, "%s where true%s%s", from, text_c(&list->where), text_c(&list->tried)),
		.bare = plain && is_bare(list, from),
		.key = list->sort->column,
		.id = arena_printf(arena, "%s.id", list->store->resource->alias),
		.rows = rows,
		.near = !looks_near   ? 0
			: near < walk ? near
				      : walk,
		.few = times * LIST_FEW,
		.walk = walk,
	};
}

/*
 * The same among the first rows of the sort, which are tried one after the other: no index has anything better to offer, so
 * that no edge need be known.
 */
static void among_first_add(struct text *sql, const struct parts *parts, int count)
{
	const struct list *list = parts->list;
	const char *alias = list->store->resource->alias;
	const char *order = list->descending ? "desc" : "asc";

	text_addf(sql, "select %s as key, %s from (select %s.* %s where true%s", parts->key, parts->id, alias,
		parts->from, text_c(&list->span));
	page_add(sql, list, parts->key, parts->id, count);
	text_addf(sql, ") %s where true%s order by %s %s, %s %s limit %d", alias, text_c(&list->tried), parts->key,
		order, parts->id, order, parts->rows);
}

/* Adds keys and ids of the matching rows, a page of them: up to the edge of that name, or NULL, which is so many rows away. */
static void up_to_add(struct text *sql, const struct parts *parts, const char *edge, int away)
{
	const struct list *list = parts->list;

	if (edge && parts->bare) {
		among_first_add(sql, parts, away + 1);
		return;
	}
	text_addf(sql, "select %s as key, %s %s", parts->key, parts->id, edge ? parts->tried : parts->sought);
	if (edge)
		text_addf(sql, " and (%s, %s) %s ((select e.key from %s e), (select e.id from %s e))", parts->key,
			parts->id, list->descending ? ">=" : "<=", edge, edge);
	page_add(sql, list, parts->key, parts->id, parts->rows);
}

/* The matching rows, if they fill the page, among the first of the sort; `verge` is the last of these. */
static void near_add(struct text *sql, const struct parts *parts)
{
	if (!parts->bare) {
		text_addf(sql, "verge as materialized (select %s as key, %s %s where true%s", parts->key, parts->id,
			parts->from, text_c(&parts->list->span));
		page_add(sql, parts->list, parts->key, parts->id, 1);
		text_addf(sql, " offset %d), ", parts->near);
	}
	text_add(sql, "near as materialized (");
	up_to_add(sql, parts, "verge", parts->near);
	text_add(sql, "), ");
}

/* The same of one term: its index tells how many they are, before any is looked up. */
static void few_of_term_add(struct text *sql, const struct parts *parts)
{
	text_addf(sql, "many as materialized (select count(*) > %d as yes from (select from %s limit %d) f), ",
		parts->few, parts->list->own_terms, parts->few + 1);
	text_addf(sql,
		"few as materialized (select f.key, f.id from (select %s as key, %s %s limit %d) f where not (select many.yes from "
		"many)), ",
		parts->key, parts->id, parts->sought, parts->few + 1);
}

/* The matching rows in any order, unless they are more than an effort's few; `many` says whether they are. */
static void few_add(struct text *sql, const struct parts *parts)
{
	const struct list *list = parts->list;

	if (parts->bare && list->join_count == 1) {
		few_of_term_add(sql, parts);
		return;
	}
	text_addf(sql, "few as materialized (select f.key, f.id from (select %s as key, %s %s limit %d) f", parts->key,
		parts->id, parts->sought, list->unsure ? parts->few * LIST_HOPE : parts->few + 1);
	if (parts->near)
		text_addf(sql, " where (select count(near.id) from near) < %d", parts->rows);
	text_addf(sql,
		"), many as materialized (select count(f.id) > %d as yes from (select few.id from few limit %d) f), ",
		parts->few, parts->few + 1);
}

/* The last of so many rows as an effort walks, and whether others come behind it; where none do, those are all. */
static void edge_add(struct text *sql, const struct parts *parts)
{
	const struct list *list = parts->list;
	const char *back = list->descending ? "asc" : "desc";

	text_addf(sql,
		"edge as materialized (select e.key, e.id, e.more from ((select %s as key, %s, true as more %s where true%s",
		parts->key, parts->id, parts->from, text_c(&list->span));
	page_add(sql, list, parts->key, parts->id, 1);
	text_addf(sql,
		" offset %d) union all (select %s as key, %s, false as more %s where true%s order by %s %s, %s %s limit 1)) e limit 1), ",
		parts->walk, parts->key, parts->id, parts->from, text_c(&list->span), parts->key, back, parts->id,
		back);
}

/* Where they are many, the first of them, up to the edge when there is one; `undecided` when these are no page. */
static void walk_add(struct text *sql, const struct parts *parts)
{
	if (parts->walk)
		edge_add(sql, parts);
	text_add(sql, "walk as materialized (select w.key, w.id from (");
	up_to_add(sql, parts, parts->walk ? "edge" : NULL, parts->walk);
	text_add(sql, ") w where (select many.yes from many)), undecided as materialized (select ");
	if (parts->walk)
		text_addf(sql,
			"(select many.yes from many) and (select count(walk.id) from walk) < %d and (select edge.more from edge)",
			parts->rows);
	else
		text_add(sql, "false");
	text_add(sql, " as yes), ");
}

/*
 * The page of a list with conditions: of what is near, of few rows that are sorted, or of many by a walk; or a row of nulls
 * where the effort did not find it.
 */
static void pages_add(struct text *sql, const struct parts *parts)
{
	const struct list *list = parts->list;

	text_add(sql, "with ");
	if (parts->near)
		near_add(sql, parts);
	few_add(sql, parts);
	walk_add(sql, parts);
	text_add(sql, "page as (");
	if (parts->near)
		text_addf(sql,
			"(select near.key, near.id from near where (select count(near.id) from near) = %d) union all ",
			parts->rows);
	text_add(sql, "(select few.key, few.id from few where not (select many.yes from many)");
	page_add(sql, list, "few.key", "few.id", parts->rows);
	text_add(sql,
		") union all (select walk.key, walk.id from walk where not (select undecided.yes from undecided)) "
		"union all (select null, null from undecided where undecided.yes)");
}

/* The page of all that match, whatever it costs: all are found and sorted, or an index has them in order. */
static void all_add(struct text *sql, const struct parts *parts)
{
	const struct list *list = parts->list;
	const char *order = list->descending ? "desc" : "asc";

	text_addf(sql, "with page as (select f.key, f.id from (select %s as key, %s %s", parts->key, parts->id,
		parts->sought);
	behind_add(sql, list, parts->key, parts->id);
	text_addf(sql, ") f order by f.key %s, f.id %s limit %d", order, order, parts->rows);
}

struct list_query list_compose(const struct list *list, int rows, enum effort effort)
{
	const char *from = rows_from(list->store);
	const char *columns = list->store->rows.text + sizeof("select") - 1;
	const char *order = list->descending ? "desc" : "asc";
	const struct parts parts = parts_of(list, rows_searched(list, from), rows, effort);
	struct list_query query = { .sql = text_new(list->request->arena, PAGE_SQL_MAX), .count = list->value_count };
	struct text *sql = &query.sql;
	bool filtered = list->where.length || list->sought.length;

	if (query.count)
		memcpy(query.values, list->values, sizeof(query.values[0]) * (size_t)query.count);
	if (list->key) {
		query.values[query.count++] = list->key;
		query.values[query.count++] = list->id;
	}
	if (filtered && effort < EFFORT_ANY) {
		pages_add(sql, &parts);
	} else if (filtered) {
		all_add(sql, &parts);
	} else {
		text_addf(sql, "with page as (select %s as key, %s %s where true", parts.key, parts.id, parts.from);
		page_add(sql, list, parts.key, parts.id, rows);
	}
	text_add(sql, ") select page.key::text as _key, r.* from page left join lateral (select ");
	columns_add(sql, list, columns, from);
	text_addf(sql, " %s where %s = page.id) r on true order by page.key %s, page.id %s", from, parts.id, order,
		order);
	return query;
}
