#include "article.h"
#include "inventory_service_sql.h"
#include "rma.h"
#include "source.h"
#include "stock.h"
#include "transition.h"

#define STATES   "requested authorised received diagnosed waiting_offer repairing ready returned closed cancelled"
#define OUTCOMES "repaired not_repaired not_repaired_charged replaced credited"

static const struct field rma_brief_fields[] = {
	{ "number", FIELD_TEXT, READ_ONLY },
	{ "kind", FIELD_CHOICE, READ_ONLY, .choices = RMA_KINDS },
	{ "call_id", FIELD_ID, READ_ONLY | LATER },
	{ 0 },
};

static const struct field charge_fields[] = {
	{ "id", FIELD_ID, READ_ONLY },
	{ "call_id", FIELD_ID, READ_ONLY },
	{ "quantity", FIELD_DECIMAL, READ_ONLY, QUANTITY, .negative = true, .help = "Below zero of a credit." },
	{ "status", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field replacement_fields[] = {
	{ "article_id", FIELD_ID, READ_ONLY },
	{ "serial", FIELD_TEXT, READ_ONLY },
	{ "asset_id", FIELD_ID, READ_ONLY },
	{ "shipped_at", FIELD_TIME, READ_ONLY },
	{ 0 },
};

static const struct field rma_line_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "rma_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "rma", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = rma_brief_fields },
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "serial", FIELD_TEXT, FIXED, .max = 60, .help = "Of a piece; in one open return only.",
		.example = "\"CB-1041\"" },
	{ "quantity", FIELD_DECIMAL, FIXED, QUANTITY, .positive = true, .fallback = "\"1\"",
		.help = "Of an article without serials." },
	{ "asset_id", FIELD_ID, FIXED | FILTER, .help = "Found by article and serial when absent." },
	{ "fault_code", FIELD_TEXT, 0, .max = 20 },
	{ "declared_fault", FIELD_TEXT, 0, .max = 1000, .example = "\"Leaks at the rod\"" },
	{ "accessories", FIELD_TEXT, 0, .max = 500 },
	{ "condition", FIELD_TEXT, READ_ONLY, .help = "As it came in." },
	{ "warranty", FIELD_CHOICE, 0, .choices = "in out partial unknown", .fallback = "\"unknown\"",
		.help = "Found from the asset when it is not said." },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATES },
	{ "diagnosis", FIELD_TEXT, READ_ONLY },
	{ "cause_code", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "repair_notes", FIELD_TEXT, READ_ONLY },
	{ "outcome", FIELD_CHOICE, READ_ONLY | FILTER, .choices = OUTCOMES },
	{ "disposal", FIELD_CHOICE, READ_ONLY, .choices = "returned scrapped kept",
		.help = "What became of the goods: back to the customer, scrapped, or ours; of our own, that their supplier "
			"scrapped or kept them." },
	{ "warehouse_id", FIELD_ID, READ_ONLY | FILTER | INTERNAL, .help = "Where the goods are." },
	{ "received_quantity", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, QUANTITY },
	{ "returned_quantity", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, QUANTITY },
	{ "unannounced", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL | FILTER,
		.help = "It came in before anybody had authorised it, or when that had expired." },
	{ "split_from", FIELD_ID, READ_ONLY, .help = "The line it was a part of." },
	{ "offer_id", FIELD_ID, READ_ONLY | FILTER | INTERNAL },
	{ "child_rma_id", FIELD_ID, READ_ONLY | INTERNAL, .help = "The supplier's repair of it." },
	{ "replacement", FIELD_OBJECT, READ_ONLY, .fields = replacement_fields,
		.help = "What went to the customer instead." },
	{ "supplier_cost", FIELD_DECIMAL, COST | INTERNAL, .digits = 14, .decimals = 2,
		.help = "What the supplier took for it; of what suppliers repaired for a customer, all that they took." },
	{ "loaned_asset_id", FIELD_ID, FILTER | INTERNAL | LATER,
		.help = "What the customer has meanwhile; it goes out and comes back by transport documents." },
	{ "due_back_on", FIELD_DATE, READ_ONLY | FILTER,
		.help = "Until when what was replaced in advance is expected." },
	{ "missing", FIELD_CHOICE, READ_ONLY, .choices = "charged credited",
		.help = "What did not come back is charged; when it comes after all, credited." },
	{ "charges", FIELD_LIST, READ_ONLY | LATER | INTERNAL, .fields = charge_fields,
		.help = "What calls made of that, in the call of the return, the oldest first." },
	{ "received_at", FIELD_TIME, READ_ONLY },
	{ "returned_at", FIELD_TIME, READ_ONLY },
	{ "job_code", FIELD_TEXT, INTERNAL, .max = 40 },
	FIELD_OF_SOURCE(LATER | INTERNAL),
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY | INTERNAL, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct filter rma_line_filters[] = {
	{ "serial", FIELD_TEXT, .sql = "l.serial_key = base.fold($)", .help = "Compared without case." },
	{ "customer_id", FIELD_ID, .sql = "l.rma_id in (select o.id from rma o where o.customer_id = $)",
		.help = "Whose return it is." },
	{ "late", FIELD_BOOLEAN,
		.sql = "l.due_back_on is not null and l.state = 'authorised' and l.due_back_on < today()",
		.help = "Replaced in advance, and not back in time." },
	FILTER_OF_SOURCE("l"),
	{ 0 },
};

static const struct sort rma_line_sorts[] = { { "created_at", "l.created_at", "timestamptz" }, { 0 } };

#define FIELD_PART                                                                                                     \
	{                                                                                                              \
		"quantity", FIELD_DECIMAL, 0, QUANTITY, .positive = true,                                              \
							.help = "Only of so many: the rest becomes a line of its own." \
	}

static const struct field step_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ 0 },
};

static const struct field receive_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "warehouse_id", FIELD_ID, REQUIRED },
	{ "serial", FIELD_TEXT, 0, .max = 60, .help = "As it is on the piece; another one only from a supplier." },
	{ "condition", FIELD_TEXT, 0, .max = 500, .example = "\"Rod bent\"" },
	{ "supplier_cost", FIELD_DECIMAL, COST, .digits = 14, .decimals = 2, .help = "What the supplier took." },
	{ 0 },
};

static const struct field diagnose_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "diagnosis", FIELD_TEXT, REQUIRED, .max = 2000, .example = "\"Seal worn\"" },
	{ "cause_code", FIELD_TEXT, 0, .max = 20 },
	{ "warranty", FIELD_CHOICE, 0, .choices = "in out partial unknown" },
	{ 0 },
};

static const struct field answer_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "accepted", FIELD_BOOLEAN, REQUIRED },
	{ "charged", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "The diagnosis of what is not repaired is charged." },
	{ "offer_id", FIELD_ID, 0 },
	{ 0 },
};

static const struct field ship_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "warehouse_id", FIELD_ID, REQUIRED, .help = "Where they are taken from." },
	{ 0 },
};

static const struct field send_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "supplier_name", FIELD_TEXT, REQUIRED, .max = 120, .example = "\"Idraulica Bianchi\"" },
	{ "supplier_ref", FIELD_TEXT, REQUIRED, .max = 40, .example = "\"F00123\"" },
	{ 0 },
};

static const struct field complete_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "outcome", FIELD_CHOICE, REQUIRED, .choices = "repaired not_repaired not_repaired_charged replaced" },
	{ "repair_notes", FIELD_TEXT, 0, .max = 2000 },
	{ 0 },
};

static const struct field replace_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "article_id", FIELD_ID, 0, .help = "The same when absent." },
	{ "serial", FIELD_TEXT, 0, .max = 60 },
	{ "warehouse_id", FIELD_ID, REQUIRED, .help = "Where it is taken from." },
	{ "due_back_on", FIELD_DATE, 0, .help = "In advance: until when the defective one is expected." },
	{ 0 },
};

static const struct field scrap_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "outcome", FIELD_CHOICE, REQUIRED, .choices = "replaced credited not_repaired not_repaired_charged" },
	{ "customer_consent", FIELD_BOOLEAN, REQUIRED },
	{ 0 },
};

static const struct field return_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "transport_document_id", FIELD_ID, 0,
		.help = "The outgoing document, issued already, on which the goods leave." },
	{ 0 },
};

static const struct field close_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "disposal", FIELD_CHOICE, 0, .choices = "scrapped kept",
		.help = "Of goods that stay here: scrapped, or ours for nothing; of our own that stay with their supplier, "
			"scrapped, or his." },
	{ "outcome", FIELD_CHOICE, 0, .choices = OUTCOMES,
		.help = "Of our own goods from a supplier, required unless he sent others: what came of the repair." },
	{ 0 },
};

static const struct field cancel_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	FIELD_PART,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200 },
	{ 0 },
};

#define BEGIN &sql_rma_line_lock, &sql_rma_line_split

static action_steps authorise_steps = { BEGIN, &sql_rma_line_authorise, &sql_rma_line_authorise_head, NULL };
static action_steps receive_steps = { BEGIN, &sql_rma_line_receive, &sql_rma_line_cost, NULL };
static action_steps diagnose_steps = { BEGIN, &sql_rma_line_customers, &sql_rma_line_diagnose, NULL };
static action_steps request_offer_steps = { BEGIN, &sql_rma_line_request_offer, NULL };
static action_steps answer_offer_steps = { BEGIN, &sql_rma_line_answer_offer, NULL };
static action_steps repair_steps = { BEGIN, &sql_rma_line_repair, NULL };
static action_steps ship_steps = { BEGIN, &sql_rma_line_ship, NULL };
static action_steps send_steps = { BEGIN, &sql_rma_line_send, NULL };
static action_steps complete_steps = { BEGIN, &sql_rma_line_complete, &sql_rma_line_completed, NULL };
static action_steps replace_steps = { BEGIN, &sql_rma_line_replace, NULL };
static action_steps credit_steps = { BEGIN, &sql_rma_line_customers, &sql_rma_line_credit, NULL };
static action_steps scrap_steps = { BEGIN, &sql_rma_line_scrap, &sql_rma_line_scrapped, NULL };
static action_steps return_steps = { BEGIN, &sql_rma_line_return_guard, &sql_rma_line_return, &sql_rma_line_loan,
	NULL };
static action_steps close_steps = { BEGIN, &sql_rma_line_close, &sql_rma_line_closed, &sql_rma_line_loan, NULL };
static action_steps cancel_steps = { BEGIN, &sql_rma_line_cancel, &sql_rma_line_cancelled, NULL };
static action_steps charge_steps = { BEGIN, &sql_rma_line_charge_missing, &sql_rma_line_charged, NULL };

/* clang-format off */
static const struct transition rma_line_transitions[] = {
	/* action            from                                         to               who                   needs            statements */
	{ "authorise",        "requested",                                 "authorised",    SCOPE_RMAS_AUTHORISE, step_fields,     authorise_steps,
		"rma_line.authorised",    "Authorise the return of it" },
	{ "receive",          "requested authorised",                      "received",      SCOPE_RMAS_RECEIVE,   receive_fields,  receive_steps,
		"rma_line.received",      "Take the goods in", "What nobody has authorised is flagged unannounced." },
	{ "diagnose",         "received",                                  "diagnosed",     SCOPE_RMAS_REPAIR,    diagnose_fields, diagnose_steps,
		"rma_line.diagnosed",     "Say what is wrong with it" },
	{ "request-offer",    "diagnosed",                                 "waiting_offer", SCOPE_RMAS_REPAIR,    step_fields,     request_offer_steps,
		"rma_line.waiting_offer", "Wait for the customer's word on an offer" },
	{ "answer-offer",     "waiting_offer",                             NULL,            SCOPE_RMAS_AUTHORISE, answer_fields,   answer_offer_steps,
		"rma_line.offer_answered", "Enter the customer's word on the offer" },
	{ "repair",           "diagnosed",                                 "repairing",     SCOPE_RMAS_REPAIR,    step_fields,     repair_steps,
		"rma_line.repairing",     "Begin the repair" },
	{ "send-to-supplier", "diagnosed repairing",                       "repairing",     SCOPE_RMAS_RECEIVE,   send_fields,     send_steps,
		"rma_line.repairing",     "Send it on to a supplier", "Makes the supplier's repair, a return of its own." },
	{ "send",             "authorised",                                "authorised",    SCOPE_RMAS_RECEIVE,   ship_fields,     ship_steps,
		"rma_line.sent",          "Send our own goods to their supplier", "They stay ours, at the worth that they had." },
	{ "complete",         "repairing",                                 "ready",         SCOPE_RMAS_REPAIR,    complete_fields, complete_steps,
		"rma_line.ready",         "End the repair" },
	{ "replace",          "authorised received diagnosed repairing",   NULL,            SCOPE_RMAS_RECEIVE,   replace_fields,  replace_steps,
		"rma_line.replaced",      "Send another piece instead", "In advance the line waits for what it replaces." },
	{ "credit",           "received diagnosed",                        "ready",         SCOPE_RMAS_CREDIT,    step_fields,     credit_steps,
		"rma_line.ready",         "Credit it to the customer" },
	{ "scrap",            "diagnosed repairing",                       "ready",         SCOPE_RMAS_REPAIR,    scrap_fields,    scrap_steps,
		"rma_line.ready",         "Scrap it, with the customer's consent" },
	{ "return",           "ready",                                     "returned",      SCOPE_RMAS_RECEIVE,   return_fields,   return_steps,
		"rma_line.returned",      "Send the goods back to the customer" },
	{ "close",            "authorised received ready returned",        "closed",        SCOPE_RMAS_RECEIVE,   close_fields,    close_steps,
		"rma_line.closed",        "Close the line" },
	{ "cancel",           "requested authorised",                      "cancelled",     SCOPE_RMAS_AUTHORISE, cancel_fields,   cancel_steps,
		"rma_line.cancelled",     "Cancel it before anything came in" },
	{ "charge-missing",   "authorised",                                "authorised",    SCOPE_RMAS_CREDIT,    step_fields,     charge_steps,
		"rma_line.charged",       "Charge what has not come back in time",
		"To the call of the return, where it has one." },
	{ 0 },
};
/* clang-format on */

static const struct statement *const rma_line_after[] = { &sql_rma_end, NULL };

static const struct machine rma_line_machine = {
	.table = rma_line_transitions,
	.states = STATES,
	.state = "l.state",
	.after = rma_line_after,
};

static const struct statement *const rma_line_guards[] = { &sql_rma_line_cost_lock, &sql_rma_line_guard, NULL };
static const struct statement *const rma_line_parts[] = { &sql_rma_line_settle, &sql_rma_line_cost, NULL };

#define HEAD(column) "(select o." column " from rma o where o.id = r.rma_id)"

const struct resource rma_line = {
	.name = "rma_line",
	.plural = "rma_lines",
	.table = "rma_line",
	.alias = "l",
	.rows = &sql_rma_line_rows,
	.fields = rma_line_fields,
	.filters = rma_line_filters,
	.sorts = rma_line_sorts,
	.descending = true,
	.sees = { .portal = "l.rma_id in (select o.id from rma o where o.customer_id = base.customer())",
		.callcenter = "false" },
	.part_of = &rma,
	.part_by = "rma_id",
	.audience = "jsonb_build_object('customers', jsonb_build_array(" HEAD("customer_id") "))",
	.machine = &rma_line_machine,
	.guards = rma_line_guards,
	.parts = rma_line_parts,
	.create = &sql_rma_line_create,
	.touches = rma_events,
	.help = "A piece, or a quantity of an article, that comes back to be repaired or replaced.",
};
