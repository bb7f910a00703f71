/* asset_past: what was: passages, components over time, and all that ever happened to an asset. */
#include "asset.h"
#include "inventory_service_sql.h"

static const struct field asset_history_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "asset_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "action", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER,
		.help = "The action; create, change, or carry: it went with its machine." },
	{ "on", FIELD_DATE, READ_ONLY | NEVER_NULL | FILTER, .column = "h.\"on\"" },
	{ "status", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = ASSET_STATUSES,
		.help = "From then on, as all below." },
	{ "customer_id", FIELD_ID, READ_ONLY },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = party_fields, .column = BRIEF("customer", "h.customer_id") },
	{ "site_id", FIELD_ID, READ_ONLY },
	{ "site", FIELD_OBJECT, READ_ONLY, .fields = party_fields, .column = BRIEF("site", "h.site_id") },
	{ "parent_id", FIELD_ID, READ_ONLY },
	{ "parent", FIELD_OBJECT, READ_ONLY, .fields = asset_brief_fields, .column = ASSET_BRIEF("h.parent_id") },
	{ "position", FIELD_TEXT, READ_ONLY },
	{ "reason", FIELD_TEXT, READ_ONLY },
	{ "note", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "recorded_at", FIELD_TIME, READ_ONLY | NEVER_NULL },
	{ "by", FIELD_TEXT, READ_ONLY | INTERNAL, .column = "h.by_subject" },
	{ "by_name", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct sort asset_history_sorts[] = { { "sequence", "h.sequence", "bigint" }, { 0 } };

const struct resource asset_history = {
	.name = "asset_history",
	.plural = "asset_histories",
	.table = "asset_history",
	.alias = "h",
	.fields = asset_history_fields,
	.sorts = asset_history_sorts,
	.descending = true,
	.sees = { .portal = "h.customer_id = base.customer()", .callcenter = "false" },
	.read_only = true,
	.help = "Where an asset was from a day on, and why.",
};

static const struct field asset_component_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL, .help = "Of the stay: one that comes back has two." },
	{ "parent_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "The machine." },
	{ "asset_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "The component." },
	{ "asset", FIELD_OBJECT, READ_ONLY, .fields = asset_brief_fields, .column = ASSET_BRIEF("k.asset_id") },
	{ "position", FIELD_TEXT, READ_ONLY,
		.column = "(select o.position from asset o where o.id = k.asset_id and k.detached_on is null)",
		.help = "Where in the machine it is." },
	{ "attached_on", FIELD_DATE, READ_ONLY | NEVER_NULL },
	{ "detached_on", FIELD_DATE, READ_ONLY, .help = "The first day that it was no longer in it." },
	{ 0 },
};

static const struct filter asset_component_filters[] = {
	{ "at", FIELD_DATE, .sql = "daterange(k.attached_on, k.detached_on) @> $", .absent = "k.detached_on is null",
		.help = "In it on this day; now when absent." },
	{ 0 },
};

static const struct sort asset_component_sorts[] = { { "attached_on", "k.attached_on", "date" }, { 0 } };

const struct resource asset_component = {
	.name = "asset_component",
	.plural = "asset_components",
	.table = "asset_component",
	.alias = "k",
	.fields = asset_component_fields,
	.filters = asset_component_filters,
	.sorts = asset_component_sorts,
	.read_only = true,
	.help = "A component in its machine, and its days there.",
};

static const struct field asset_timeline_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "asset_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER,
		.help = "When it happened; of a call, when it was opened." },
	{ "kind", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER,
		.choices = "passage call activity movement reading rma" },
	{ "source_id", FIELD_ID, READ_ONLY | NEVER_NULL,
		.help = "The passage, call, activity, movement, reading or line of a return." },
	{ "what", FIELD_JSON, READ_ONLY, .help = "What of it tells it from others, by its kind." },
	{ 0 },
};

static const struct sort asset_timeline_sorts[] = { { "at", "t.at", "timestamptz" }, { 0 } };

const struct resource asset_timeline = {
	.name = "asset_timeline",
	.plural = "asset_timelines",
	.table = "asset_timeline",
	.alias = "t",
	.rows = &sql_asset_timeline_rows,
	.fields = asset_timeline_fields,
	.sorts = asset_timeline_sorts,
	.descending = true,
	.sees = { .portal =
			  "(t.kind = 'reading' or (t.kind = 'passage' and t.source_id in (select h.id from asset_history h "
			  "where h.customer_id = base.customer())) or (t.kind = 'call' and t.source_id in (select c.id from call c "
			  "where c.customer_id = base.customer())) "
			  "or (t.kind = 'rma' and t.source_id in (select l.id from rma_line l join rma o on o.id = l.rma_id "
			  "where o.customer_id = base.customer())))",
		.callcenter = "false" },
	.read_only = true,
	.help = "Something that happened to an asset.",
};
