#include "rma.h"

#include "arena.h"
#include "article.h"
#include "inventory_service_sql.h"
#include "place.h"
#include "request.h"
#include "route.h"
#include "source.h"
#include "stock.h"
#include "store.h"
#include "text.h"
#include "transition.h"

#define STATES    "open closed cancelled"
#define LINES_MAX 100

static const struct field customer_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field line_fields[] = {
	{ "article_id", FIELD_ID, REQUIRED },
	{ "serial", FIELD_TEXT, 0, .max = 60, .example = "\"CB-1041\"" },
	{ "quantity", FIELD_DECIMAL, 0, QUANTITY, .positive = true,
		.help = "Of an article without serials; 1 when absent." },
	{ "asset_id", FIELD_ID, 0, .help = "Found by article and serial when absent." },
	{ "fault_code", FIELD_TEXT, 0, .max = 20 },
	{ "declared_fault", FIELD_TEXT, 0, .max = 1000, .example = "\"Leaks at the rod\"" },
	{ "accessories", FIELD_TEXT, 0, .max = 500 },
	{ "job_code", FIELD_TEXT, INTERNAL, .max = 40 },
	{ 0 },
};

static const struct field rma_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of it or of its lines." },
	{ "number", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "year/series/progressive, without gaps.",
		.example = "\"2026/RMA/000007\"" },
	{ "kind", FIELD_CHOICE, REQUIRED | FIXED | FILTER, .choices = RMA_KINDS,
		.help = "In advance: the new piece goes first, the defective one is due back by a day. A supplier's repair is of our "
			"own goods; of a customer's, actions/send-to-supplier of his line makes it." },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATES },
	{ "customer_id", FIELD_ID, FIXED | FILTER, .refers = "customer",
		.help = "Required, but none of a supplier's repair." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_fields },
	{ "supplier_name", FIELD_TEXT, INTERNAL, .max = 120, .help = "Required of a supplier's repair." },
	{ "supplier_ref", FIELD_TEXT, FILTER | INTERNAL, .max = 40, .help = "The supplier, in the ERP's words." },
	{ "site_id", FIELD_ID, FILTER, .refers = "site" },
	{ "contact_id", FIELD_ID, 0 },
	{ "call_id", FIELD_ID, FILTER, .refers = "call", .past = true },
	{ "parent_line_id", FIELD_ID, READ_ONLY | FILTER | INTERNAL,
		.help = "The customer's line that a supplier repairs." },
	{ "reason", FIELD_TEXT, 0, .max = 500 },
	{ "customer_reference", FIELD_TEXT, 0, .max = 80 },
	{ "authorised_by", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "authorised_at", FIELD_TIME, READ_ONLY },
	{ "expires_on", FIELD_DATE, 0, .help = "Last day of the authorisation." },
	{ "due_back_on", FIELD_DATE, LATER,
		.help = "In advance: until when all that is replaced is expected, also what has been replaced already; "
			"of each line the setting due_back_days says it when absent." },
	{ "ship_to", FIELD_OBJECT, 0, .fields = named_address_fields,
		.help = "Where it goes back, when not to the site." },
	{ "job_code", FIELD_TEXT, INTERNAL, .max = 40, .help = "The call's when it does not say." },
	{ "notes", FIELD_TEXT, INTERNAL, .max = 2000 },
	{ "lines", FIELD_LIST, FIXED | VIRTUAL | WRITE_ONLY, .max = LINES_MAX, .fields = line_fields,
		.help = "Lines to begin with; they are read at …/lines, or beside it with expand=lines." },
	FIELD_OF_SOURCE(LATER | INTERNAL),
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY | INTERNAL, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

#define WITH_LINE(condition) "exists (select from rma_line l where l.rma_id = r.id and " condition ")"

static const struct filter rma_filters[] = {
	{ "serial", FIELD_TEXT, .sql = WITH_LINE("l.serial_key = base.fold($)"), .help = "Of one of its lines." },
	{ "article_id", FIELD_ID, .sql = WITH_LINE("l.article_id = $"), .help = "Of one of its lines." },
	{ "line_state", FIELD_TEXT, .sql = WITH_LINE("l.state = $"), .help = "State of one of its lines." },
	{ "outcome", FIELD_TEXT, .sql = WITH_LINE("l.outcome = $"), .help = "Outcome of one of its lines." },
	{ "warranty", FIELD_TEXT, .sql = WITH_LINE("l.warranty = $"), .help = "Warranty of one of its lines." },
	{ "due_back_on", FIELD_DATE, .sql = WITH_LINE("l.due_back_on = $"),
		.help = "Something replaced in advance is due back on this day." },
	{ "overdue", FIELD_BOOLEAN, .sql = WITH_LINE("l.state = 'authorised' and l.due_back_on < today()"),
		.help = "Something replaced in advance has not come back in time." },
	{ "unannounced", FIELD_BOOLEAN, .sql = WITH_LINE("l.unannounced"),
		.help = "Goods of it came in unauthorised." },
	FILTER_OF_SOURCE("r"),
	{ 0 },
};

static const struct sort rma_sorts[] = {
	{ "created_at", "r.created_at", "timestamptz" },
	{ "number", "number_key(r.number)", "text" },
	{ 0 },
};

static const struct field authorise_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "expires_on", FIELD_DATE, 0, .help = "Last day on which the goods are taken in." },
	{ 0 },
};

static const struct field cancel_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"The customer keeps it\"" },
	{ 0 },
};

static action_steps authorise_steps = { &sql_rma_authorise_log, &sql_rma_authorise, NULL };
static action_steps cancel_steps = { &sql_rma_cancel, &sql_rma_cancel_log, &sql_rma_cancel_lines, NULL };
static action_steps realign_steps = { &sql_rma_realign, NULL };

/* clang-format off */
static const struct transition rma_transitions[] = {
	/* action      from    to           who                   needs             statements */
	{ "authorise", "open", "open",      SCOPE_RMAS_AUTHORISE, authorise_fields, authorise_steps, "rma.authorised",
		"Authorise all lines that are requested" },
	{ "cancel",    "open", "cancelled", SCOPE_RMAS_AUTHORISE, cancel_fields,    cancel_steps,    "rma.cancelled",
		"Cancel it, while nothing of it has come in", "It closes by itself when all of its lines are." },
	{ "realign",   "open",  NULL,       SCOPE_RMAS_AUTHORISE, action_fields,    realign_steps,   "rma.changed",
		"Copy what the call it was made from says now", "Lines whose goods are here stay as they are." },
	{ 0 },
};
/* clang-format on */

static const struct machine rma_machine = {
	.table = rma_transitions,
	.states = STATES,
	.state = "r.state",
};

/* A customer returns what is his own. */
static enum fault rma_prepare(struct request *request, json_t *body, const char *id)
{
	if (request->sight != SIGHT_PORTAL || id)
		return FAULT_NONE;
	json_object_set_new(
		body, "customer_id", json_string(request->caller.customer_id ? request->caller.customer_id : ""));
	if (!text_same(json_string_at(body, "kind"), "customer_repair"))
		fault_add(&request->faults, "/kind", "forbidden", "a customer asks for a customer_repair");
	return FAULT_NONE;
}

static const struct statement *const rma_guards[] = { &sql_rma_guard, &sql_rma_lines_guard, NULL };
static const struct statement *const rma_parts[] = { &sql_rma_source_keep, &sql_rma_lines, &sql_rma_due_back, NULL };

const char *const rma_events[] = { "rma.opened", "rma.closed", "rma.cancelled", "rma_line.created", "rma_line.changed",
	"rma_line.authorised", "rma_line.cancelled", "asset.changed", "asset.replaced", STOCK_EVENTS, NULL };

const struct resource rma = {
	.name = "rma",
	.plural = "rmas",
	.table = "rma",
	.alias = "r",
	.rows = &sql_rma_rows,
	.fields = rma_fields,
	.filters = rma_filters,
	.sorts = rma_sorts,
	.descending = true,
	.search = "base.search_vector(coalesce(r.reason, '') || ' ' || coalesce(r.customer_reference, ''))",
	.sees = { .portal = "r.customer_id = base.customer()", .callcenter = "false" },
	.audience = "jsonb_build_object('customers', jsonb_build_array(r.customer_id))",
	.machine = &rma_machine,
	.prepare = rma_prepare,
	.guards = rma_guards,
	.parts = rma_parts,
	.create = &sql_rma_create,
	.created_event = "opened",
	.touches = rma_events,
	.help = "A return: what a customer sends in, or what is sent to a supplier, to be repaired or replaced.",
};

const struct field rma_from_call_fields[] = {
	{ "id", FIELD_ID, 0, .help = "UUIDv7; the client may make it, for off-line work." },
	{ "call_id", FIELD_ID, REQUIRED },
	{ "kind", FIELD_CHOICE, REQUIRED, .choices = "customer_repair advance_replacement" },
	{ "asset_ids", FIELD_IDS, 0, .max = LINES_MAX,
		.help = "Machines or components of the call's customer that come back." },
	{ "charge_ids", FIELD_IDS, 0, .max = LINES_MAX,
		.help = "Part charges of the call: what of them comes back. An asset of the same article among asset_ids is "
			"the piece that such a charge replaced. Without either list it is of the call's machines." },
	{ "reason", FIELD_TEXT, 0, .max = 500, .help = "The call's subject when absent." },
	{ "customer_reference", FIELD_TEXT, 0, .max = 80 },
	{ "notes", FIELD_TEXT, 0, .max = 2000 },
	{ 0 },
};

/* The call is read first, in a pipeline of its own; a repeated request is known before that says otherwise. */
enum fault rma_from_call(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = store_new_id(request, request->json);
	const char *location = arena_printf(request->arena, "/v1/rmas/%s", id);
	struct pg_batch *batch = request_batch(request);
	size_t index;
	enum fault fault;
	json_t *body;

	store_add_claim(request, batch);
	index = pg_add(batch, &sql_rma_of_call, PG_VALUES(json_write(request->arena, request->json)));
	fault = request_execute(request, batch);
	if (fault == FAULT_REPLAY)
		return store_replay(request, store);
	if (fault)
		return fault;
	body = pg_json(request->arena, pg_result(batch, index), 0, 0);
	if (!body)
		return request_fail(request, FAULT_INTERNAL, "The call can't be read.");
	batch = request_batch(request);
	store_add_claim(request, batch);
	store_add_rows(request, batch, store, &(struct new_row){ id, body }, 1);
	store_add_answer(request, batch, store, id, 201, location);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 201, location);
}
