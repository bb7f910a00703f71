#include "list.h"

#include "arena.h"
#include "cursor.h"
#include "free_field.h"
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SORT_NAMES_MAX ((size_t)1024)
#define NOT_OURS       "The cursor is not one of ours."

static const char *const reserved[] = { "limit", "cursor", "sort", "q", "fields", "expand", "labels" };

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

bool list_selects(const char *name)
{
	return !is_reserved(name) || strcmp(name, "q") == 0;
}

/* Those parameters come once, and plain. */
static void reserved_check(struct list *list, const struct parameter *parameter)
{
	struct fault_list *faults = &list->request->faults;

	if (parameter->comparison != COMPARE_EQ)
		fault_add_parameter(faults, parameter->spelled, "operator", "takes no operator");
	else if (query_value(list->request->query, parameter->name) != parameter->value)
		fault_add_parameter(faults, parameter->spelled, "duplicate", "is given twice");
}

static void sort_refuse(struct request *request, const struct resource *resource)
{
	struct text names = text_new(request->arena, SORT_NAMES_MAX);

	for (const struct sort *sort = resource->sorts; sort->name; sort++)
		text_addf(&names, " %s", sort->name);
	fault_add_parameter(&request->faults, "sort", "unknown", "no such sort; there are:%s", text_c(&names));
}

static void sort_read(struct list *list, const char *wanted)
{
	const struct resource *resource = list->store->resource;

	list->sort = resource->sorts;
	list->descending = resource->descending;
	if (!wanted)
		return;
	list->descending = wanted[0] == '-';
	for (const struct sort *sort = resource->sorts; sort->name; sort++) {
		if (strcmp(sort->name, wanted + list->descending) == 0) {
			list->sort = sort;
			return;
		}
	}
	sort_refuse(list->request, resource);
}

static void limit_read(struct list *list, const char *wanted)
{
	long limit;

	list->limit = PAGE_DEFAULT;
	if (!wanted)
		return;
	limit = strspn(wanted, "0123456789") == strlen(wanted) ? strtol(wanted, NULL, 10)
							       : 0; /* which takes " +5", too */
	if (limit < 1 || limit > PAGE_MAX)
		fault_add_parameter(&list->request->faults, "limit", "range", "must be from 1 to %d", PAGE_MAX);
	else
		list->limit = (int)limit;
}

static void fields_read(struct list *list, const char *wanted)
{
	const struct resource *resource = list->store->resource;
	struct arena *arena = list->request->arena;
	const char **names;
	size_t count = 0;

	if (!wanted)
		return;
	if (!*wanted)
		fault_add_parameter(&list->request->faults, "fields", "length", "must not be empty");
	names = arena_array(arena, strlen(wanted) + 2, sizeof(*names));
	for (const char *at = wanted; *at;) {
		size_t length = strcspn(at, ",");
		const char *name = arena_strndup(arena, at, length);
		const struct field *field = field_find(resource->fields, name);

		if ((!field || store_hides(list->request, field->flags)) && strcmp(name, "id") != 0 &&
			strcmp(name, "version") != 0)
			fault_add_parameter(&list->request->faults, "fields", "unknown", "no field %s", name);
		names[count++] = name;
		at += length + (at[length] == ',');
	}
	list->only = names;
}

static void labels_read(struct list *list, const char *wanted)
{
	struct fault_list *faults = &list->request->faults;

	list->labels = text_same(wanted, "true");
	if (wanted && !free_fields_owner(list->store->resource))
		fault_add_parameter(faults, "labels", "unknown", "no such filter or parameter");
	else if (wanted && !list->labels && strcmp(wanted, "false") != 0)
		fault_add_parameter(faults, "labels", "format", "must be true or false");
}

/* The end of the text included, so that "ab" "c" is not "a" "bc". */
static uint64_t hash_add(uint64_t hash, const char *text)
{
	return text_hash(hash, text, strlen(text) + 1);
}

/*
 * Of what a cursor must belong to: the list, its filters as they were asked for, and its order. 64 bits are plenty against
 * mistakes, and a forged cursor gains nothing.
 */
static const char *list_hash(const struct list *list)
{
	const struct request *request = list->request;
	uint64_t hash = TEXT_HASH;

	hash = hash_add(hash, list->store->resource->name);
	hash = hash_add(hash, list->sort->name);
	if (list->via)
		hash = hash_add(hash_add(hash, list->via), list->below);
	for (size_t i = 0; !list->beside && i < request->query->count; i++) {
		const struct parameter *parameter = &request->query->items[i];

		if (list_selects(parameter->name))
			hash = hash_add(hash_add(hash, parameter->spelled), parameter->value);
	}
	return arena_printf(request->arena, "%016llx%c", (unsigned long long)hash, list->descending ? 'd' : 'a');
}

const char *list_cursor(const struct list *list)
{
	return cursor_write(list->request->arena, &(struct cursor){ list->hash, list->key, list->id });
}

static enum fault place_read(struct list *list, const char *text)
{
	struct request *request = list->request;
	struct cursor cursor;

	if (!text)
		return FAULT_NONE;
	if (!cursor_read(request->arena, text, &cursor))
		return request_fail(request, FAULT_BAD_CURSOR, NOT_OURS);
	if (strcmp(cursor.list, list->hash) != 0)
		return request_fail(
			request, FAULT_BAD_CURSOR, "The cursor belongs to a list with other filters or another sort.");
	list->key = cursor.key;
	list->id = cursor.id;
	return FAULT_NONE;
}

void list_begin(struct list *list, struct request *request, const struct store *store, const char *condition)
{
	const char *sees = store_sees(store->resource, request->sight);

	*list = (struct list){
		.request = request,
		.store = store,
		.where = text_new(request->arena, PAGE_SQL_MAX),
		.span = text_new(request->arena, PAGE_SQL_MAX),
		.sought = text_new(request->arena, PAGE_SQL_MAX),
		.joins = text_new(request->arena, PAGE_SQL_MAX),
		.tried = text_new(request->arena, PAGE_SQL_MAX),
	};
	if (sees)
		text_addf(&list->where, " and (%s)", sees);
	if (condition)
		text_addf(&list->where, " and (%s)", condition);
	sort_read(list, NULL);
}

void list_below(struct list *list, const char *via, const char *id)
{
	struct parameter parameter = { .name = via, .spelled = "/id", .value = id };

	list->via = via;
	list->below = id;
	list_filter_add(list, &parameter);
}

void list_end(struct list *list)
{
	list->hash = list_hash(list);
}

static void words_add(struct list *list, const char *words)
{
	const char *search = list->store->resource->search;

	list->unsure = true;
	list_fragment_add(
		list, arena_printf(list->request->arena, "%s @@ base.search_query($)", search), "text", words);
}

enum fault list_read(struct request *request, const struct store *store, const char *condition, struct list *list)
{
	const struct resource *resource = store->resource;
	const struct query *query = request->query;
	const char *words = query_value(query, "q");

	list_begin(list, request, store, condition);
	sort_read(list, query_value(query, "sort"));
	if (request->endpoint->route.via)
		list_below(list, request->endpoint->route.via, request_id_parameter(request));
	for (size_t i = 0; i < query->count; i++) {
		if (is_reserved(query->items[i].name))
			reserved_check(list, &query->items[i]);
		else
			list_filter_add(list, &query->items[i]);
	}
	list_absent_add(list);
	if (words && !resource->search)
		fault_add_parameter(&request->faults, "q", "unknown", "this list has no full text");
	else if (words && *words)
		words_add(list, words);
	limit_read(list, query_value(query, "limit"));
	fields_read(list, query_value(query, "fields"));
	labels_read(list, query_value(query, "labels"));
	if (list->fault)
		return list->fault;
	if (request->faults.count)
		return FAULT_BAD_QUERY;
	list_end(list);
	return place_read(list, query_value(query, "cursor"));
}

enum fault page_query_check(
	struct request *request, const struct store *store, const struct query *query, const char *pointer)
{
	struct request *asked = arena_alloc(request->arena, sizeof(*asked));
	struct list *list = arena_alloc(request->arena, sizeof(*list));
	enum fault fault;

	*asked = *request;
	asked->query = query;
	asked->faults = (struct fault_list){ .arena = request->arena };
	fault = list_read(asked, store, NULL, list);
	for (size_t i = 0; i < asked->faults.count && i < FAULT_LIST_MAX; i++)
		fault_add(&request->faults, pointer, asked->faults.items[i].code, "parameter %s: %s",
			asked->faults.items[i].parameter, asked->faults.items[i].detail);
	if (asked->faults.count)
		return FAULT_NONE;
	if (fault == FAULT_BAD_CURSOR)
		fault_add(&request->faults, pointer, "unknown", "a cursor is none of a kept query");
	return fault == FAULT_BAD_CURSOR ? FAULT_NONE : fault;
}

static enum fault list_try(struct list *list, int rows, enum effort effort, const PGresult **result)
{
	struct request *request = list->request;
	const struct store *parent = request->endpoint->parent;
	struct list_query query = list_compose(list, rows, effort);
	struct pg_batch *batch;
	size_t index;
	enum fault fault;

	if (query.sql.full)
		return request_fail(request, FAULT_BAD_QUERY, "The query is too long.");
	batch = request_batch(request);
	if (parent)
		pg_add(batch, &parent->guard[request->sight], PG_VALUES(request_id_parameter(request)));
	index = pg_add_text(batch, text_c(&query.sql), query.count, query.values);
	fault = request_execute(request, batch);
	/* Filters were checked; what PostgreSQL can't read is the key of a cursor that somebody made up. */
	if (fault == FAULT_INVALID && list->key) {
		request->faults.count = 0;
		return request_fail(request, FAULT_BAD_CURSOR, NOT_OURS);
	}
	if (!fault)
		*result = pg_result(batch, index);
	return fault;
}

enum fault list_fetch(struct list *list, int rows, const PGresult **result)
{
	enum effort effort = EFFORT_LITTLE;
	enum fault fault;

	do
		fault = list_try(list, rows, effort, result);
	while (!fault && effort++ < EFFORT_ANY && PQntuples(*result) == 1 && PQgetisnull(*result, 0, 0));
	return fault;
}

void list_advance(struct list *list, struct arena *arena, const PGresult *result, int row)
{
	list->key = arena_strdup(arena, PQgetvalue(result, row, 0));
	list->id = arena_strdup(arena, PQgetvalue(result, row, PQfnumber(result, "id")));
}
