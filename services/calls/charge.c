#include "charge.h"

#include "activity.h"
#include "arena.h"
#include "calls_service_sql.h"
#include "derived.h"
#include "source.h"
#include "text.h"
#include "transition.h"

#include <string.h>

static const struct field stock_fields[] = {
	{ "reserved", FIELD_DECIMAL, READ_ONLY, CHARGE_QUANTITY, .help = "Promised, and not issued yet." },
	{ "waiting", FIELD_DECIMAL, READ_ONLY, CHARGE_QUANTITY, .help = "Asked for, and not there yet." },
	{ "issued", FIELD_DECIMAL, READ_ONLY, CHARGE_QUANTITY, .help = "Issued, less what came back." },
	{ 0 },
};

static const struct field charge_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "call_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "call", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = activity_call_fields },
	{ "customer_id", FIELD_ID, READ_ONLY, .help = "The call's." },
	{ "activity_id", FIELD_ID, FILTER, .help = "Of the same call." },
	{ "kind", FIELD_CHOICE, REQUIRED | FILTER, .choices = CHARGE_KINDS },
	{ "article_id", FIELD_ID, FILTER,
		.help = "Of inventory's catalogue. What a charge does not say of description, unit, price and tax, a named "
			"article says. A kit becomes a charge of each component." },
	{ "article_code", FIELD_TEXT, VIRTUAL, .max = 40, .help = "Instead of article_id.",
		.example = "\"CYL-BKT-01\"" },
	{ "kit_id", FIELD_ID, READ_ONLY | FILTER | LATER, .help = "The kit it is a component of." },
	{ "description", FIELD_TEXT, 0, .max = 500 },
	{ "uom", FIELD_TEXT, 0, .max = 6, .example = "\"h\"" },
	{ "planned_quantity", FIELD_DECIMAL, 0, CHARGE_QUANTITY },
	{ "quantity", FIELD_DECIMAL, REQUIRED, CHARGE_QUANTITY, .example = "\"1.500\"" },
	{ "price", FIELD_DECIMAL, 0, CHARGE_MONEY, .example = "\"48.0000\"" },
	{ "cost", FIELD_DECIMAL, COST | INTERNAL, CHARGE_MONEY },
	{ "discounts", FIELD_DECIMALS, 0, .digits = 5, .decimals = 2, .max = 10,
		.help = "Percents, at most 100 each, in cascade.", .example = "[\"10.00\", \"5.00\"]" },
	{ "net_amount", FIELD_DECIMAL, READ_ONLY, .digits = 24, .decimals = 2, .negative = true,
		.help = "quantity × price less the discounts, rounded at the end, half up to the cent; a credit mirrors its charge. "
			"Null without a price." },
	{ "vat_code", FIELD_TEXT, 0, .max = 10 },
	{ "treatment", FIELD_CHOICE, NEVER_NULL | PROMISED | FILTER, .choices = CHARGE_TREATMENTS,
		.help = "When absent, warranty if the call's covers this kind, else billable." },
	{ "treatment_reason", FIELD_TEXT, 0, .max = 200 },
	{ "approved_at", FIELD_TIME, READ_ONLY, .help = "When actions/approve decided its treatment." },
	{ "approved_by", FIELD_TEXT, READ_ONLY },
	{ "price_source", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "manual article contract" },
	{ "pricing", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "none pending priced failed" },
	{ "billing_article_id", FIELD_ID, 0, .refers = "article", .help = "The article that invoices show instead." },
	{ "warehouse_id", FIELD_ID, INTERNAL },
	{ "serials", FIELD_TEXTS, 0, .max = 60 },
	{ "technician_id", FIELD_ID, FILTER },
	{ "work_date", FIELD_DATE, FILTER },
	{ "job_code", FIELD_TEXT, FILTER | CODE | INTERNAL, .max = 40, .help = "The call's when it does not say." },
	{ "status", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "open locked billed" },
	{ "rma_line_id", FIELD_ID, READ_ONLY | FILTER | LATER | INTERNAL,
		.help = "What was replaced in advance and did not come back. When it comes after all, the charge goes, or "
			"has its credit beside it." },
	FIELD_OF_SOURCE(LATER | INTERNAL),
	{ "stock", FIELD_OBJECT, READ_ONLY | LATER | INTERNAL, .fields = stock_fields,
		.help = "What was made of it in the warehouse, all in all; null: nothing." },
	{ "derived", FIELD_LIST, READ_ONLY | LATER | INTERNAL, .fields = derived_line_fields,
		.help = "What was made of it: reservations, movements, lines of returns, the oldest first. It doesn't follow "
			"later changes of the charge, nor the charge those of it." },
	{ "external_ref", FIELD_TEXT, FILTER | KEY | INTERNAL, .max = 80 },
	{ 0 },
};

static const struct filter charge_filters[] = {
	{ "customer_id", FIELD_ID, .sql = "h.call_id in (select o.id from call o where o.customer_id = $)",
		.help = "Customer of its call." },
	{ 0 },
};

static const struct free_filter charge_free[] = { { "customer.x", "customer", "c.customer_id" }, { 0 } };

static const struct sort charge_sorts[] = { { "created_at", "h.created_at", "timestamptz" }, { 0 } };

/* A storekeeper handles parts, a technician his own charges: what they write; what they touch the guard knows. */
static enum fault charge_prepare(struct request *request, json_t *body, const char *id)
{
	const char *kind = json_string_at(body, "kind");
	const char *own = request->caller.technician_id;

	if (request->caller.roles == ROLE_BIT(ROLE_STOREKEEPER) && kind && !text_same(kind, "part"))
		fault_add(&request->faults, "/kind", "forbidden", "a storekeeper handles parts only");
	if (request->sight != SIGHT_TECHNICIAN)
		return FAULT_NONE;
	if (!id && own && !json_string_at(body, "technician_id"))
		json_object_set_new(body, "technician_id", json_string(own));
	else if (json_object_get(body, "technician_id") && !text_same(json_string_at(body, "technician_id"), own))
		fault_add(&request->faults, "/technician_id", "forbidden", "a technician writes his own charges only");
	return FAULT_NONE;
}

static const struct statement *const charge_guards[] = { &sql_charge_open_guard, &sql_charge_own_guard,
	&sql_charge_discounts_guard, NULL };
static const struct statement *const charge_parts[] = { &sql_charge_activity_guard, &sql_charge_price_by_hand,
	&sql_charge_inherit, &sql_charge_article, &sql_charge_credit_guard, NULL };
static const struct statement *const charge_forgets[] = { &sql_charge_open_guard, &sql_charge_own_guard, NULL };

static const char *const charge_events[] = { "charge.added", NULL };

static const struct field approve_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "treatment", FIELD_CHOICE, REQUIRED, .choices = "billable covered goodwill" },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200 },
	{ 0 },
};

static action_steps approve_steps = { &sql_charge_approve, &sql_charge_credit_guard, NULL };

static const struct transition charge_transitions[] = {
	{ "approve", "needs_approval", NULL, SCOPE_CHARGES_APPROVE, approve_fields, approve_steps, "charge.approved",
		"Decide what happens with a charge that needs approval" },
	{ 0 },
};

/* What an open charge is depends on its treatment; its own columns keep who decided what. */
static const struct machine charge_machine = {
	.table = charge_transitions,
	.states = CHARGE_TREATMENTS " locked billed",
	.state = "case h.status when 'open' then h.treatment else h.status end",
	.began = "h.created_at",
	.unlogged = true,
};

const struct resource charge = {
	.name = "charge",
	.plural = "charges",
	.table = "charge",
	.alias = "h",
	.rows = &sql_charge_rows,
	.fields = charge_fields,
	.filters = charge_filters,
	.free = charge_free,
	.sorts = charge_sorts,
	.descending = true,
	.sees = { .technician = "h.call_id in (select o.call_id from own_call o)",
		.portal = "false",
		.callcenter = "false" },
	.root = "'call'",
	.root_id = "r.call_id",
	.revision = "(select c.revision from call c where c.id = r.call_id)",
	.audience =
		"(select jsonb_build_object('customers', '[]'::jsonb, 'technicians', jsonb_agg(w.id)) from "
		"(select c.assignee_id as id from call c where c.id = r.call_id union select p.technician_id from activity a "
		"join activity_participant p on p.activity_id = a.id where a.call_id = r.call_id) w where w.id is not null)",
	.lock_create = &sql_charge_lock_of_new,
	.lock = &sql_charge_lock,
	.machine = &charge_machine,
	.prepare = charge_prepare,
	.guards = charge_guards,
	.parts = charge_parts,
	.forgets = charge_forgets,
	.created_event = "added",
	.touches = charge_events,
	.help = "A line of a call to bill or not.",
};
