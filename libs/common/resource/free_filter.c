/* free_filter: the conditions of free fields: ranges of the one index that holds the values of an owner. */
#include "arena.h"
#include "free_field.h"
#include "free_field_sql.h"
#include "list.h"

#include <string.h>

/* A filter being added. */
struct adding {
	struct list *list;
	const struct parameter *parameter;
	const struct free_filter *filter;
	const struct free_field *field;
};

/* What a condition calls the term that it is about. */
#define TERM "t.term"

/* The term of a value of the field; the planner sees it, for functions of constants are constants. */
static const char *term(const struct adding *adding, const char *value)
{
	return arena_printf(adding->list->request->arena, "free_term(%d, '%s', $%d::text)", adding->field->slot,
		adding->field->type, list_value_add(adding->list, value));
}

/* Adds a condition on the owner of a row, or on any of its owners. */
static void owner_add(const struct adding *adding, const char *condition)
{
	const char *through = adding->filter->through;

	text_addf(&adding->list->where, " and %s%s%s", through ? through : "", condition, through ? ")" : "");
}

/* Whether the rows are themselves the owners. */
static bool is_own(const struct free_filter *filter)
{
	return strcmp(filter->prefix, "x") == 0;
}

/* A condition with another expression for its term. */
static const char *condition_on(struct arena *arena, const char *condition, const char *term)
{
	struct text sql = text_new(arena, PAGE_SQL_MAX);
	const char *at;

	for (at = strstr(condition, TERM); at; at = strstr(condition, TERM)) {
		text_addf(&sql, "%.*s%s", (int)(at - condition), condition, term);
		condition = at + strlen(TERM);
	}
	text_add(&sql, condition);
	return text_c(&sql);
}

/*
 * The condition as a row is tried that is met on the way: on what it holds itself, a third of what looking up its term costs;
 * and in a form of which PostgreSQL expects that every other row fulfils it: a condition that it hopes less of may keep it
 * from the way.
 */
static const char *trial(const struct adding *adding, const char *condition)
{
	struct arena *arena = adding->list->request->arena;
	const struct free_filter *filter = adding->filter;
	int slot = adding->field->slot;

	if (!is_own(filter))
		return arena_printf(arena, "(select %s from %s_free_term t where t.owner_id = %s and t.slot = %d)",
			condition, filter->owner, filter->id, slot);
	return arena_printf(arena, "coalesce(%s, false)",
		condition_on(arena, condition,
			arena_printf(arena, "free_term(%d, '%s', %s.x ->> '%d')", slot, adding->field->type,
				adding->list->store->resource->alias, slot)));
}

/*
 * Rows whose owner has a term within the condition. Values of a field are one for each owner: where a row has one owner the
 * term is joined, so that PostgreSQL need not make the owners of all terms distinct before it looks at the first. A few terms:
 * it plans the order of all that is joined.
 */
static void among_add(const struct adding *adding, const char *condition)
{
	struct list *list = adding->list;
	struct arena *arena = list->request->arena;
	const struct free_filter *filter = adding->filter;
	const char *alias;

	if (filter->through || list->join_count == LIST_JOINS || list->request->query->count > LIST_JOINED_QUERY) {
		owner_add(adding,
			arena_printf(arena, "%s in (select t.owner_id from %s_free_term t where %s)", filter->id,
				filter->owner, condition));
		return;
	}
	alias = arena_printf(arena, "free%d", list->join_count++);
	text_addf(&list->joins, ", %s_free_term %s", filter->owner, alias);
	text_addf(&list->sought, " and %s.owner_id = %s and %s", alias, filter->id,
		condition_on(arena, condition, arena_printf(arena, "%s.term", alias)));
	text_addf(&list->tried, " and %s", trial(adding, condition));
	if (!is_own(filter))
		list->own_terms = NULL;
	else if (list->join_count == 1)
		list->own_terms = arena_printf(arena, "%s_free_term t where %s", filter->owner, condition);
	list->unsure |= list->join_count > 1;
}

/* Rows that have an owner, and it has none. */
static void not_among_add(const struct adding *adding, const char *condition)
{
	owner_add(adding,
		arena_printf(adding->list->request->arena,
			"%s is not null and not exists (select from %s_free_term t where t.owner_id = %s and %s)",
			adding->filter->id, adding->filter->owner, adding->filter->id, condition));
}

/* Up to a value, or from it on; the other end is that of the slot's terms. */
static void range_add(const struct adding *adding)
{
	static const char *const signs[COMPARE_COUNT] = {
		[COMPARE_LT] = "<",
		[COMPARE_LTE] = "<=",
		[COMPARE_GT] = ">",
		[COMPARE_GTE] = ">=",
	};
	enum comparison comparison = adding->parameter->comparison;
	bool upward = comparison == COMPARE_GT || comparison == COMPARE_GTE;
	struct text condition = text_new(adding->list->request->arena, PAGE_SQL_MAX);

	text_addf(&condition, TERM " %s %s and " TERM " %s '%02d%c'", signs[comparison],
		term(adding, adding->parameter->value), upward ? "<" : ">=", adding->field->slot, upward ? ';' : ':');
	among_add(adding, text_c(&condition));
}

static void in_add(const struct adding *adding)
{
	struct text terms = text_new(adding->list->request->arena, PAGE_SQL_MAX);
	const char *at = adding->parameter->value;
	const char *one;
	int count = 0;

	while ((one = list_in_next(adding->list, &adding->field->searched, adding->parameter, &at, &count)))
		text_addf(&terms, "%s%s", terms.length ? ", " : "", term(adding, one));
	among_add(adding, arena_printf(adding->list->request->arena, TERM " = any(array[%s]::text[])", text_c(&terms)));
}

/*
 * Rows whose owner has no value. Where few slots are empty, or many, rows share few patterns of filled slots: those
 * without this one are values that the planner can count. Else it is tried row by row.
 */
static void empty_add(const struct adding *adding)
{
	struct list *list = adding->list;
	struct request *request = list->request;
	const char *owner = adding->filter->owner;
	const char *slot = adding->field->shape.name;
	struct pg_batch *batch = request_batch(request);
	size_t index =
		pg_add_text(batch, free_field_sql(request->arena, &sql_free_field_lacking, owner), PG_VALUES(slot));
	const char *patterns;

	list->fault = request_execute(request, batch);
	if (list->fault)
		return;
	patterns = pg_value(batch, index, 0);
	if (patterns && is_own(adding->filter))
		text_addf(&list->where, " and free_filled(%s.x) = any($%d::text[])", list->store->resource->alias,
			list_value_add(list, patterns));
	else if (patterns)
		owner_add(adding,
			arena_printf(request->arena,
				"%s in (select o.id from %s o where free_filled(o.x) = any($%d::text[]))",
				adding->filter->id, owner, list_value_add(list, patterns)));
	else
		not_among_add(adding, arena_printf(request->arena, "t.slot = %s", slot));
}

static void filled_add(const struct adding *adding)
{
	int slot = adding->field->slot;

	among_add(adding,
		arena_printf(adding->list->request->arena, TERM " >= '%02d:' and " TERM " < '%02d;'", slot, slot));
}

static void condition_add(const struct adding *adding)
{
	const struct parameter *parameter = adding->parameter;
	struct fault_list *faults = &adding->list->request->faults;
	struct arena *arena = adding->list->request->arena;
	bool empty = text_same(parameter->value, "true");

	if (parameter->comparison == COMPARE_EMPTY && !empty && !text_same(parameter->value, "false")) {
		fault_add_parameter(faults, parameter->spelled, "format", "must be true or false");
		return;
	}
	if (parameter->comparison != COMPARE_EMPTY && parameter->comparison != COMPARE_IN &&
		!field_check_text(&adding->field->searched, parameter->value, parameter->spelled, faults))
		return;
	switch (parameter->comparison) {
	case COMPARE_EMPTY:
		if (empty)
			empty_add(adding);
		else
			filled_add(adding);
		break;
	case COMPARE_IN:
		in_add(adding);
		break;
	case COMPARE_PREFIX:
		among_add(adding,
			arena_printf(arena, TERM " ^@ free_prefix(%d, $%d::text)", adding->field->slot,
				list_value_add(adding->list, parameter->value)));
		break;
	case COMPARE_EQ:
		among_add(adding, arena_printf(arena, TERM " = %s", term(adding, parameter->value)));
		break;
	case COMPARE_NE:
		not_among_add(adding, arena_printf(arena, TERM " = %s", term(adding, parameter->value)));
		break;
	default:
		range_add(adding);
	}
}

/* The row of the table whose prefix the name begins with, and what comes behind the dot. */
static const struct free_filter *filter_find(const struct resource *resource, const char *name, const char **slot)
{
	for (const struct free_filter *filter = resource->free; filter && filter->prefix; filter++) {
		size_t length = strlen(filter->prefix);

		if (text_starts(name, filter->prefix) && name[length] == '.') {
			*slot = name + length + 1;
			return filter;
		}
	}
	return NULL;
}

bool list_free_filter_add(struct list *list, const struct parameter *parameter)
{
	struct request *request = list->request;
	struct fault_list *faults = &request->faults;
	struct adding adding = { .list = list, .parameter = parameter };
	const struct free_fields *fields;
	const char *slot = NULL;

	adding.filter = filter_find(list->store->resource, parameter->name, &slot);
	if (!adding.filter || store_hides(request, INTERNAL))
		return false;
	if (!list->fault)
		list->fault = free_fields_read(request, adding.filter->owner, &fields);
	if (list->fault)
		return true;
	adding.field = free_field_find(fields, slot);
	if (!adding.field)
		fault_add_parameter(faults, parameter->spelled, "unknown", "no such free field");
	else if (!adding.field->active)
		fault_add_parameter(faults, parameter->spelled, "inactive", "this free field is not in use");
	else if (!list_operator_known(list, parameter))
		return true;
	else if (parameter->comparison == COMPARE_CONTAINS ||
		(parameter->comparison != COMPARE_EMPTY &&     /* required or not: rows from before may lack it */
			parameter->comparison != COMPARE_IN && /* of a boolean too: terms have one type */
			!list_comparison_fits(&adding.field->shape, parameter->comparison)))
		fault_add_parameter(faults, parameter->spelled, "operator", "the operator %s does not fit this field",
			comparison_name(parameter->comparison));
	else
		condition_add(&adding);
	return true;
}
