#include "reservation.h"

#include "article.h"
#include "from_call.h"
#include "inventory_service_sql.h"
#include "source.h"
#include "stock.h"
#include "transition.h"

#define STATUSES "waiting reserved fulfilled released expired"

static const struct field call_fields[] = {
	{ "number", FIELD_TEXT, READ_ONLY },
	{ "state", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field reservation_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER, .help = "A kit becomes a reservation of each component." },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "warehouse_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "kit_id", FIELD_ID, READ_ONLY | FILTER, .help = "The kit it is a component of." },
	{ "quantity", FIELD_DECIMAL, REQUIRED | FIXED, QUANTITY, .positive = true, .example = "\"2\"" },
	{ "issued", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, QUANTITY },
	{ "released", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, QUANTITY },
	{ "open", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, QUANTITY, .help = "quantity less issued and released." },
	{ "status", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = STATUSES },
	{ "partial", FIELD_BOOLEAN, FIXED | VIRTUAL,
		.help = "Reserve what there is; the rest becomes a reservation that waits." },
	{ "activity_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "call_id", FIELD_ID, READ_ONLY | FILTER, .help = "The activity's." },
	{ "call", FIELD_OBJECT, READ_ONLY, .fields = call_fields },
	{ "charge_id", FIELD_ID, FIXED | FILTER },
	{ "rma_line_id", FIELD_ID, FIXED | FILTER, .help = "The line of a return that it is to repair; not ended." },
	{ "serials", FIELD_TEXTS, FIXED, .max = 60, .help = "Pieces that are promised by name." },
	{ "needed_at", FIELD_TIME, FILTER },
	{ "expires_at", FIELD_TIME, FILTER, .help = "Released by itself then." },
	{ "job_code", FIELD_TEXT, 0, .max = 40,
		.help = "That of its charge, its line of a return or its call when it does not say." },
	{ "release_reason", FIELD_TEXT, READ_ONLY },
	{ "split_from", FIELD_ID, READ_ONLY, .help = "The reservation it was a part of." },
	FIELD_OF_SOURCE(0),
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY, .max = 80 },
	{ 0 },
};

static const struct filter reservation_filters[] = {
	FILTER_OF_ARTICLE("r"),
	{ "technician_id", FIELD_ID,
		.sql = "r.activity_id in (select y.id from activity y where y.technicians @> array[$::uuid])",
		.help = "Takes part in the activity." },
	FILTER_OF_SOURCE("r"),
	{ 0 },
};

static const struct sort reservation_sorts[] = {
	{ "created_at", "r.created_at", "timestamptz" },
	{ 0 },
};

static const struct field issue_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "quantity", FIELD_DECIMAL, 0, QUANTITY, .positive = true, .help = "All that is open when absent." },
	{ "serials", FIELD_TEXTS, 0, .max = 60, .help = "Those that the reservation names when absent." },
	{ "price", FIELD_DECIMAL, 0, MONEY },
	{ 0 },
};

static const struct field release_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "quantity", FIELD_DECIMAL, 0, QUANTITY, .positive = true, .help = "All that is open when absent." },
	{ "reason", FIELD_TEXT, 0, .max = 200 },
	{ 0 },
};

static const struct field change_warehouse_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "warehouse_id", FIELD_ID, REQUIRED },
	{ 0 },
};

static const struct field add_serials_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "serials", FIELD_TEXTS, REQUIRED, .max = 60 },
	{ 0 },
};

static action_steps issue_steps = { &sql_reservation_issue, NULL };
static action_steps release_steps = { &sql_reservation_release, NULL };
static action_steps change_warehouse_steps = { &sql_reservation_change_warehouse, NULL };
static action_steps add_serials_steps = { &sql_reservation_add_serials, NULL };
static action_steps realign_steps = { &sql_reservation_realign, NULL };

/* clang-format off */
static const struct transition reservation_transitions[] = {
	/* action             from                to    who                       needs                    statements */
	{ "issue",            "reserved",         NULL, SCOPE_RESERVATIONS_ISSUE, issue_fields,            issue_steps,
		"reservation.issued",   "Issue what is promised, or a part of it" },
	{ "release",          "waiting reserved", NULL, SCOPE_RESERVATIONS_WRITE, release_fields,          release_steps,
		"reservation.released", "Give back what is promised, or a part of it" },
	{ "change-warehouse", "waiting reserved", NULL, SCOPE_RESERVATIONS_WRITE, change_warehouse_fields, change_warehouse_steps,
		"reservation.changed",  "Take it from another warehouse" },
	{ "add-serials",      "reserved",         NULL, SCOPE_RESERVATIONS_WRITE, add_serials_fields,      add_serials_steps,
		"reservation.changed",  "Name the pieces that are promised" },
	{ "realign",          "waiting reserved", NULL, SCOPE_RESERVATIONS_WRITE, action_fields,           realign_steps,
		"reservation.changed",  "Promise what the charge it was made from asks for now" },
	{ 0 },
};
/* clang-format on */

static const struct machine reservation_machine = {
	.table = reservation_transitions,
	.states = STATUSES,
	.state = "r.status",
};

static const struct statement *const reservation_guards[] = { &sql_promise_turn, &sql_reservation_guard, NULL };
static const struct statement *const reservation_parts[] = { &sql_reservation_waiting_warn,
	&sql_reservation_source_warn, &sql_reservation_superseded_warn, &sql_reservation_timer,
	&sql_reservation_timer_forget, NULL };

const struct resource reservation = {
	.name = "reservation",
	.plural = "reservations",
	.table = "reservation",
	.alias = "r",
	.rows = &sql_reservation_rows,
	.fields = reservation_fields,
	.filters = reservation_filters,
	.sorts = reservation_sorts,
	.descending = true,
	.sees = { .technician =
			  "(r.call_id in (select o.call_id from own_call o) "
			  "or r.activity_id in (select y.id from activity y where y.technicians @> array[base.technician()]) "
			  "or r.warehouse_id in (select o.id from warehouse o where o.technician_id = base.technician()))",
		.portal = "false",
		.callcenter = "false" },
	.machine = &reservation_machine,
	.part_of = &article,
	.part_by = "article_id",
	.lock_create = &sql_reservation_lock_of_new,
	.lock_many = &sql_articles_of_new,
	.lock = &sql_reservation_lock,
	.guards = reservation_guards,
	.parts = reservation_parts,
	.create = &sql_reservation_create,
	.created_event = CREATED_BY_TOUCH,
	.touches = stock_events,
	.help = "Parts promised to an activity.",
};

const struct field reservation_from_call_fields[] = {
	{ "call_id", FIELD_ID, REQUIRED },
	{ "charge_ids", FIELD_IDS, 0, .min = 1, .max = CHARGES_MAX,
		.help = "Its part charges; all of them when absent." },
	{ "warehouse_id", FIELD_ID, 0, .help = "The charge's when absent, else the one that default_warehouse names." },
	{ "activity_id", FIELD_ID, 0, .help = "Of charges that name none." },
	{ "partial", FIELD_BOOLEAN, 0, .help = "Reserve what there is; the rest becomes a reservation that waits." },
	{ 0 },
};

const struct field reservation_from_call_answer[] = {
	{ "items", FIELD_LIST, READ_ONLY | REQUIRED, .fields = reservation_fields,
		.help = "All that is promised to these charges." },
	{ 0 },
};

const struct from_call reservation_from_call = { &sql_charges_lock, &sql_reservations_of_call };
