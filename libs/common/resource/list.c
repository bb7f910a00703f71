#include "list.h"

#include "arena.h"
#include "json.h"
#include "route.h"
#include "uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const reserved[] = { "limit", "cursor", "sort", "q", "fields", "expand" };

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
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
	fault_add_parameter(&list->request->faults, "sort", "unknown", "no such sort");
}

static void limit_read(struct list *list, const char *wanted)
{
	char *end;
	long limit;

	list->limit = PAGE_DEFAULT;
	if (!wanted)
		return;
	limit = strtol(wanted, &end, 10);
	if (*end || end == wanted || limit < 1 || limit > PAGE_MAX)
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

/* FNV-1a over what the cursor must belong to: 64 bits are plenty against mistakes, and a forged cursor gains nothing. */
static const char *list_hash(const struct list *list)
{
	uint64_t hash = 1469598103934665603u;
	const char *parts[] = { list->store->resource->name, list->sort->name, text_c(&list->where) };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (const char *c = parts[i]; c && *c; c++)
			hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	for (int i = 0; i < list->value_count; i++)
		for (const char *c = list->values[i]; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	return arena_printf(list->request->arena, "%016llx%c", (unsigned long long)hash, list->descending ? 'd' : 'a');
}

const char *list_cursor(const struct list *list)
{
	struct arena *arena = list->request->arena;
	struct text json = text_new(arena, PAGE_CURSOR_MAX);

	text_add(&json, "[");
	text_add_json(&json, list->hash);
	text_add(&json, ",");
	text_add_json(&json, list->key);
	text_add(&json, ",");
	text_add_json(&json, list->id);
	text_add(&json, "]");
	return text_base64url(arena, text_c(&json), json.length);
}

static enum fault cursor_read(struct list *list, const char *cursor)
{
	struct request *request = list->request;
	const char *problem;
	size_t length = 0;
	char *text;
	json_t *json;

	if (!cursor)
		return FAULT_NONE;
	text = strlen(cursor) <= (size_t)PAGE_CURSOR_MAX * 2 ? text_base64url_decode(request->arena, cursor, &length)
							     : NULL;
	json = text ? json_read(request->arena, text, length, &problem) : NULL;
	if (json_array_size(json) != 3 || !json_is_string(json_array_get(json, 1)) ||
		!json_is_string(json_array_get(json, 2)) || !uuid_valid(json_string_value(json_array_get(json, 2))))
		return request_fail(request, FAULT_BAD_CURSOR, "The cursor is not one of ours.");
	if (!text_same(json_string_value(json_array_get(json, 0)), list->hash))
		return request_fail(
			request, FAULT_BAD_CURSOR, "The cursor belongs to a list with other filters or another sort.");
	list->key = json_string_value(json_array_get(json, 1));
	list->id = json_string_value(json_array_get(json, 2));
	return FAULT_NONE;
}

static const char *sight_fragment(const struct resource *resource, enum sight sight)
{
	switch (sight) {
	case SIGHT_TECHNICIAN:
		return resource->sees.technician;
	case SIGHT_PORTAL:
		return resource->sees.portal;
	case SIGHT_CALLCENTER:
		return resource->sees.callcenter;
	default:
		return NULL;
	}
}

enum fault list_read(struct request *request, const struct store *store, const char *condition, struct list *list)
{
	const struct resource *resource = store->resource;
	const struct query *query = request->query;
	const char *words = query_value(query, "q");
	const char *sees = sight_fragment(resource, request->sight);

	*list = (struct list){ .request = request, .store = store, .where = text_new(request->arena, PAGE_SQL_MAX) };
	if (sees)
		text_addf(&list->where, " and (%s)", sees);
	if (condition)
		text_addf(&list->where, " and (%s)", condition);
	if (request->endpoint->route.via) {
		struct parameter via = {
			.name = request->endpoint->route.via, .spelled = "/id", .value = request_id_parameter(request)
		};

		list_filter_add(list, &via);
	}
	for (size_t i = 0; i < query->count; i++)
		if (!is_reserved(query->items[i].name))
			list_filter_add(list, &query->items[i]);
	if (words && !resource->search)
		fault_add_parameter(&request->faults, "q", "unknown", "this list has no full text");
	else if (words && *words)
		list_fragment_add(list, arena_printf(request->arena, "%s @@ base.search_query($)", resource->search),
			"text", words);
	sort_read(list, query_value(query, "sort"));
	limit_read(list, query_value(query, "limit"));
	fields_read(list, query_value(query, "fields"));
	if (request->faults.count)
		return FAULT_BAD_QUERY;
	list->hash = list_hash(list);
	return cursor_read(list, query_value(query, "cursor"));
}

enum fault list_fetch(struct list *list, int rows, const PGresult **result)
{
	struct request *request = list->request;
	const struct resource *resource = list->store->resource;
	struct text sql = text_new(request->arena, PAGE_SQL_MAX);
	const struct store *parent = request->endpoint->parent;
	const char *order = list->descending ? "desc" : "asc";
	const char *values[PAGE_VALUES_MAX + 2];
	int count = list->value_count;
	struct pg_batch *batch;
	size_t index;
	enum fault fault;

	if (count)
		memcpy(values, list->values, sizeof(values[0]) * (size_t)count);
	/* `rows` begins with "select": the key goes in front of its columns, for the cursor. */
	text_addf(&sql, "select (%s)::text as _key, %s where true%s", list->sort->column,
		resource->rows->text + sizeof("select") - 1, text_c(&list->where));
	if (list->key) {
		values[count++] = list->key;
		values[count++] = list->id;
		text_addf(&sql, " and (%s, %s.id) %s ($%d::%s, $%d::uuid)", list->sort->column, resource->alias,
			list->descending ? "<" : ">", count - 1, list->sort->type, count);
	}
	text_addf(&sql, " order by %s %s, %s.id %s limit %d", list->sort->column, order, resource->alias, order, rows);
	if (sql.full)
		return request_fail(request, FAULT_BAD_QUERY, "The query is too long.");
	batch = request_batch(request);
	if (parent)
		pg_add(batch, &parent->guard[request->sight], PG_VALUES(request_id_parameter(request)));
	index = pg_add_text(batch, text_c(&sql), count, values);
	fault = request_execute(request, batch);
	if (!fault)
		*result = pg_result(batch, index);
	return fault;
}

void list_advance(struct list *list, struct arena *arena, const PGresult *result, int row)
{
	list->key = arena_strdup(arena, PQgetvalue(result, row, 0));
	list->id = arena_strdup(arena, PQgetvalue(result, row, PQfnumber(result, "id")));
}
