#include "administration.h"

#include "app.h"
#include "inbox.h"
#include "route.h"
#include "run.h"
#include "service_sql.h"
#include "store.h"

#define NOT_FOR_OTHERS .sees = { .technician = "false", .portal = "false", .callcenter = "false" }

static const struct field series_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "kind", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "What is numbered.", .example = "\"call\"" },
	{ "series", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER | EMPTY, .example = "\"A\"" },
	{ "year", FIELD_INTEGER, READ_ONLY | NEVER_NULL | FILTER, .help = "0 where numbers go on over the years." },
	{ "last", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "The last number given." },
	{ 0 },
};

static const struct sort series_sorts[] = {
	{ "series", "n.sorted", "text" },
	{ 0 },
};

const struct resource series = {
	.name = "series",
	.plural = "series",
	.table = "counter",
	.alias = "n",
	.rows = &sql_series_rows,
	.fields = series_fields,
	.sorts = series_sorts,
	.sees = { .portal = "false", .callcenter = "false" },
	.read_only = true,
	.revision = "1",
	.help = "A number series and how far it has come; it has no gaps.",
};

static const struct field audit_change_fields[] = {
	{ "field", FIELD_TEXT, READ_ONLY | NEVER_NULL },
	{ "before", FIELD_JSON, READ_ONLY },
	{ "after", FIELD_JSON, READ_ONLY },
	{ 0 },
};

static const struct field audit_entry_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER, .column = "a.happened_at" },
	{ "actor", FIELD_TEXT, READ_ONLY | FILTER, .help = "Subject of the token; or timer, seed." },
	{ "actor_name", FIELD_TEXT, READ_ONLY },
	{ "type", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "Of the event.", .example = "\"call.opened\"" },
	{ "resource", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .example = "\"call\"" },
	{ "resource_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "root", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "The aggregate it is part of." },
	{ "root_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Of the aggregate, after the change." },
	{ "changes", FIELD_LIST, READ_ONLY | COST, .fields = audit_change_fields,
		.help = "Fields that differ from before; null for what was new or removed." },
	{ "request_id", FIELD_TEXT, READ_ONLY | FILTER | KEY, .help = "X-Request-ID of the request that did it." },
	{ 0 },
};

/* A type begins with the name of its resource, which has an index. */
static const struct filter audit_entry_filters[] = {
	{ "type", FIELD_TEXT, .sql = "(a.resource = split_part($, '.', 1) and a.type = $)",
		.help = "Type of the event." },
	{ 0 },
};

static const struct sort audit_entry_sorts[] = {
	{ "at", "a.happened_at", "timestamptz" },
	{ 0 },
};

const struct resource audit_entry = {
	.name = "audit_entry",
	.plural = "audit_entries",
	.table = "change",
	.alias = "a",
	.rows = &sql_audit_rows,
	.fields = audit_entry_fields,
	.filters = audit_entry_filters,
	.sorts = audit_entry_sorts,
	.descending = true,
	NOT_FOR_OTHERS,
	.read_only = true,
	.revision = "1",
	.help = "Who changed what, when, from which request.",
};

static const struct field dead_letter_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "topic", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER },
	{ "partition", FIELD_INTEGER, READ_ONLY | NEVER_NULL },
	{ "offset", FIELD_INTEGER, READ_ONLY | NEVER_NULL },
	{ "key", FIELD_TEXT, READ_ONLY },
	{ "type", FIELD_TEXT, READ_ONLY, .help = "Type of the event, when it told one." },
	{ "headers", FIELD_JSON, READ_ONLY },
	{ "value", FIELD_TEXT, READ_ONLY, .help = "As it came." },
	{ "error", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "Why it can't be applied." },
	{ "failed_at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER },
	{ "replayed_at", FIELD_TIME, READ_ONLY | FILTER, .help = "When it was sent to its topic again." },
	{ 0 },
};

static const struct sort dead_letter_sorts[] = {
	{ "failed_at", "d.failed_at", "timestamptz" },
	{ 0 },
};

const struct resource dead_letter = {
	.name = "dead_letter",
	.plural = "dead_letters",
	.table = "dead_letter",
	.alias = "d",
	.rows = &sql_dead_letter_rows,
	.fields = dead_letter_fields,
	.sorts = dead_letter_sorts,
	.descending = true,
	NOT_FOR_OTHERS,
	.read_only = true,
	.revision = "1",
	.help = "An event of another service that could not be applied.",
};

enum fault dead_letter_replay(struct request *request)
{
	const struct service *service = request->endpoint->route.context;
	const struct store *store = request->endpoint->store;
	const struct config *config = request->app->config;
	const char *id = request_id_parameter(request);
	const struct inbox_options options = {
		.service = service->name,
		.cluster = service_cluster(config),
		.database = service_database(request->arena, service, config, "_WORKER"),
	};
	struct pg_batch *batch = request_batch(request);
	const char *problem = "";
	int count = 0;
	enum fault fault;

	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	fault = request_execute(request, batch);
	if (!fault)
		fault = inbox_replay(request->arena, &options, request->caller.tenant, id, &count, &problem);
	if (fault)
		return request->detail ? fault : request_fail(request, fault, "It could not be sent again now.");
	if (count == 0)
		return request_fail(request, FAULT_CONFLICT, "It was replayed already.");
	batch = request_batch(request);
	return store_answer(request, batch, store, store_add_get(request, batch, store, id), 200, NULL);
}
