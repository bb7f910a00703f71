#include "count.h"

#include "article.h"
#include "inventory_service_sql.h"
#include "stock.h"
#include "transition.h"

#define STATES "draft counting posted cancelled"

static const struct field scope_fields[] = {
	{ "category_code", FIELD_TEXT, 0, .max = 20, .help = "Articles of the category or one below it." },
	{ "article_ids", FIELD_IDS, 0, .max = 200, .help = "These, also where the ledger has none of them." },
	{ 0 },
};

static const struct field progress_fields[] = {
	{ "lines", FIELD_INTEGER, READ_ONLY | NEVER_NULL },
	{ "counted", FIELD_INTEGER, READ_ONLY | NEVER_NULL },
	{ "different", FIELD_INTEGER, READ_ONLY, .help = "Null while it is counted blind." },
	{ 0 },
};

static const struct field count_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "number", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "year/series/progressive, without gaps.",
		.example = "\"2026/INV/000003\"" },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATES },
	{ "warehouse_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "scope", FIELD_OBJECT, 0, .fields = scope_fields, .help = "What is counted; all there is when absent." },
	{ "blind", FIELD_BOOLEAN, 0, .fallback = "false", .help = "What is expected is hidden until it is posted." },
	{ "notes", FIELD_TEXT, 0, .max = 2000 },
	{ "progress", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = progress_fields },
	{ "started_at", FIELD_TIME, READ_ONLY },
	{ "posted_at", FIELD_TIME, READ_ONLY | FILTER },
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct sort count_sorts[] = {
	{ "created_at", "c.created_at", "timestamptz" },
	{ "number", "number_key(c.number)", "text" },
	{ 0 },
};

static const struct field cancel_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Wrong warehouse\"" },
	{ 0 },
};

static action_steps start_steps = { &sql_count_start, &sql_count_started, NULL };
static action_steps post_steps = { &sql_count_articles_lock, &sql_count_post, NULL };
static action_steps cancel_steps = { &sql_count_cancelled, NULL };

/* clang-format off */
static const struct transition count_transitions[] = {
	/* action   from              to           who                    needs          statements */
	{ "start",  "draft",          "counting",  SCOPE_TRANSFERS_WRITE, action_fields, start_steps,  "count.started",
		"Write the sheet: a line for each article there is" },
	{ "post",   "counting",       "posted",    SCOPE_STOCK_MANAGE,    action_fields, post_steps,   "count.posted",
		"Post the differences of what was counted" },
	{ "cancel", "draft counting", "cancelled", SCOPE_TRANSFERS_WRITE, cancel_fields, cancel_steps, "count.cancelled",
		"Give it up; nothing is posted" },
	{ 0 },
};
/* clang-format on */

static const struct machine count_machine = {
	.table = count_transitions,
	.states = STATES,
	.state = "c.state",
};

static const struct statement *const count_guards[] = { &sql_count_guard, NULL };
static const char *const count_events[] = { "count_line.created", STOCK_EVENTS, NULL };

const struct resource count = {
	.name = "count",
	.plural = "counts",
	.table = "count",
	.alias = "c",
	.rows = &sql_count_rows,
	.fields = count_fields,
	.sorts = count_sorts,
	.descending = true,
	SEEN_BY_STAFF,
	.machine = &count_machine,
	.guards = count_guards,
	.create = &sql_count_create,
	.touches = count_events,
	.help = "What is really in a warehouse, counted line by line and posted as differences.",
};

static const struct field count_line_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "count_id", FIELD_ID, READ_ONLY | NEVER_NULL | FROM_PATH | FILTER, .help = "The count in the path." },
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "counted", FIELD_DECIMAL, 0, QUANTITY, .help = "What is there; of an article tracked by serial give those." },
	{ "serials", FIELD_TEXTS, 0, .max = 60, .help = "The pieces that are there; an empty list: none." },
	{ "counted_at", FIELD_TIME, READ_ONLY },
	{ "expected", FIELD_DECIMAL, READ_ONLY, .digits = 16, .decimals = 3, .negative = true,
		.help = "What the ledger said when it was counted; null in a blind count until it is posted." },
	{ "expected_serials", FIELD_TEXTS, READ_ONLY },
	{ "difference", FIELD_DECIMAL, READ_ONLY, .digits = 16, .decimals = 3, .negative = true },
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct filter count_line_filters[] = {
	{ "is_counted", FIELD_BOOLEAN, .sql = "l.counted is not null", .help = "Somebody has counted it." },
	{ 0 },
};

static const struct sort count_line_sorts[] = { { "article_code", "l.article_code", "text" }, { 0 } };

static const struct statement *const count_line_guards[] = { &sql_count_line_guard, NULL };
static const struct statement *const count_line_parts[] = { &sql_count_line_counted, NULL };
static const struct statement *const count_line_forgets[] = { &sql_count_line_forget, NULL };

const struct resource count_line = {
	.name = "count_line",
	.plural = "count_lines",
	.table = "count_line",
	.alias = "l",
	.rows = &sql_count_line_rows,
	.fields = count_line_fields,
	.filters = count_line_filters,
	.sorts = count_line_sorts,
	SEEN_BY_STAFF,
	.part_of = &count,
	.part_by = "count_id",
	.guards = count_line_guards,
	.parts = count_line_parts,
	.forgets = count_line_forgets,
	.create = &sql_count_line_create,
	.help = "An article on the sheet of a count.",
};
