#include "saved_filter.h"

#include "arena.h"
#include "calls_service_sql.h"
#include "page.h"
#include "query.h"
#include "text.h"

static const struct field saved_filter_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .max = 80, .help = "Unique among one's filters of the same list." },
	{ "resource", FIELD_CHOICE, REQUIRED | FIXED | FILTER,
		.choices = "customers sites contacts calls activities charges", .help = "The list it is for." },
	{ "query", FIELD_TEXT, REQUIRED, .max = 2000,
		.help = "The query string of the list, which must be one that it takes.",
		.example = "\"state=received&sort=next_due_at\"" },
	{ "shared", FIELD_BOOLEAN, FILTER, .fallback = "false",
		.help = "Seen by all staff; needs the scope filters:share." },
	{ "owner", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "Subject of who made it; only he changes it." },
	{ "external_ref", FIELD_TEXT, FILTER | KEY, .max = 80 },
	{ 0 },
};

static const struct sort saved_filter_sorts[] = {
	{ "name", "f.name", "text" },
	{ 0 },
};

/* *store gets the list that a filter, new or there already, is for; NULL when there is none such. */
static enum fault list_of(struct request *request, const json_t *body, const char *id, const struct store **store)
{
	const char *plural = json_string_at(body, "resource");
	const struct store *at = request->app->stores;

	if (!plural && id) {
		struct pg_batch *batch = request_batch(request);
		size_t index = pg_add(batch, &sql_saved_filter_resource, PG_VALUES(id));
		enum fault fault = request_execute(request, batch);

		if (fault)
			return fault;
		plural = pg_value(batch, index, 0);
	}
	while (at->resource && !text_same(at->resource->plural, plural))
		at++;
	*store = at->resource ? at : NULL;
	return FAULT_NONE;
}

static enum fault saved_filter_prepare(struct request *request, json_t *body, const char *id)
{
	const char *text = json_string_at(body, "query");
	struct query *query = arena_alloc(request->arena, sizeof(*query));
	struct fault_list faults = { .arena = request->arena };
	const struct store *store;
	enum fault fault;

	if (json_is_true(json_object_get(body, "shared")) && !request_may(request, SCOPE_FILTERS_SHARE))
		return request_fail(request, FAULT_FORBIDDEN, "Sharing a filter needs the scope %s.",
			scope_name(SCOPE_FILTERS_SHARE));
	if (!text)
		return FAULT_NONE;
	if (query_parse(request->arena, text, query, &faults)) {
		fault_add(&request->faults, "/query", "format", "must be a query string: %s", faults.items[0].detail);
		return FAULT_NONE;
	}
	fault = list_of(request, body, id, &store);
	return fault || !store ? fault : page_query_check(request, store, query, "/query");
}

static const struct statement *const saved_filter_guards[] = { &sql_saved_filter_own, NULL };

const struct resource saved_filter = {
	.name = "saved_filter",
	.plural = "saved_filters",
	.table = "saved_filter",
	.alias = "f",
	.rows = &sql_saved_filter_rows,
	.fields = saved_filter_fields,
	.sorts = saved_filter_sorts,
	SEEN_BY_STAFF,
	.prepare = saved_filter_prepare,
	.guards = saved_filter_guards,
	.forgets = saved_filter_guards,
	.help = "A query kept under a name.",
};
