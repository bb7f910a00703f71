#include "call.h"

#include "act.h"
#include "app.h"
#include "arena.h"
#include "calls_service_sql.h"
#include "customer.h"
#include "reach.h"
#include "store.h"
#include "vocabulary.h"

#include <string.h>

static const struct field caller_fields[] = {
	{ "name", FIELD_TEXT, PERSONAL, .max = 120 },
	{ "phone", FIELD_TEXT, PERSONAL, .max = 40, .help = "As typed." },
	{ "phone_e164", FIELD_TEXT, READ_ONLY },
	{ "email", FIELD_EMAIL, PERSONAL },
	{ 0 },
};

static const struct field call_asset_fields[] = {
	{ "asset_id", FIELD_ID, REQUIRED },
	{ "main", FIELD_BOOLEAN, 0, .help = "The first is the main one unless another is." },
	{ "serial", FIELD_TEXT, READ_ONLY },
	{ "article_code", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field asset_key_fields[] = {
	{ "article_code", FIELD_TEXT, 0, .max = 40, .example = "\"EXCAVATOR\"" },
	{ "serial", FIELD_TEXT, REQUIRED, .max = 60, .example = "\"A\"" },
	{ 0 },
};

static const struct field suspension_fields[] = {
	{ "reason", FIELD_CHOICE, READ_ONLY, .choices = SUSPENSION_REASONS },
	{ "until", FIELD_TIME, READ_ONLY },
	{ "note", FIELD_TEXT, READ_ONLY },
	{ "from_state", FIELD_CHOICE, READ_ONLY, .choices = CALL_STATES },
	{ "since", FIELD_TIME, READ_ONLY },
	{ 0 },
};

static const struct field candidate_fields[] = {
	{ "customer_id", FIELD_ID, READ_ONLY },
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "by", FIELD_CHOICE, READ_ONLY, .choices = "phone email serial name" },
	{ 0 },
};

static const struct field match_fields[] = {
	{ "status", FIELD_CHOICE, READ_ONLY, .choices = "matched candidates none" },
	{ "by", FIELD_CHOICE, READ_ONLY, .choices = "phone email serial" },
	{ "candidates", FIELD_LIST, READ_ONLY, .fields = candidate_fields },
	{ 0 },
};

static const struct field warranty_override_fields[] = {
	{ "value", FIELD_CHOICE, REQUIRED, .choices = "in out partial" },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200 },
	{ 0 },
};

static const struct field call_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of the call, its activities or charges." },
	{ "number", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "year/series/progressive, without gaps.",
		.example = "\"2026/A/000123\"" },
	{ "series", FIELD_TEXT, FIXED | NEVER_NULL | FILTER | CODE, .max = 10, .pattern = SERIES_FORM,
		.help = "The type's when absent." },
	{ "year", FIELD_INTEGER, READ_ONLY | NEVER_NULL | FILTER },
	{ "type_code", FIELD_TEXT, NEVER_NULL | FILTER | CODE, .max = 20,
		.help = "A call type; the tenant's default when absent.", .example = "\"intervention\"" },
	{ "channel", FIELD_CHOICE, FILTER, .choices = "phone email portal web field device", .fallback = "\"phone\"" },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = CALL_STATES },
	{ "substate_code", FIELD_TEXT, FILTER | CODE | INTERNAL, .max = 20,
		.help = "The tenant's own label under the state." },
	{ "opened_at", FIELD_TIME, FIXED | NEVER_NULL | FILTER,
		.help = "Now when absent; changed later by actions/change-opening." },
	{ "received_by", FIELD_TEXT, READ_ONLY | FILTER | CODE | INTERNAL, .help = "Subject of who entered it." },
	{ "received_by_name", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "customer_id", FIELD_ID, FILTER, .help = "Required but for calls entered by the portal or as quick entry." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields },
	{ "site_id", FIELD_ID, FILTER },
	{ "site", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields },
	{ "contact_id", FIELD_ID, FILTER },
	{ "caller", FIELD_OBJECT, 0, .fields = caller_fields, .help = "Who called, when it is no known contact." },
	{ "bill_to_id", FIELD_ID, FILTER | INTERNAL },
	{ "customer_reference", FIELD_TEXT, 0, .max = 80 },
	{ "requested_from", FIELD_TIME, 0, .help = "When the customer wants it." },
	{ "requested_until", FIELD_TIME, 0 },
	{ "assets", FIELD_LIST, VIRTUAL, .max = 50, .fields = call_asset_fields },
	{ "asset", FIELD_OBJECT, VIRTUAL | WRITE_ONLY, .fields = asset_key_fields,
		.help = "Instead of assets: one machine by its natural key; an unknown serial becomes a stub." },
	{ "article_id", FIELD_ID, FILTER },
	{ "subject", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Bucket won't open\"" },
	{ "description", FIELD_TEXT, 0, .max = 10000 },
	{ "priority", FIELD_CHOICE, NEVER_NULL | FILTER, .choices = CALL_PRIORITIES,
		.help = "The type's when absent." },
	{ "fault_code", FIELD_TEXT, FILTER | CODE, .max = 20 },
	{ "cause_code", FIELD_TEXT, FILTER | CODE | INTERNAL, .max = 20 },
	{ "resolution_code", FIELD_TEXT, FILTER | CODE, .max = 20 },
	{ "resolution", FIELD_TEXT, 0, .max = 10000 },
	{ "cancel_reason", FIELD_TEXT, READ_ONLY },
	{ "warranty", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "in out partial unknown",
		.help = "What the warranties of the main asset cover on the day of opening: all, nothing, some of labour, parts "
			"and travel; what a manager says instead." },
	{ "warranty_override", FIELD_OBJECT, INTERNAL, .fields = warranty_override_fields,
		.help = "A manager knows better." },
	{ "assignee_id", FIELD_ID, READ_ONLY | FILTER, .help = "The technician responsible; set by actions/assign." },
	{ "assignee_name", FIELD_TEXT, READ_ONLY },
	{ "tags", FIELD_TEXTS, INTERNAL, .max = 30, .help = "Any words; those of /v1/tags have a label and a colour." },
	{ "job_code", FIELD_TEXT, FILTER | CODE | INTERNAL, .max = 40 },
	{ "parent_id", FIELD_ID, FILTER | INTERNAL, .help = "Groups calls, in two levels; no state is inherited." },
	{ "follow_up_of", FIELD_ID, READ_ONLY },
	{ "match", FIELD_OBJECT, READ_ONLY | INTERNAL, .fields = match_fields,
		.help = "What quick entry found of the caller." },
	{ "suspension", FIELD_OBJECT, READ_ONLY, .fields = suspension_fields },
	{ "reopen_count", FIELD_INTEGER, READ_ONLY | NEVER_NULL | INTERNAL },
	{ "next_due_at", FIELD_TIME, READ_ONLY | FILTER, .column = "nullif(c.next_due_at, 'infinity')" },
	{ "resolved_at", FIELD_TIME, READ_ONLY | FILTER },
	{ "closed_at", FIELD_TIME, READ_ONLY | FILTER },
	{ "cancelled_at", FIELD_TIME, READ_ONLY },
	{ "lines_changed_at", FIELD_TIME, READ_ONLY | INTERNAL, .help = "When its charges last changed." },
	{ "derived_open_count", FIELD_INTEGER, READ_ONLY | NEVER_NULL | LATER | INTERNAL,
		.help = "Reservations and returns made of it that are open still." },
	{ "external_ref", FIELD_TEXT, FILTER | KEY | INTERNAL, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct filter call_filters[] = {
	{ "asset_id", FIELD_ID, .sql = "c.id in (select a.call_id from call_asset a where a.asset_id = $)",
		.help = "Any of its assets." },
	{ "serial", FIELD_TEXT,
		.sql = "c.id in (select a.call_id from call_asset a join asset x on x.id = a.asset_id "
		       "where x.serial_key = base.fold($))",
		.help = "Serial number of any of its assets." },
	{ "derived_open", FIELD_BOOLEAN, .sql = "c.id in (select v.source_id from derived_open v)", .flags = INTERNAL,
		.help = "Something made of it elsewhere is still open." },
	{ "tag", FIELD_TEXT, .sql = "c.tags @> array[$]", .flags = INTERNAL, .help = "Carries this tag." },
	{ "territory", FIELD_TEXT, .sql = "c.site_id in (select s.id from site s where s.territory = $)",
		.flags = INTERNAL, .help = "Territory of its site." },
	{ "suspension.reason", FIELD_CHOICE, .choices = SUSPENSION_REASONS, .column = "c.suspension_reason",
		.help = "Why it is suspended." },
	{ "match.status", FIELD_CHOICE, .choices = "matched candidates none", .column = "c.match_status",
		.flags = INTERNAL, .help = "What quick entry found." },
	FILTERS_OF_CUSTOMER("c"),
	{ 0 },
};

static const struct free_filter call_free[] = {
	{ "customer.x", "customer", "c.customer_id" },
	{ "asset.x", "asset", "k.asset_id", .through = "c.id in (select k.call_id from call_asset k where " },
	{ 0 },
};

static const struct sort call_sorts[] = {
	{ "opened_at", "c.opened_at", "timestamptz" },
	{ "next_due_at", "c.next_due_at", "timestamptz" },
	{ "priority", "c.priority_rank", "smallint" },
	{ "number", "number_key(c.number)", "text" },
	{ "created_at", "c.created_at", "timestamptz" },
	{ 0 },
};

/* The phone of a caller, as it is dialled; null when it can't be told. */
static void caller_reach(struct request *request, json_t *caller)
{
	const char *e164 = reach_e164(request, json_string_at(caller, "phone"));

	json_object_set_new(caller, "phone_e164", e164 ? json_string(e164) : json_null());
}

/* Staff open calls, customers and call centres only enter them. */
static enum fault call_prepare(struct request *request, json_t *body, const char *id)
{
	json_t *caller = json_object_get(body, "caller");

	if (json_object_get(caller, "phone"))
		caller_reach(request, caller);
	if (json_object_get(body, "warranty_override") && !request_may(request, SCOPE_CALLS_MANAGE))
		fault_add(&request->faults, "/warranty_override", "forbidden", "needs the scope calls:manage");
	if (json_object_get(body, "assets") && json_object_get(body, "asset"))
		fault_add(&request->faults, "/asset", "conflict", "give either assets or asset");
	if (id)
		return FAULT_NONE;
	if (request->sight == SIGHT_PORTAL) {
		json_object_set_new(body, "customer_id",
			json_string(request->caller.customer_id ? request->caller.customer_id : ""));
		json_object_set_new(body, "channel", json_string("portal"));
	}
	if (!json_string_at(body, "state")) /* only bulk lines may say it */
		json_object_set_new(body, "state", json_string(request->sight == SIGHT_PORTAL ? "received" : "open"));
	if (!json_string_at(body, "customer_id") && !json_string_at(body, "customer_code") &&
		!json_string_at(body, "customer_external_ref"))
		fault_add(&request->faults, "/customer_id", "required",
			"is required of an open call; quick entry takes calls without");
	return FAULT_NONE;
}

static const struct statement *const call_guards[] = { &sql_call_type_guard, &sql_call_editable_guard,
	&sql_call_named_guard, &sql_call_opening_guard, &sql_call_assets_guard, &sql_call_asset_key_guard,
	&sql_call_override_guard, NULL };
static const struct statement *const call_parts[] = { &sql_call_asset_stub, &sql_call_assets_forget, &sql_call_assets,
	&sql_call_place_guard, &sql_call_required_guard, &sql_call_warranty, &sql_call_credit_warn,
	&sql_call_asset_warn, NULL };
static const char *const call_touches[] = { "activity.changed", NULL };

const struct resource call = {
	.name = "call",
	.plural = "calls",
	.table = "call",
	.alias = "c",
	.rows = &sql_call_rows,
	.fields = call_fields,
	.filters = call_filters,
	.free = call_free,
	.sorts = call_sorts,
	.descending = true,
	.search = "c.search",
	.sees = { .technician = "c.id in (select o.call_id from own_call o) or c.state = 'received' "
				"or c.received_by = base.actor()",
		.portal = "c.customer_id = base.customer()",
		.callcenter = "c.received_by = base.actor()" },
	.audience =
		"jsonb_build_object('customers', jsonb_build_array(r.customer_id), 'technicians', (select jsonb_agg(distinct w.id) "
		"from (select r.assignee_id as id union select p.technician_id from activity a join activity_participant p "
		"on p.activity_id = a.id where a.call_id = r.id) w where w.id is not null))",
	.machine = &call_machine,
	.prepare = call_prepare,
	.guards = call_guards,
	.parts = call_parts,
	.create = &sql_call_create,
	.many = true,
	.created_event = "opened",
	.bulk_fields = call_bulk_fields,
	.insert = call_bulk_insert,
	.touches = call_touches,
	.help = "A request for help: the head of all technical work.",
};

/* Creates a call from a checked body and answers with it. `match` looks up whose the caller's numbers are. */
static enum fault call_new(
	struct request *request, json_t *body, const char *location_of, const char *event, bool match)
{
	const struct store *store = store_find(request->app, &call);
	const char *id = store_new_id(request, body);
	const char *location = arena_printf(request->arena, "%s/%s", location_of, id);
	const char *text = json_write(request->arena, body);
	struct pg_batch *batch = request_batch(request);
	size_t index;

	store_add_claim(request, batch);
	store_add_insert(request, batch, store, id, body);
	if (match) {
		pg_add(batch, &sql_call_match, PG_VALUES(id, text));
		pg_add(batch, &sql_call_credit_warn, PG_VALUES(store_body(request->arena, id, text)));
	}
	store_add_first_record(batch, store, id, event);
	store_add_answer(request, batch, store, id, 201, location);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 201, location);
}

enum fault call_post(struct request *request)
{
	enum fault fault = store_prepare(request, &call, request->json, NULL);
	bool received = request->sight == SIGHT_PORTAL;

	if (fault)
		return fault;
	return call_new(request, request->json, "/v1/calls", received ? "call.received" : "call.opened", false);
}

const struct field call_quick_fields[] = {
	{ "id", FIELD_ID, FIXED | VIRTUAL, .help = "UUIDv7; the client may make it." },
	{ "name", FIELD_TEXT, PERSONAL | EITHER, .max = 120, .help = "One of name, phone, email is required.",
		.example = "\"Mario Rossi\"" },
	{ "phone", FIELD_TEXT, PERSONAL | EITHER, .max = 40, .example = "\"02 1234567\"" },
	{ "email", FIELD_EMAIL, PERSONAL | EITHER },
	{ "subject", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Bucket won't open\"" },
	{ "priority", FIELD_CHOICE, 0, .choices = CALL_PRIORITIES, .help = "The caller's urgency, confirmed at open." },
	{ "serial", FIELD_TEXT, 0, .max = 60 },
	{ "notes", FIELD_TEXT, 0, .max = 10000 },
	{ "channel", FIELD_CHOICE, 0, .choices = "phone email portal web field device", .fallback = "\"phone\"" },
	{ 0 },
};

static void copy(json_t *to, const char *to_name, const json_t *from, const char *from_name)
{
	json_t *value = json_object_get(from, from_name);

	if (value && !json_is_null(value))
		json_object_set(to, to_name, value);
}

enum fault call_quick(struct request *request)
{
	const json_t *entry = request->json;
	const char *serial = json_string_at(entry, "serial");
	const char *phone = json_string_at(entry, "phone");
	json_t *body = json_keep(request->arena, json_object());
	json_t *caller;

	caller = json_object();
	json_object_set_new(body, "caller", caller);
	copy(body, "id", entry, "id");
	copy(body, "subject", entry, "subject");
	copy(body, "priority", entry, "priority");
	copy(body, "channel", entry, "channel");
	copy(body, "description", entry, "notes");
	copy(caller, "name", entry, "name");
	copy(caller, "phone", entry, "phone");
	copy(caller, "email", entry, "email");
	if (phone)
		caller_reach(request, caller);
	if (phone && !phone[strcspn(phone, "0123456789")]) /* an extension or a short number may do; a word does not */
		fault_add(&request->faults, "/phone", "format", "is no valid phone number");
	if (serial && !serial[strspn(serial, " ")])
		fault_add(&request->faults, "/serial", "length", "must not be empty");
	if (request->faults.count)
		return FAULT_INVALID;
	if (serial)
		json_object_set_new(body, "asset", json_pack("{s:O}", "serial", json_object_get(entry, "serial")));
	json_object_set_new(body, "state", json_string("received"));
	return call_new(request, body, "/v1/calls", "call.received", true);
}

const struct field call_follow_up_fields[] = {
	{ "subject", FIELD_TEXT, 0, .max = 200, .help = "The old call's when absent." },
	{ "note", FIELD_TEXT, 0, .max = 2000 },
	{ 0 },
};

enum fault call_follow_up(struct request *request)
{
	const struct store *store = store_find(request->app, &call);
	const char *from = request_id_parameter(request);
	struct pg_batch *batch = request_batch(request);
	size_t index;
	enum fault fault;
	json_t *body;
	bool received;

	store_add_claim(request, batch); /* the call may be at work again when this is repeated */
	pg_add(batch, &store->guard[request->sight], PG_VALUES(from));
	store_add_match(request, batch, store, from);
	index = pg_add(batch, &sql_call_follow_up_source, PG_VALUES(from));
	fault = request_execute(request, batch);
	if (fault == FAULT_REPLAY)
		return store_replay(request, store);
	if (fault)
		return fault;
	if (strcmp(pg_value(batch, index, 1), "resolved") != 0 && strcmp(pg_value(batch, index, 1), "closed") != 0) {
		act_possible_tell(request, &call, from, "follow-up");
		return request_fail(request, FAULT_TRANSITION,
			"Only a resolved or closed call has a follow-up; this one is %s.", pg_value(batch, index, 1));
	}
	body = pg_json(request->arena, pg_result(batch, index), 0, 0);
	if (!body)
		return request_fail(request, FAULT_INTERNAL, "The call can't be read.");
	copy(body, "subject", request->json, "subject");
	copy(body, "description", request->json, "note");
	json_object_set_new(body, "follow_up_of", json_string(from));
	/* As of every new call: what customers enter, and what is nobody's yet, is examined first. */
	received = request->sight == SIGHT_PORTAL || !json_string_at(body, "customer_id");
	json_object_set_new(body, "state", json_string(received ? "received" : "open"));
	return call_new(request, body, "/v1/calls", received ? "call.received" : "call.opened", false);
}
