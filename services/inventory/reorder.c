#include "reorder.h"

#include "article.h"
#include "inventory_service_sql.h"
#include "stock.h"
#include "transition.h"

#define SOURCES  "purchase transfer"
#define STATUSES "open proposed ordered refused dismissed"

static const struct field reorder_level_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "warehouse_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "minimum", FIELD_DECIMAL, REQUIRED, QUANTITY, .help = "Less is too little.", .example = "\"4\"" },
	{ "target", FIELD_DECIMAL, REQUIRED, QUANTITY, .help = "Up to this it is ordered.", .example = "\"12\"" },
	{ "multiple", FIELD_DECIMAL, 0, QUANTITY, .positive = true, .help = "Ordered in multiples of this.",
		.example = "\"4\"" },
	{ "lead_days", FIELD_INTEGER, 0, .min = 0, .max = 3650, .help = "From order to arrival." },
	{ "source", FIELD_CHOICE, REQUIRED | FILTER, .choices = SOURCES },
	{ "source_warehouse_id", FIELD_ID, 0, .help = "Of transfers: where it comes from." },
	{ "notes", FIELD_TEXT, 0, .max = 500 },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort reorder_level_sorts[] = { { "created_at", "l.created_at", "timestamptz" }, { 0 } };

static const struct statement *const reorder_level_guards[] = { &sql_reorder_level_guard, NULL };
static const struct statement *const reorder_level_parts[] = { &sql_reorder_level_look, &sql_reorder_level_rest, NULL };
static const struct statement *const reorder_level_forgets[] = { &sql_reorder_level_forget, NULL };

const struct resource reorder_level = {
	.name = "reorder_level",
	.plural = "reorder_levels",
	.table = "reorder_level",
	.alias = "l",
	.fields = reorder_level_fields,
	.sorts = reorder_level_sorts,
	SEEN_BY_STAFF,
	.part_of = &article,
	.part_by = "article_id",
	.guards = reorder_level_guards,
	.parts = reorder_level_parts,
	.forgets = reorder_level_forgets,
	.touches = stock_events,
	.help = "How much of an article should be in a warehouse.",
};

static const struct field order_fields[] = {
	{ "number", FIELD_TEXT, READ_ONLY },
	{ "date", FIELD_DATE, READ_ONLY },
	{ 0 },
};

static const struct field reorder_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "warehouse_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "source", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = SOURCES },
	{ "source_warehouse_id", FIELD_ID, READ_ONLY },
	{ "quantity", FIELD_DECIMAL, NEVER_NULL, QUANTITY, .positive = true,
		.help = "Can be changed before it is proposed." },
	{ "status", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATUSES },
	{ "reason", FIELD_TEXTS, READ_ONLY | NEVER_NULL, .help = "Why it is suggested." },
	{ "needed_on", FIELD_DATE, READ_ONLY },
	{ "transfer_id", FIELD_ID, READ_ONLY, .help = "The transfer that it became." },
	{ "erp_order", FIELD_OBJECT, READ_ONLY, .fields = order_fields, .help = "The ERP's answer." },
	{ "end_reason", FIELD_TEXT, READ_ONLY, .help = "Why it was refused or dismissed; covered: no longer needed." },
	{ 0 },
};

static const struct sort reorder_sorts[] = { { "created_at", "g.created_at", "timestamptz" }, { 0 } };

static const struct field ordered_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "number", FIELD_TEXT, REQUIRED, .max = 40, .example = "\"OF-2026-0192\"" },
	{ "date", FIELD_DATE, REQUIRED },
	{ "quantity", FIELD_DECIMAL, 0, QUANTITY, .positive = true,
		.help = "What was ordered, when it is not what was proposed." },
	{ 0 },
};

static const struct field reason_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"No longer sold\"" },
	{ 0 },
};

static action_steps propose_steps = { &sql_reorder_propose, NULL };
static action_steps order_steps = { &sql_reorder_order, NULL };
static action_steps refuse_steps = { &sql_reorder_refuse, NULL };
static action_steps dismiss_steps = { &sql_reorder_dismiss, NULL };

/* clang-format off */
static const struct transition reorder_transitions[] = {
	/* action    from             to           who                    needs           statements */
	{ "propose", "open",          NULL,        SCOPE_TRANSFERS_WRITE, action_fields,  propose_steps, "reorder.proposed",
		"Propose it to the ERP, or make the transfer" },
	{ "order",   "proposed",      "ordered",   SCOPE_STOCK_BULK,      ordered_fields, order_steps,   "reorder.ordered",
		"The ERP ordered it", "It is on order until a receipt brings it." },
	{ "refuse",  "proposed",      "refused",   SCOPE_STOCK_BULK,      reason_fields,  refuse_steps,  "reorder.refused",
		"The ERP refused it" },
	{ "dismiss", "open proposed", "dismissed", SCOPE_TRANSFERS_WRITE, reason_fields,  dismiss_steps, "reorder.dismissed",
		"Don't order it", "It is suggested anew when stock changes and is still too little." },
	{ 0 },
};
/* clang-format on */

static const struct machine reorder_machine = {
	.table = reorder_transitions,
	.states = STATUSES,
	.state = "g.status",
};

static const struct statement *const reorder_guards[] = { &sql_reorder_guard, NULL };
static const char *const reorder_touches[] = { "transfer.created", STOCK_EVENTS, NULL };

const struct resource reorder = {
	.name = "reorder",
	.plural = "reorder_suggestions",
	.table = "reorder_suggestion",
	.alias = "g",
	.rows = &sql_reorder_rows,
	.fields = reorder_fields,
	.sorts = reorder_sorts,
	.descending = true,
	SEEN_BY_STAFF,
	.machine = &reorder_machine,
	.part_of = &article,
	.part_by = "article_id",
	.guards = reorder_guards,
	.touches = reorder_touches,
	.help = "What should be ordered, and why.",
};
