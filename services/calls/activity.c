#include "activity.h"

#include "app.h"
#include "arena.h"
#include "calls_service_sql.h"
#include "customer.h"
#include "store.h"

#include <string.h>

static const struct field participant_fields[] = {
	{ "technician_id", FIELD_ID, REQUIRED },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "role", FIELD_CHOICE, 0, .choices = "lead helper", .fallback = "\"lead\"" },
	{ "status", FIELD_CHOICE, 0, .choices = "planned accepted declined done absent" },
	{ 0 },
};

static const struct field call_brief_fields[] = {
	{ "number", FIELD_TEXT, READ_ONLY },
	{ "state", FIELD_TEXT, READ_ONLY },
	{ "subject", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field activity_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "call_id", FIELD_ID, FIXED | FILTER, .help = "The call it belongs to; give this or customer_id." },
	{ "call", FIELD_OBJECT, READ_ONLY, .fields = call_brief_fields },
	{ "customer_id", FIELD_ID, FIXED | FILTER, .help = "The customer, when it belongs to no call; else the call's." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields },
	{ "type_code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20, .example = "\"visit\"" },
	{ "status", FIELD_CHOICE, FIXED | FILTER, .choices = "todo done cancelled", .fallback = "\"todo\"",
		.help = "done records afterwards; later changed by actions." },
	{ "subject", FIELD_TEXT, 0, .max = 200 },
	{ "notes", FIELD_TEXT, 0, .max = 10000 },
	{ "visibility", FIELD_CHOICE, FILTER, .choices = "internal public", .fallback = "\"internal\"", .help = "The portal sees public ones." },
	{ "site_id", FIELD_ID, FILTER },
	{ "asset_id", FIELD_ID, FILTER },
	{ "contact_id", FIELD_ID, FILTER },
	{ "priority", FIELD_CHOICE, INTERNAL, .choices = "low normal high critical" },
	{ "planned_start", FIELD_TIME, FILTER },
	{ "planned_end", FIELD_TIME, FILTER },
	{ "planned_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "booked", FIELD_BOOLEAN, READ_ONLY, .help = "Its times come from an appointment." },
	{ "started_at", FIELD_TIME, 0 },
	{ "done_at", FIELD_TIME, FIXED | FILTER, .help = "Required of what is done." },
	{ "work_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "travel_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "pause_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "minutes_source", FIELD_CHOICE, READ_ONLY | INTERNAL, .choices = "sessions typed" },
	{ "kilometres", FIELD_DECIMAL, 0, .digits = 8, .decimals = 1 },
	{ "device_at", FIELD_TIME, INTERNAL, .help = "The clock of the device that recorded it." },
	{ "recorded_at", FIELD_TIME, READ_ONLY | INTERNAL },
	{ "participants", FIELD_LIST, VIRTUAL, .max = 20, .fields = participant_fields },
	{ "cancel_reason", FIELD_TEXT, READ_ONLY },
	{ "result", FIELD_TEXT, 0, .max = 2000 },
	{ "external_ref", FIELD_TEXT, FILTER | INTERNAL, .max = 80 },
	{ 0 },
};

#define OF_CALL(condition)     "a.call_id in (select o.id from call o where " condition ")"
#define OF_CUSTOMER(condition) "a.customer_id in (select o.id from customer o where " condition ")"

static const struct filter activity_filters[] = {
	{ "kind", FIELD_CHOICE, .choices = ACTIVITY_KINDS,
		.sql = "a.type_code in (select y.code from activity_type y where y.kind = $)", .help = "Kind of its type." },
	{ "technician_id", FIELD_ID,
		.sql = "a.id in (select p.activity_id from activity_participant p where p.technician_id = $)", .help = "Takes part." },
	{ "participant_status", FIELD_CHOICE, .choices = "planned accepted declined done absent",
		.sql = "a.id in (select p.activity_id from activity_participant p where p.status = $)", .help = "Of any participant." },
	{ "call.number", FIELD_TEXT, .sql = OF_CALL("o.number = $"), .help = "Number of its call." },
	{ "call.state", FIELD_CHOICE, .choices = "received open assigned in_progress suspended resolved closed cancelled",
		.sql = OF_CALL("o.state = $"), .help = "State of its call." },
	{ "call.priority", FIELD_CHOICE, .choices = "low normal high critical", .sql = OF_CALL("o.priority = $"), .help = "Priority of its call." },
	{ "call.type_code", FIELD_TEXT, .sql = OF_CALL("o.type_code = $"), .help = "Type of its call." },
	{ "customer.code", FIELD_TEXT, .sql = OF_CUSTOMER("o.code = $"), .help = "Code of its customer." },
	{ "customer.name", FIELD_TEXT, .sql = OF_CUSTOMER("o.name = $"), .help = "Name of its customer." },
	{ "customer.kind", FIELD_CHOICE, .choices = "prospect acquired", .sql = OF_CUSTOMER("o.kind = $"), .help = "Kind of its customer." },
	{ "customer.city", FIELD_TEXT, .sql = OF_CUSTOMER("o.city = $"), .help = "City of its customer." },
	{ "customer.province", FIELD_TEXT, .sql = OF_CUSTOMER("o.province = $"), .help = "Province of its customer." },
	{ 0 },
};

static const struct sort activity_sorts[] = {
	{ "created_at", "a.created_at", "timestamptz" },
	{ "planned_start", "a.planned_order", "timestamptz" },
	{ "done_at", "a.done_order", "timestamptz" },
	{ 0 },
};

static enum fault activity_prepare(struct request *request, json_t *body, const char *id)
{
	struct fault_list *faults = &request->faults;
	const char *status = json_string_at(body, "status");

	if (id)
		return FAULT_NONE;
	if (!json_string_at(body, "call_id") && !json_string_at(body, "customer_id"))
		fault_add(faults, "/call_id", "required", "give call_id or customer_id");
	if (json_string_at(body, "call_id") && json_string_at(body, "customer_id"))
		fault_add(faults, "/customer_id", "conflict", "an activity of a call is the call's customer's: give call_id alone");
	if (status && strcmp(status, "cancelled") == 0)
		fault_add(faults, "/status", "choice", "must be todo or done at creation");
	if (status && strcmp(status, "done") == 0 && !json_string_at(body, "done_at"))
		fault_add(faults, "/done_at", "required", "is required of what is done");
	if (status && strcmp(status, "todo") == 0 && json_string_at(body, "done_at"))
		fault_add(faults, "/done_at", "conflict", "what is still to do was not done yet");
	return FAULT_NONE;
}

static const struct statement *const activity_guards[] = { &sql_activity_type_guard, &sql_activity_editable_guard, NULL };
static const struct statement *const activity_parts[] = { &sql_activity_of_call, &sql_activity_participants_forget,
	&sql_activity_participants, &sql_activity_done_guard, NULL };

const struct resource activity = {
	.name = "activity",
	.plural = "activities",
	.table = "activity",
	.alias = "a",
	.rows = &sql_activity_rows,
	.fields = activity_fields,
	.filters = activity_filters,
	.sorts = activity_sorts,
	.descending = true,
	.search = "a.search",
	.sees = { .technician = "a.call_id in (select o.call_id from own_call o) or a.id in (select p.activity_id "
				"from activity_participant p where p.technician_id = base.technician())",
		.portal = "a.customer_id = base.customer() and a.visibility = 'public'",
		.callcenter = "false" },
	.root = "case when r.call_id is null then 'customer' else 'call' end",
	.root_id = "coalesce(r.call_id, r.customer_id)",
	.revision = "coalesce((select c.revision from call c where c.id = r.call_id), "
		    "(select u.revision from customer u where u.id = r.customer_id))",
	.audience = "jsonb_build_object('customers', case when r.visibility = 'public' then jsonb_build_array(r.customer_id) end, "
		    "'technicians', (select jsonb_agg(p.technician_id) from activity_participant p where p.activity_id = r.id))",
	.lock_create = &sql_activity_lock_of_new,
	.lock = &sql_activity_lock,
	.prepare = activity_prepare,
	.guards = activity_guards,
	.parts = activity_parts,
	.created_event = "planned",
	.help = "Something planned or done: a phone call, visit, repair, test, e-mail …",
};

enum fault activity_post(struct request *request)
{
	const struct store *store = store_find(request->app, &activity);
	const char *id = store_new_id(request, request->json);
	const char *location = store_location(request, id);
	enum fault fault = store_prepare(request, &activity, request->json, NULL);
	struct pg_batch *batch;
	size_t index;
	bool done;

	if (fault)
		return fault;
	done = strcmp(json_string_at(request->json, "status"), "done") == 0;
	batch = request_batch(request);
	store_add_claim(request, batch);
	store_add_insert(request, batch, store, id, json_write(request->arena, request->json));
	store_add_record(batch, store, id, done ? "activity.done" : "activity.planned");
	store_add_answer(request, batch, store, id, 201, location);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 201, location);
}
