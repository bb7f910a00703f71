#include "activity.h"

#include "app.h"
#include "arena.h"
#include "call.h"
#include "calls_service_sql.h"
#include "customer.h"
#include "store.h"
#include "text.h"

#include <string.h>

const struct field activity_participant_fields[] = {
	{ "technician_id", FIELD_ID, REQUIRED },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "role", FIELD_CHOICE, 0, .choices = "lead helper", .help = "The first leads unless another is said to." },
	{ "status", FIELD_CHOICE, 0, .choices = PARTICIPANT_STATUSES },
	{ 0 },
};

const struct field activity_call_fields[] = {
	{ "number", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field activity_asset_fields[] = {
	{ "serial", FIELD_TEXT, READ_ONLY },
	{ "article_code", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field activity_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "call_id", FIELD_ID, FIXED | FILTER | EITHER, .help = "The call it belongs to; give this or customer_id." },
	{ "call", FIELD_OBJECT, READ_ONLY, .fields = activity_call_fields },
	{ "customer_id", FIELD_ID, FIXED | FILTER | EITHER, .refers = "customer",
		.help = "The customer, when it belongs to no call; else the call's." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields },
	{ "type_code", FIELD_TEXT, REQUIRED | FIXED | FILTER | CODE, .max = 20, .example = "\"visit\"" },
	{ "status", FIELD_CHOICE, FIXED | FILTER, .choices = ACTIVITY_STATUSES, .given = "todo done",
		.fallback = "\"todo\"", .help = "done records afterwards; later changed by actions." },
	{ "subject", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Replace the bucket cylinder\"" },
	{ "notes", FIELD_TEXT, 0, .max = 10000 },
	{ "visibility", FIELD_CHOICE, FILTER, .choices = "internal public", .fallback = "\"internal\"",
		.help = "The portal sees public ones." },
	{ "site_id", FIELD_ID, FILTER, .refers = "site" },
	{ "site", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields },
	{ "asset_id", FIELD_ID, FILTER, .refers = "asset", .past = true },
	{ "asset", FIELD_OBJECT, READ_ONLY, .fields = activity_asset_fields },
	{ "contact_id", FIELD_ID, FILTER, .refers = "contact" },
	{ "priority", FIELD_CHOICE, INTERNAL, .choices = CALL_PRIORITIES },
	{ "planned_start", FIELD_TIME, FILTER },
	{ "planned_end", FIELD_TIME, FILTER },
	{ "planned_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "booked", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "Its times come from an appointment." },
	{ "started_at", FIELD_TIME, 0, .help = "The first session's when there are any." },
	{ "done_at", FIELD_TIME, FIXED | FILTER, .help = "Required of what is done." },
	{ "work_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "travel_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "pause_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "minutes_source", FIELD_CHOICE, READ_ONLY | NEVER_NULL | INTERNAL, .choices = "sessions typed",
		.help = "Minutes are the sum of the sessions until somebody types them; null in all three goes back." },
	{ "kilometres", FIELD_DECIMAL, 0, .digits = 8, .decimals = 1 },
	{ "device_at", FIELD_TIME, INTERNAL, .help = "The clock of the device that recorded it." },
	{ "recorded_at", FIELD_TIME, READ_ONLY | NEVER_NULL | INTERNAL },
	{ "participants", FIELD_LIST, VIRTUAL, .max = 20, .fields = activity_participant_fields },
	{ "cancel_reason", FIELD_TEXT, READ_ONLY },
	{ "result", FIELD_TEXT, 0, .max = 2000 },
	{ "external_ref", FIELD_TEXT, FILTER | KEY | INTERNAL, .max = 80 },
	{ 0 },
};

/* Conditions over the alias a. */
#define SEEN_BY_TECHNICIAN                                                                                               \
	"(a.call_id in (select o.call_id from own_call o) or a.id in (select p.activity_id from activity_participant p " \
	"where p.technician_id = base.technician()))"
#define SEEN_BY_PORTAL "a.customer_id = base.customer() and a.visibility = 'public'"

#define OF_CALL(condition) "a.call_id in (select o.id from call o where " condition ")"

static const struct filter activity_filters[] = {
	{ "kind", FIELD_CHOICE, .choices = ACTIVITY_KINDS,
		.sql = "a.type_code in (select y.code from activity_type y where y.kind = $)",
		.help = "Kind of its type." },
	{ "technician_id", FIELD_ID,
		.sql = "a.id in (select p.activity_id from activity_participant p where p.technician_id = $)",
		.help = "Takes part." },
	{ "participant_status", FIELD_CHOICE, .choices = PARTICIPANT_STATUSES,
		.sql = "a.id in (select p.activity_id from activity_participant p where p.status = $)",
		.help = "Of any participant." },
	{ "call.number", FIELD_TEXT, .sql = OF_CALL("o.number = $"), .help = "Number of its call." },
	{ "call.state", FIELD_CHOICE, .choices = CALL_STATES, .sql = OF_CALL("o.state = $"),
		.help = "State of its call." },
	{ "call.priority", FIELD_CHOICE, .choices = CALL_PRIORITIES, .sql = OF_CALL("o.priority = $"),
		.help = "Priority of its call." },
	{ "call.type_code", FIELD_TEXT, .sql = OF_CALL("o.type_code = $"), .help = "Type of its call." },
	FILTERS_OF_CUSTOMER("a"),
	{ 0 },
};

static const struct free_filter activity_free[] = {
	{ "customer.x", "customer", "a.customer_id" },
	{ "asset.x", "asset", "a.asset_id" },
	{ 0 },
};

static const struct sort activity_sorts[] = {
	{ "created_at", "a.created_at", "timestamptz" },
	{ "planned_start", "a.planned_order", "timestamptz" },
	{ "done_at", "a.done_order", "timestamptz" },
	{ 0 },
};

/* A technician takes part at most once. */
static void participants_check(struct request *request, const json_t *list)
{
	size_t index;
	json_t *item;

	json_array_foreach((json_t *)list, index, item) {
		for (size_t before = 0; before < index; before++) {
			if (!text_same(json_string_at(item, "technician_id"),
				    json_string_at(json_array_get(list, before), "technician_id")))
				continue;
			fault_add(&request->faults,
				arena_printf(request->arena, "/participants/%zu/technician_id", index), "unique",
				"takes part already");
			break;
		}
	}
}

static enum fault activity_prepare(struct request *request, json_t *body, const char *id)
{
	struct fault_list *faults = &request->faults;
	const char *status = json_string_at(body, "status");

	participants_check(request, json_object_get(body, "participants"));
	if (id)
		return FAULT_NONE;
	/* A technician who names nobody speaks of himself. */
	if (request->sight == SIGHT_TECHNICIAN && request->caller.technician_id &&
		!json_object_get(body, "participants"))
		json_object_set_new(
			body, "participants", json_pack("[{s:s}]", "technician_id", request->caller.technician_id));
	if (json_string_at(body, "call_id") && json_string_at(body, "customer_id"))
		fault_add(faults, "/customer_id", "conflict",
			"an activity of a call is the call's customer's: give call_id alone");
	if (status && strcmp(status, "done") == 0 && !json_string_at(body, "done_at"))
		fault_add(faults, "/done_at", "required", "is required of what is done");
	if (status && strcmp(status, "todo") == 0 && json_string_at(body, "done_at"))
		fault_add(faults, "/done_at", "conflict", "what is still to do was not done yet");
	return FAULT_NONE;
}

static const struct statement *const activity_guards[] = { &sql_activity_own_guard, &sql_activity_type_guard,
	&sql_activity_editable_guard, NULL };
static const struct statement *const activity_parts[] = { &sql_activity_of_call, &sql_activity_length,
	&sql_activity_place_guard, &sql_activity_minutes_source, &sql_activity_minutes,
	&sql_activity_participants_forget, &sql_activity_participants, &sql_activity_done_guard, NULL };

/* Rows, parts, first lines of their logs, events, and the start of their calls. */
static void activities_add(struct request *request, struct pg_batch *batch, const struct new_row rows[], size_t count)
{
	const struct store *store = store_find(request->app, &activity);

	for (size_t i = 0; i < count; i++) {
		bool done = text_same(json_string_at(rows[i].body, "status"), "done");

		store_add_insert(request, batch, store, rows[i].id, rows[i].body);
		store_add_first_record(batch, store, rows[i].id, done ? "activity.done" : "activity.planned");
		call_add_start(request, batch, rows[i].id, json_write(request->arena, rows[i].body));
	}
}

const struct resource activity = {
	.name = "activity",
	.plural = "activities",
	.table = "activity",
	.alias = "a",
	.rows = &sql_activity_rows,
	.fields = activity_fields,
	.filters = activity_filters,
	.free = activity_free,
	.sorts = activity_sorts,
	.descending = true,
	.search = "a.search",
	.sees = { .technician = SEEN_BY_TECHNICIAN, .portal = SEEN_BY_PORTAL, .callcenter = "false" },
	.root = "case when r.call_id is null then 'customer' else 'call' end",
	.root_id = "coalesce(r.call_id, r.customer_id)",
	.revision = "coalesce((select c.revision from call c where c.id = r.call_id), "
		    "(select u.revision from customer u where u.id = r.customer_id))",
	.audience =
		"jsonb_build_object('customers', case when r.visibility = 'public' then jsonb_build_array(r.customer_id) "
		"else '[]'::jsonb end, 'technicians', (select jsonb_agg(w.id) from (select c.assignee_id as id from call c "
		"where c.id = r.call_id union select p.technician_id from activity a join activity_participant p "
		"on p.activity_id = a.id where a.id = r.id or a.call_id = r.call_id) w where w.id is not null))",
	.lock_create = &sql_activity_lock_of_new,
	.lock = &sql_activity_lock,
	.machine = &activity_machine,
	.prepare = activity_prepare,
	.guards = activity_guards,
	.parts = activity_parts,
	.created_event = "planned",
	.insert = activities_add,
	.help = "Something planned or done: a phone call, visit, repair, test, e-mail …",
};

void call_add_start(struct request *request, struct pg_batch *batch, const char *activity_id, const char *body)
{
	pg_add(batch, &sql_call_start_by_work, PG_VALUES(activity_id, body));
	store_add_records(batch, store_named(request->app, "call"), NULL, "call.started");
}
