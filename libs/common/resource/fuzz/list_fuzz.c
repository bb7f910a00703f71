/*
 * Queries of lists: the statement that comes out of a query that was taken is made of our fragments only, and each of its
 * values has a place in it.
 */
#include "list.h"

#include "arena.h"
#include "fuzz.h"
#include "route.h"
#include "text.h"

#include <ctype.h>
#include <string.h>

/* Fragments without digits, capitals and "!", so that what a client wrote can be told from them. */
static const struct field fields[] = {
	{ "id", FIELD_ID },
	{ "version", FIELD_INTEGER, READ_ONLY },
	{ "name", FIELD_TEXT, FILTER, .max = 200 },
	{ "state", FIELD_CHOICE, FILTER, .choices = "open closed" },
	{ "at", FIELD_TIME, FILTER, .column = "nullif(c.at, 'infinity')" },
	{ "day", FIELD_DATE, FILTER },
	{ "rank", FIELD_INTEGER, FILTER, .max = 9 },
	{ "amount", FIELD_DECIMAL, FILTER, .decimals = 2 },
	{ "active", FIELD_BOOLEAN, FILTER },
	{ "customer_id", FIELD_ID, FILTER },
	{ "cost", FIELD_DECIMAL, FILTER | COST, .decimals = 2 },
	{ "note", FIELD_TEXT, FILTER | INTERNAL },
	{ 0 },
};

static const struct filter filters[] = {
	{ "tag", FIELD_TEXT, .sql = "c.tags @> array[$]" },
	{ "twice", FIELD_ID, .sql = "(c.a = $ or c.b = $)" },
	{ "reason", FIELD_CHOICE, .choices = "parts offer", .column = "c.reason" },
	{ 0 },
};

static const struct sort sorts[] = { { "at", "c.at", "timestamptz" }, { "name", "c.name", "text" }, { 0 } };

static const struct resource resource = {
	.name = "call",
	.alias = "c",
	.fields = fields,
	.filters = filters,
	.sorts = sorts,
	.search = "c.words",
	.sees = { .portal = "c.customer = 'x'" },
};

static const struct store store = { .resource = &resource, .rows = { .text = "select c.id, c.name from call c" } };
static const struct endpoint endpoint = { .store = &store };

/* The bytes of a text in quotes: one that our tables wrote, for nothing of a client's stands in a statement. */
static size_t literal_length(const char *sql)
{
	static const char *const ours[] = { "'x'", "'infinity'" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (text_starts(sql, ours[i]))
			return strlen(ours[i]);
	return 0;
}

static void statement_hold(const struct list_query *query)
{
	bool used[PAGE_VALUES_MAX + 2] = { false };
	const char *sql = text_c(&query->sql);
	int brackets = 0;

	hold(!query->sql.full && query->count <= PAGE_VALUES_MAX + 2);
	for (const char *c = sql; *c; c++) {
		brackets += (*c == '(') - (*c == ')');
		hold(brackets >= 0);
		if (*c == '\'') {
			hold(literal_length(c) > 0);
			c += literal_length(c) - 1;
			continue;
		}
		hold(islower(*c) || isdigit(*c) || strchr(" ._,()[]=<>@:$*", *c));
		if (*c == '$') {
			long number = strtol(c + 1, NULL, 10);

			hold(number >= 1 && number <= query->count);
			used[number - 1] = true;
		}
	}
	hold(brackets == 0 && !strstr(sql, "--") && !strchr(sql, ';'));
	for (int i = 0; i < query->count; i++)
		hold(used[i] && query->values[i]);
}

static void list_check(struct arena *arena, const char *text, enum sight sight)
{
	struct request *request = arena_alloc(arena, sizeof(*request));
	struct query *query = arena_alloc(arena, sizeof(*query));
	struct list *list = arena_alloc(arena, sizeof(*list));
	struct list_query composed;
	enum fault fault;

	*request = (struct request){
		.arena = arena, .endpoint = &endpoint, .query = query, .sight = sight, .faults = { .arena = arena }
	};
	if (query_parse(arena, text, query, &request->faults))
		return;
	fault = list_read(request, &store, NULL, list);
	hold(fault == FAULT_NONE || fault == FAULT_BAD_CURSOR || (fault == FAULT_BAD_QUERY && request->faults.count));
	if (fault)
		return;
	hold(list->limit >= 1 && list->limit <= PAGE_MAX && list->sort && list->sort->name);
	for (enum effort effort = EFFORT_LITTLE; effort <= EFFORT_ANY; effort++) {
		composed = list_compose(list, list->limit, effort);
		statement_hold(&composed);
	}
	/* Whoever has no right to costs neither filters by them nor asks for them. */
	hold(!strstr(text_c(&composed.sql), "cost"));
	hold(sight != SIGHT_PORTAL || !strstr(text_c(&composed.sql), "note"));
	list->key = "k";
	list->id = "0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4e";
	composed = list_compose(list, 1, EFFORT_LITTLE);
	statement_hold(&composed);
	hold(list_cursor(list) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);

	list_check(arena, text, SIGHT_ALL);
	list_check(arena, text, SIGHT_PORTAL);
	arena_free(arena);
	return 0;
}
