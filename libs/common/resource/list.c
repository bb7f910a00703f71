#include "list.h"

#include "arena.h"
#include "json.h"
#include "route.h"
#include "uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct field common_filters[] = {
	{ "id", FIELD_ID, FILTER, .help = "The id." },
	{ "created_at", FIELD_TIME, FILTER, .help = "When it was recorded." },
	{ "updated_at", FIELD_TIME, FILTER, .help = "When it last changed." },
	{ 0 },
};

const struct field *list_common_filters(void)
{
	return common_filters;
}

struct field list_filter_field(const struct filter *filter)
{
	return (struct field){ .name = filter->name, .type = filter->type, .choices = filter->choices,
		.flags = filter->flags, .decimals = 6, .negative = true, .help = filter->help };
}

static const char *const reserved[] = { "limit", "cursor", "sort", "q", "fields", "expand" };

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

/* Adds a value; returns its number for $n, or 0 when there are too many. */
static int value_add(struct list *list, const char *value)
{
	if (list->value_count == PAGE_VALUES_MAX) {
		fault_add_parameter(&list->request->faults, "query", "count", "too many values for one list");
		return 0;
	}
	list->values[list->value_count++] = value;
	return list->value_count;
}

/* Escapes the wildcards of LIKE. */
static const char *like_escape(struct arena *arena, const char *value, const char *before, const char *after)
{
	struct text out = text_new(arena, FIELD_TEXT_MAX);

	text_add(&out, before);
	for (const char *c = value; *c; c++) {
		if (strchr("\\%_", *c))
			text_add_char(&out, '\\');
		text_add_char(&out, *c);
	}
	text_add(&out, after);
	return arena_strdup(arena, text_c(&out));
}

static bool is_text(const struct field *field)
{
	const char *type = field_sql_type(field);

	return strcmp(type, "text") == 0;
}

bool list_comparison_fits(const struct field *field, enum comparison comparison)
{
	switch (comparison) {
	case COMPARE_EQ:
	case COMPARE_NE:
	case COMPARE_IN:
	case COMPARE_EMPTY:
		return true;
	case COMPARE_PREFIX:
	case COMPARE_CONTAINS:
		return is_text(field) && field->type != FIELD_CHOICE;
	default:
		return field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL || field->type == FIELD_DATE ||
		       field->type == FIELD_TIME || (is_text(field) && field->type != FIELD_CHOICE);
	}
}

static void in_add(struct list *list, const struct field *field, const struct parameter *parameter, const char *column)
{
	struct arena *arena = list->request->arena;
	struct text array = text_new(arena, FIELD_TEXT_MAX);
	int count = 0;
	int number;

	for (const char *at = parameter->value; *at;) {
		size_t length = strcspn(at, ",");
		const char *one = arena_strndup(arena, at, length);

		if (!field_check_text(field, one, parameter->spelled, &list->request->faults))
			return;
		if (++count > PAGE_IN_MAX) {
			fault_add_parameter(&list->request->faults, parameter->spelled, "count", "at most %d values",
				PAGE_IN_MAX);
			return;
		}
		text_add(&array, count > 1 ? "," : "{");
		text_add_json(&array, one); /* array elements quote as JSON strings do: \" and \\ */
		at += length + (at[length] == ',');
	}
	text_add(&array, count ? "}" : "{}");
	number = value_add(list, text_c(&array));
	text_addf(&list->where, " and %s = any($%d::%s[])", column, number, field_sql_type(field));
}

static void condition_add(struct list *list, const struct field *field, const struct parameter *parameter,
	const char *column)
{
	static const char *const signs[COMPARE_COUNT] = {
		[COMPARE_EQ] = "=", [COMPARE_LT] = "<", [COMPARE_LTE] = "<=", [COMPARE_GT] = ">", [COMPARE_GTE] = ">=",
	};
	struct arena *arena = list->request->arena;
	const char *type = field_sql_type(field);

	switch (parameter->comparison) {
	case COMPARE_EMPTY:
		if (!text_same(parameter->value, "true") && !text_same(parameter->value, "false"))
			fault_add_parameter(&list->request->faults, parameter->spelled, "format", "must be true or false");
		text_addf(&list->where, " and %s is %snull", column, text_same(parameter->value, "true") ? "" : "not ");
		return;
	case COMPARE_IN:
		in_add(list, field, parameter, column);
		return;
	case COMPARE_PREFIX:
		text_addf(&list->where, " and %s like $%d", column,
			value_add(list, like_escape(arena, parameter->value, "", "%")));
		return;
	case COMPARE_CONTAINS:
		text_addf(&list->where, " and %s ilike $%d", column,
			value_add(list, like_escape(arena, parameter->value, "%", "%")));
		return;
	default:
		if (!field_check_text(field, parameter->value, parameter->spelled, &list->request->faults))
			return;
		if (parameter->comparison == COMPARE_NE)
			text_addf(&list->where, " and %s is distinct from $%d::%s", column,
				value_add(list, parameter->value), type);
		else
			text_addf(&list->where, " and %s %s $%d::%s", column, signs[parameter->comparison],
				value_add(list, parameter->value), type);
	}
}

/* Puts $n for every $ of a constant fragment. */
static void fragment_add(struct list *list, const char *sql, const char *type, const char *value)
{
	int number = value_add(list, value);

	text_add(&list->where, " and ");
	for (const char *c = sql; *c; c++) {
		if (*c == '$')
			text_addf(&list->where, "$%d::%s", number, type);
		else
			text_add_char(&list->where, *c);
	}
}

static const struct filter *filter_find(const struct resource *resource, const char *name)
{
	for (const struct filter *filter = resource->filters; filter && filter->name; filter++)
		if (strcmp(filter->name, name) == 0)
			return filter;
	return NULL;
}

static void filter_add(struct list *list, const struct parameter *parameter)
{
	const struct resource *resource = list->store->resource;
	struct fault_list *faults = &list->request->faults;
	const struct filter *filter = filter_find(resource, parameter->name);
	const struct field *field = field_find(resource->fields, parameter->name);
	struct field shape;
	const char *column;

	if (!field || !(field->flags & FILTER))
		field = field_find(common_filters, parameter->name);
	if (filter) {
		shape = list_filter_field(filter);
		field = &shape;
	}
	if (!field || store_hides(list->request, field->flags)) {
		fault_add_parameter(faults, parameter->spelled, "unknown", "no such filter or parameter");
		return;
	}
	if (filter && filter->sql) {
		if (parameter->comparison != COMPARE_EQ)
			fault_add_parameter(faults, parameter->spelled, "operator", "takes only equality");
		else if (field_check_text(field, parameter->value, parameter->spelled, faults))
			fragment_add(list, filter->sql, field_sql_type(field), parameter->value);
		return;
	}
	if (!list_comparison_fits(field, parameter->comparison)) {
		fault_add_parameter(faults, parameter->spelled, "operator", "the operator %s does not fit this filter",
			comparison_name(parameter->comparison));
		return;
	}
	column = filter	? filter->column
		 : field->column ? field->column
				 : arena_printf(list->request->arena, "%s.%s", resource->alias, field->name);
	condition_add(list, field, parameter, column);
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
	const char *parts[2] = { list->sort->name, text_c(&list->where) };

	for (int i = 0; i < 2; i++)
		for (const char *c = parts[i]; *c; c++)
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
	text = strlen(cursor) <= PAGE_CURSOR_MAX * 2 ? text_base64url_decode(request->arena, cursor, &length) : NULL;
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
		struct parameter via = { .name = request->endpoint->route.via, .spelled = "id",
			.value = request_id_parameter(request) };

		filter_add(list, &via);
	}
	for (size_t i = 0; i < query->count; i++)
		if (!is_reserved(query->items[i].name))
			filter_add(list, &query->items[i]);
	if (words && !resource->search)
		fault_add_parameter(&request->faults, "q", "unknown", "this list has no full text");
	else if (words && *words)
		fragment_add(list, arena_printf(request->arena, "%s @@ base.search_query($)", resource->search), "text", words);
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
