/* filter: which filters a list takes, and the conditions they add to its query. */
#include "arena.h"
#include "list.h"

#include <string.h>

static const struct field common_filters[] = {
	{ "id", FIELD_ID, FILTER | NEVER_NULL, .help = "The id." },
	{ "created_at", FIELD_TIME, FILTER | NEVER_NULL, .help = "When it was recorded." },
	{ "updated_at", FIELD_TIME, FILTER | NEVER_NULL, .help = "When it last changed." },
	{ 0 },
};

const struct field *list_common_filters(void)
{
	return common_filters;
}

struct field list_filter_field(const struct filter *filter)
{
	return (struct field){ .name = filter->name,
		.type = filter->type,
		.choices = filter->choices,
		.flags = filter->flags,
		.decimals = 6,
		.negative = true,
		.help = filter->help };
}

int list_value_add(struct list *list, const char *value)
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
	return text_c(&out);
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
		return true;
	case COMPARE_IN:
		return field->type != FIELD_BOOLEAN;
	case COMPARE_EMPTY:
		return !field_never_null(field);
	case COMPARE_PREFIX:
		return is_text(field) && field->type != FIELD_CHOICE;
	case COMPARE_CONTAINS:
		return is_text(field) && field->type != FIELD_CHOICE && !(field->flags & KEY);
	default:
		return field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL || field->type == FIELD_DATE ||
			field->type == FIELD_TIME || (is_text(field) && field->type != FIELD_CHOICE);
	}
}

bool list_operator_known(struct list *list, const struct parameter *parameter)
{
	if (parameter->comparison == COMPARE_UNKNOWN)
		fault_add_parameter(&list->request->faults, parameter->spelled, "operator",
			"the operator must be one of eq ne lt lte gt gte in prefix contains empty");
	return parameter->comparison != COMPARE_UNKNOWN;
}

const char *list_in_next(
	struct list *list, const struct field *field, const struct parameter *parameter, const char **at, int *count)
{
	struct fault_list *faults = &list->request->faults;
	size_t length = *at ? strcspn(*at, ",") : 0;
	const char *one;

	if (!*at)
		return NULL;
	one = arena_strndup(list->request->arena, *at, length);
	*at = (*at)[length] ? *at + length + 1 : NULL;
	if (!field_check_text(field, one, parameter->spelled, faults))
		return NULL;
	if (++*count > PAGE_IN_MAX) {
		fault_add_parameter(faults, parameter->spelled, "count", "at most %d values", PAGE_IN_MAX);
		return NULL;
	}
	return one;
}

static void in_add(struct list *list, const struct field *field, const struct parameter *parameter, const char *column,
	bool folded)
{
	struct text array = text_new(list->request->arena, FIELD_TEXT_MAX);
	const char *at = parameter->value;
	const char *one;
	int count = 0;

	while ((one = list_in_next(list, field, parameter, &at, &count)))
		pg_array_add(&array, one);
	if (folded)
		text_addf(&list->where, " and %s = any(array(select base.fold(v) from unnest($%d::text[]) v))", column,
			list_value_add(list, pg_array_end(&array)));
	else
		text_addf(&list->where, " and %s = any($%d::%s[])", column, list_value_add(list, pg_array_end(&array)),
			field_sql_type(field));
}

/*
 * The codes in use of a column that contain a text, as an array; NULL when there are more than a column of codes has, or the
 * list has failed. However many rows have it, a code is one look at the column's index, which goes from each to the next.
 */
static const char *codes_like(struct list *list, const char *column, const char *pattern)
{
	const struct resource *resource = list->store->resource;
	struct request *request = list->request;
	const char *from = arena_printf(request->arena, "%s %s", resource->table, resource->alias);
	struct text sql = text_new(request->arena, PAGE_SQL_MAX);
	struct pg_batch *batch = request_batch(request);
	size_t index;

	text_addf(&sql,
		"with recursive used as ((select %s as code from %s where %s is not null order by %s limit 1) union all "
		"select (select %s from %s where %s > used.code order by %s limit 1) from used where used.code is not null) ",
		column, from, column, column, column, from, column, column);
	text_addf(&sql,
		"select case when count(u.code) <= %d then coalesce(array_agg(u.code) filter (where u.code ilike $1), '{}') end "
		"from (select used.code from used limit %d) u",
		LIST_CODES, LIST_CODES + 1);
	index = pg_add_text(batch, text_c(&sql), PG_VALUES(pattern));
	if (!list->fault)
		list->fault = request_execute(request, batch);
	return list->fault ? NULL : pg_value(batch, index, 0);
}

/* PostgreSQL counts on the codes that it sees, so it knows how many rows have them. */
static void contains_add(struct list *list, const struct field *field, const char *value, const char *column)
{
	const char *pattern = like_escape(list->request->arena, value, "%", "%");
	const char *codes = field->flags & CODE ? codes_like(list, column, pattern) : NULL;

	list->unsure |= !codes;
	if (codes)
		text_addf(&list->where, " and %s = any($%d::text[])", column, list_value_add(list, codes));
	else
		text_addf(&list->where, " and %s ilike $%d", column, list_value_add(list, pattern));
}

/* The other choices than one, as an array. */
static const char *choices_but(struct arena *arena, const char *choices, const char *one)
{
	struct text array = text_new(arena, FIELD_TEXT_MAX);

	for (const char *at = choices; *at;) {
		const char *word = arena_strndup(arena, at, strcspn(at, " "));

		if (strcmp(word, one) != 0)
			pg_array_add(&array, word);
		at += strlen(word) + (at[strlen(word)] == ' ');
	}
	return pg_array_end(&array);
}

/*
 * Any other value, or none. For `is distinct from` there is no index, so it is said as what an index finds: the other choices,
 * the other of true and false, or what lies before and behind the value.
 */
static void other_add(
	struct list *list, const struct field *field, const char *value, const char *column, const char *fold)
{
	const char *type = field_sql_type(field);
	const char *none = field_never_null(field) ? "" : arena_printf(list->request->arena, " or %s is null", column);
	int number;

	if (field->type == FIELD_CHOICE)
		value = choices_but(list->request->arena, field->choices, value);
	number = list_value_add(list, value);
	if (field->type == FIELD_CHOICE)
		text_addf(&list->where, " and (%s = any($%d::text[])%s)", column, number, none);
	else if (field->type == FIELD_BOOLEAN)
		text_addf(&list->where, " and (%s = not $%d::boolean%s)", column, number, none);
	else
		text_addf(&list->where, " and (%s < %s($%d::%s) or %s > %s($%d::%s)%s)", column, fold, number, type,
			column, fold, number, type, none);
}

static void condition_add(struct list *list, const struct field *field, const struct parameter *parameter,
	const char *column, bool folded)
{
	static const char *const signs[COMPARE_COUNT] = {
		[COMPARE_EQ] = "=",
		[COMPARE_LT] = "<",
		[COMPARE_LTE] = "<=",
		[COMPARE_GT] = ">",
		[COMPARE_GTE] = ">=",
	};
	struct arena *arena = list->request->arena;
	const char *type = field_sql_type(field);
	const char *fold = folded ? "base.fold" : "";

	switch (parameter->comparison) {
	case COMPARE_EMPTY:
		if (!text_same(parameter->value, "true") && !text_same(parameter->value, "false"))
			fault_add_parameter(
				&list->request->faults, parameter->spelled, "format", "must be true or false");
		text_addf(&list->where, " and %s is %snull", column, text_same(parameter->value, "true") ? "" : "not ");
		return;
	case COMPARE_IN:
		in_add(list, field, parameter, column, folded);
		return;
	case COMPARE_PREFIX:
		text_addf(&list->where, " and %s like %s($%d::text)", column, fold,
			list_value_add(list, like_escape(arena, parameter->value, "", "%")));
		return;
	case COMPARE_CONTAINS:
		contains_add(list, field, parameter->value, column);
		return;
	default:
		if (!field_check_text(field, parameter->value, parameter->spelled, &list->request->faults))
			return;
		if (parameter->comparison == COMPARE_NE)
			other_add(list, field, parameter->value, column, fold);
		else
			text_addf(&list->where, " and %s %s %s($%d::%s)", column, signs[parameter->comparison], fold,
				list_value_add(list, parameter->value), type);
	}
}

/* Whether what an operator takes lies together in the order of what it compares. */
static bool is_span(enum comparison comparison)
{
	return comparison == COMPARE_EQ || comparison == COMPARE_PREFIX || comparison == COMPARE_LT ||
		comparison == COMPARE_LTE || comparison == COMPARE_GT || comparison == COMPARE_GTE;
}

/* A fragment with an expression for every $ in it. */
static void fragment_add(struct list *list, const char *sql, const char *expression)
{
	text_add(&list->where, " and ");
	for (const char *c = sql; *c; c++) {
		if (*c == '$')
			text_add(&list->where, expression);
		else
			text_add_char(&list->where, *c);
	}
}

void list_fragment_add(struct list *list, const char *sql, const char *type, const char *value)
{
	fragment_add(list, sql, arena_printf(list->request->arena, "$%d::%s", list_value_add(list, value), type));
}

static void equality_add(struct list *list, const struct filter *filter, const struct field *field, const char *value)
{
	list->unsure = true;
	if (filter->type == FIELD_BOOLEAN)
		text_addf(&list->where, text_same(value, "true") ? " and (%s)" : " and not (%s)", filter->sql);
	else
		list_fragment_add(list, filter->sql, field_sql_type(field), value);
}

static const struct filter *filter_find(const struct resource *resource, const char *name)
{
	for (const struct filter *filter = resource->filters; filter && filter->name; filter++)
		if (strcmp(filter->name, name) == 0)
			return filter;
	return NULL;
}

/* What a filter compares: of a row of the resource's filters, or else a field. */
static const char *column_of(const struct list *list, const struct filter *filter, const struct field *field)
{
	if (filter)
		return filter->column;
	return field->column ? field->column
			     : arena_printf(list->request->arena, "%s.%s", list->store->resource->alias, field->name);
}

void list_filter_join(struct list *list, const char *name, const char *expression)
{
	const struct filter *filter = filter_find(list->store->resource, name);
	const struct field *field = field_find(list->store->resource->fields, name);

	if (filter && filter->sql)
		fragment_add(list, filter->sql, expression);
	else
		text_addf(&list->where, " and %s = %s", column_of(list, filter, field), expression);
}

/* The id of the path above a list: it may be a filter that the caller could not spell out. */
static bool parameter_of_path(const struct parameter *parameter)
{
	return parameter->spelled[0] == '/';
}

void list_filter_add(struct list *list, const struct parameter *parameter)
{
	const struct resource *resource = list->store->resource;
	struct fault_list *faults = &list->request->faults;
	const struct filter *filter = filter_find(resource, parameter->name);
	const struct field *field = field_find(resource->fields, parameter->name);
	size_t before = list->where.length;
	const char *column;
	struct field shape;

	if (field && !(field->flags & FILTER))
		field = field_find(common_filters, parameter->name);
	if (filter) {
		shape = list_filter_field(filter);
		field = &shape;
	}
	if (!field && list_free_filter_add(list, parameter))
		return;
	if (!field || (!parameter_of_path(parameter) && store_hides(list->request, field->flags))) {
		fault_add_parameter(faults, parameter->spelled, "unknown", "no such filter or parameter");
		return;
	}
	if (filter && filter->sql) {
		if (parameter->comparison != COMPARE_EQ)
			fault_add_parameter(faults, parameter->spelled, "operator", "takes only equality");
		else if (field_check_text(field, parameter->value, parameter->spelled, faults))
			equality_add(list, filter, field, parameter->value);
		return;
	}
	if (!list_operator_known(list, parameter))
		return;
	if (!list_comparison_fits(field, parameter->comparison)) {
		fault_add_parameter(faults, parameter->spelled, "operator", "the operator %s does not fit this filter",
			comparison_name(parameter->comparison));
		return;
	}
	column = column_of(list, filter, field);
	condition_add(list, field, parameter, column, filter && filter->folded);
	/* Rows below another are sorted among themselves, not among all: an index of theirs has that row in front of the sort. */
	if (parameter_of_path(parameter) || (is_span(parameter->comparison) && strcmp(column, list->sort->column) == 0))
		text_add(&list->span, text_c(&list->where) + before);
}

void list_absent_add(struct list *list)
{
	const struct query *query = list->request->query;

	for (const struct filter *filter = list->store->resource->filters; filter && filter->name; filter++) {
		size_t i = 0;

		while (filter->absent && i < query->count && strcmp(query->items[i].name, filter->name) != 0)
			i++;
		if (filter->absent && i == query->count)
			text_addf(&list->where, " and %s", filter->absent);
	}
}
