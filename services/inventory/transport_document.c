#include "transport_document.h"

#include "article.h"
#include "inventory_service_sql.h"
#include "place.h"
#include "stock.h"
#include "transition.h"

#define STATES    "draft issued voided"
#define LINES_MAX 200

static const struct field party_fields[] = {
	{ "customer_id", FIELD_ID, EITHER },
	{ "name", FIELD_TEXT, EITHER, .max = 120, .example = "\"Idraulica Bianchi\"" },
	{ "address", FIELD_OBJECT, 0, .fields = named_address_fields },
	{ "vat_number", FIELD_TEXT, 0, .max = 20 },
	{ 0 },
};

static const struct field carrier_fields[] = {
	{ "name", FIELD_TEXT, 0, .max = 120 },
	{ "address", FIELD_TEXT, 0, .max = 200 },
	{ 0 },
};

static const struct field line_fields[] = {
	{ "position", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "1 for the first." },
	{ "article_id", FIELD_ID, REQUIRED, .help = "Of a kit that goes out, its components are moved." },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "description", FIELD_TEXT, 0, .max = 200, .help = "The article's when absent." },
	{ "quantity", FIELD_DECIMAL, REQUIRED, QUANTITY, .positive = true, .example = "\"1\"" },
	{ "serials", FIELD_TEXTS, 0, .max = 60, .help = "One for each piece of an article tracked by serial." },
	{ "rma_line_id", FIELD_ID, 0,
		.help = "The line of a return, which comes in or goes back with it, or, of our own goods, goes to their supplier." },
	{ "transfer_id", FIELD_ID, 0, .help = "The transfer that is shipped with it." },
	{ "reservation_id", FIELD_ID, 0, .help = "The promise that it keeps." },
	{ 0 },
};

static const struct field transport_document_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "number", FIELD_TEXT, READ_ONLY | FILTER, .help = "Of an outgoing one, taken at its issue, without gaps.",
		.example = "\"2026/DDT/000041\"" },
	{ "direction", FIELD_CHOICE, REQUIRED | FIXED | FILTER, .choices = "out in" },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATES },
	{ "reason", FIELD_CHOICE, REQUIRED | FILTER,
		.choices = "sale repair repaired to_supplier replacement loan loan_back transfer return",
		.help = "What a `sale` sends to a customer is his machine from then on, a `loan` is on loan at his place." },
	{ "party", FIELD_OBJECT, REQUIRED, .fields = party_fields,
		.help = "To whom, or from whom: a customer or a name.", .example = "{\"name\":\"Idraulica Bianchi\"}" },
	{ "destination", FIELD_OBJECT, 0, .fields = named_address_fields,
		.help = "Where it goes, when not to the party's address." },
	{ "their_number", FIELD_TEXT, FILTER, .max = 30, .help = "Of an incoming one: its sender's." },
	{ "their_date", FIELD_DATE, 0 },
	{ "document_date", FIELD_DATE, FILTER, .help = "The day of its issue when absent; numbers follow the days." },
	{ "warehouse_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "carried_by", FIELD_CHOICE, 0, .choices = "sender recipient carrier" },
	{ "carrier", FIELD_OBJECT, 0, .fields = carrier_fields },
	{ "packages", FIELD_INTEGER, 0, .min = 0, .max = 10000 },
	{ "weight_kg", FIELD_DECIMAL, 0, .digits = 8, .decimals = 3 },
	{ "appearance", FIELD_TEXT, 0, .max = 40, .help = "Of the goods, as \"on a pallet\"." },
	{ "started_at", FIELD_TIME, 0, .help = "When the transport began." },
	{ "notes", FIELD_TEXT, 0, .max = 2000 },
	{ "lines", FIELD_LIST, REQUIRED | VIRTUAL, .max = LINES_MAX, .fields = line_fields },
	{ "issued_at", FIELD_TIME, READ_ONLY },
	{ "void_reason", FIELD_TEXT, READ_ONLY },
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

#define WITH_LINE(condition)                                                                                           \
	"exists (select from transport_document_line l where l.document_id = d.id and " condition ")"

static const struct filter transport_document_filters[] = {
	{ "party.customer_id", FIELD_ID, .sql = "d.party ->> 'customer_id' = $::uuid::text",
		.help = "To or from this customer." },
	{ "article_id", FIELD_ID, .sql = WITH_LINE("l.article_id = $"), .help = "Of one of its lines." },
	{ "serial", FIELD_TEXT, .sql = WITH_LINE("l.serial_keys @> array[base.fold($)]"),
		.help = "Of one of its lines; compared without case." },
	{ "rma_id", FIELD_ID, .sql = WITH_LINE("l.rma_line_id in (select o.id from rma_line o where o.rma_id = $)"),
		.help = "With goods of this return." },
	{ 0 },
};

static const struct sort transport_document_sorts[] = { { "created_at", "d.created_at", "timestamptz" }, { 0 } };

static const struct field void_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Wrong recipient\"" },
	{ 0 },
};

static action_steps issue_steps = { &sql_transport_document_lock, &sql_transport_document_issue, NULL };
static action_steps void_steps = { &sql_transport_document_lock, &sql_transport_document_void, NULL };

/* clang-format off */
static const struct transition transport_document_transitions[] = {
	/* action  from      to        who                    needs          statements */
	{ "issue", "draft",  "issued", SCOPE_TRANSFERS_WRITE, action_fields, issue_steps, "transport_document.issued",
		"Issue it: take its number and move the goods" },
	{ "void",  "issued", "voided", SCOPE_TRANSFERS_WRITE, void_fields,   void_steps,  "transport_document.voided",
		"Take back what it moved; it keeps its number" },
	{ 0 },
};
/* clang-format on */

static const struct machine transport_document_machine = {
	.table = transport_document_transitions,
	.states = STATES,
	.state = "d.state",
};

static const struct statement *const transport_document_guards[] = { &sql_transport_document_guard,
	&sql_transport_document_lines_guard, NULL };
static const struct statement *const transport_document_parts[] = { &sql_transport_document_lines_forget,
	&sql_transport_document_lines, NULL };
static const char *const transport_document_touches[] = { "transfer.shipped", "transfer.changed", "transfer.cancelled",
	"rma_line.sent", "rma_line.received", "rma_line.returned", "rma_line.changed", "asset.changed",
	"asset.replaced", STOCK_EVENTS, NULL };

const struct resource transport_document = {
	.name = "transport_document",
	.plural = "transport_documents",
	.table = "transport_document",
	.alias = "d",
	.rows = &sql_transport_document_rows,
	.fields = transport_document_fields,
	.filters = transport_document_filters,
	.sorts = transport_document_sorts,
	.descending = true,
	SEEN_BY_STAFF,
	.machine = &transport_document_machine,
	.guards = transport_document_guards,
	.parts = transport_document_parts,
	.touches = transport_document_touches,
	.help = "The paper that goes with goods, out and in.",
};
