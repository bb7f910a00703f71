#include "transfer.h"

#include "article.h"
#include "inventory_service_sql.h"
#include "stock.h"
#include "transition.h"

#define STATES        "draft shipped received cancelled"
#define LINES_MAX     200
#define OWN_WAREHOUSE "select o.id from warehouse o where o.technician_id = "

static const struct field line_fields[] = {
	{ "position", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "1 for the first." },
	{ "article_id", FIELD_ID, REQUIRED },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "quantity", FIELD_DECIMAL, REQUIRED, QUANTITY, .positive = true, .example = "\"4\"" },
	{ "serials", FIELD_TEXTS, 0, .max = 60, .help = "One for each piece of an article tracked by serial." },
	{ "reservation_id", FIELD_ID, 0,
		.help = "For whom it is sent: the reservation waits where the goods go, and is filled first." },
	{ "received_quantity", FIELD_DECIMAL, READ_ONLY, QUANTITY },
	{ "received_serials", FIELD_TEXTS, READ_ONLY },
	{ "missing_quantity", FIELD_DECIMAL, READ_ONLY, QUANTITY,
		.help = "Shipped, and neither received nor settled." },
	{ 0 },
};

static const struct field transfer_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "number", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "year/series/progressive, without gaps.",
		.example = "\"2026/TR/000012\"" },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATES },
	{ "from_warehouse_id", FIELD_ID, REQUIRED | FIXED },
	{ "from_warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "to_warehouse_id", FIELD_ID, REQUIRED | FIXED },
	{ "to_warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "lines", FIELD_LIST, REQUIRED | VIRTUAL, .max = LINES_MAX, .fields = line_fields },
	{ "needed_at", FIELD_TIME, FILTER },
	{ "notes", FIELD_TEXT, 0, .max = 2000 },
	{ "requested_by", FIELD_TEXT, READ_ONLY },
	{ "requested_by_name", FIELD_TEXT, READ_ONLY },
	{ "shipped_at", FIELD_TIME, READ_ONLY },
	{ "received_at", FIELD_TIME, READ_ONLY },
	{ "transport_document_id", FIELD_ID, READ_ONLY, .help = "The transport document it travels with." },
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct filter transfer_filters[] = {
	{ "from", FIELD_ID, .column = "t.from_warehouse_id", .flags = NEVER_NULL, .help = "The warehouse it leaves." },
	{ "to", FIELD_ID, .column = "t.to_warehouse_id", .flags = NEVER_NULL, .help = "The warehouse it is for." },
	{ "technician_id", FIELD_ID,
		.sql = "t.id in (select o.id from warehouse w join transfer o on o.from_warehouse_id = w.id where w.technician_id = $ "
		       "union all select o.id from warehouse w join transfer o on o.to_warehouse_id = w.id where w.technician_id = $)",
		.help = "From or to this technician's van." },
	{ "article_id", FIELD_ID,
		.sql = "exists (select from transfer_line l where l.transfer_id = t.id and l.article_id = $)",
		.help = "One of its lines is of this article." },
	{ "missing", FIELD_BOOLEAN,
		.sql = "exists (select from transfer_line l where l.transfer_id = t.id and l.missing > 0 "
		       "and t.state = 'received')",
		.help = "Something of it did not arrive." },
	{ 0 },
};

static const struct sort transfer_sorts[] = {
	{ "created_at", "t.created_at", "timestamptz" },
	{ "number", "number_key(t.number)", "text" },
	{ 0 },
};

static const struct field received_line_fields[] = {
	{ "position", FIELD_INTEGER, REQUIRED, .min = 1, .max = LINES_MAX, .help = "Of the line.", .example = "1" },
	{ "quantity", FIELD_DECIMAL, 0, QUANTITY, .help = "What arrived; all that is missing when absent.",
		.example = "\"3\"" },
	{ "serials", FIELD_TEXTS, 0, .max = 60, .help = "Of the pieces that arrived, when not all did." },
	{ 0 },
};

static const struct field receive_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "lines", FIELD_LIST, 0, .max = LINES_MAX, .fields = received_line_fields,
		.help = "What arrived; all that was shipped when absent." },
	{ 0 },
};

static const struct field settle_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "outcome", FIELD_CHOICE, REQUIRED, .choices = "returned lost",
		.help = "What is missing was given back to where it came from, or it is lost." },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Found on the loading ramp\"" },
	{ 0 },
};

static const struct field cancel_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Not needed any more\"" },
	{ 0 },
};

static action_steps ship_steps = { &sql_transfer_lock, &sql_transfer_ship, NULL };
static action_steps counter_steps = { &sql_transfer_lock, &sql_transfer_ship_and_receive, NULL };
static action_steps receive_steps = { &sql_transfer_lock, &sql_transfer_receive_guard, &sql_transfer_receive, NULL };
static action_steps settle_steps = { &sql_transfer_lock, &sql_transfer_settle, NULL };
static action_steps cancel_steps = { &sql_transfer_lock, &sql_transfer_cancel, &sql_transfer_cancelled,
	&sql_transfer_look, NULL };

/* clang-format off */
static const struct transition transfer_transitions[] = {
	/* action             from               to           who                      needs           statements */
	{ "ship",             "draft",            "shipped",   SCOPE_TRANSFERS_WRITE,   action_fields,  ship_steps,
		"transfer.shipped",   "Send the goods off: they are in transit" },
	{ "ship-and-receive", "draft",            "received",  SCOPE_TRANSFERS_WRITE,   action_fields,  counter_steps,
		"transfer.received",  "Hand the goods over at the counter, in one step" },
	{ "receive",          "shipped received", "received",  SCOPE_TRANSFERS_RECEIVE, receive_fields, receive_steps,
		"transfer.received",  "Receive what arrived; a shortfall stays in transit" },
	{ "settle",           "received",         "received",  SCOPE_TRANSFERS_WRITE,   settle_fields,  settle_steps,
		"transfer.settled",   "Say what became of goods that did not arrive" },
	{ "cancel",           "draft shipped",    "cancelled", SCOPE_TRANSFERS_WRITE,   cancel_fields,  cancel_steps,
		"transfer.cancelled", "Cancel it; what was shipped goes back" },
	{ 0 },
};
/* clang-format on */

static const struct machine transfer_machine = {
	.table = transfer_transitions,
	.states = STATES,
	.state = "t.state",
};

static const struct statement *const transfer_guards[] = { &sql_transfer_guard, &sql_transfer_lines_guard,
	&sql_transfer_lines_take, NULL };
static const struct statement *const transfer_parts[] = { &sql_transfer_lines_forget, &sql_transfer_lines,
	&sql_transfer_lines_look, NULL };

const struct resource transfer = {
	.name = "transfer",
	.plural = "transfers",
	.table = "transfer",
	.alias = "t",
	.rows = &sql_transfer_rows,
	.fields = transfer_fields,
	.filters = transfer_filters,
	.sorts = transfer_sorts,
	.descending = true,
	.sees = { .technician = "(t.from_warehouse_id in (" OWN_WAREHOUSE "base.technician()) "
				"or t.to_warehouse_id in (" OWN_WAREHOUSE "base.technician()))",
		.portal = "false",
		.callcenter = "false" },
	.machine = &transfer_machine,
	.guards = transfer_guards,
	.parts = transfer_parts,
	.create = &sql_transfer_create,
	.touches = stock_events,
	.help = "Goods that go from one warehouse to another.",
};
