/* call_state: the transition table of calls, and the one handler that serves all its actions. */
#include "app.h"
#include "arena.h"
#include "call.h"
#include "calls_service_sql.h"
#include "route.h"
#include "store.h"
#include "text.h"

#include <string.h>

#define POSSIBLE_MAX 4096

#define ACTION_FIELDS                                                                                        \
	{ "at", FIELD_TIME, 0, .help = "When it happened; now when absent. Not before the previous transition." }, \
	{                                                                                                    \
		"note", FIELD_TEXT, 0, .max = 2000                                                           \
	}

static const struct field plain_fields[] = { ACTION_FIELDS, { 0 } };

static const struct field open_fields[] = {
	ACTION_FIELDS,
	{ "customer_id", FIELD_ID, 0, .help = "Required when the call has none yet." },
	{ "site_id", FIELD_ID, 0 },
	{ "contact_id", FIELD_ID, 0 },
	{ "type_code", FIELD_TEXT, 0, .max = 20 },
	{ "priority", FIELD_CHOICE, 0, .choices = "low normal high critical" },
	{ "technician_id", FIELD_ID, 0, .help = "Assigns it at once." },
	{ 0 },
};

static const struct field assign_fields[] = {
	ACTION_FIELDS,
	{ "technician_id", FIELD_ID, REQUIRED },
	{ 0 },
};

static const struct field suspend_fields[] = {
	ACTION_FIELDS,
	{ "reason", FIELD_CHOICE, REQUIRED, .choices = "customer parts supplier offer internal" },
	{ "until", FIELD_TIME, 0, .help = "Resumes by itself then." },
	{ 0 },
};

static const struct field resolve_fields[] = {
	ACTION_FIELDS,
	{ "resolution_code", FIELD_TEXT, 0, .max = 20 },
	{ "resolution", FIELD_TEXT, 0, .max = 10000 },
	{ "fault_code", FIELD_TEXT, 0, .max = 20 },
	{ "cause_code", FIELD_TEXT, 0, .max = 20 },
	{ 0 },
};

static const struct field close_fields[] = {
	ACTION_FIELDS,
	{ "cancel_open_activities", FIELD_BOOLEAN, 0, .help = "Cancels what is still to do instead of refusing." },
	{ 0 },
};

static const struct field reason_fields[] = {
	ACTION_FIELDS,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	{ 0 },
};

static const struct field change_opening_fields[] = {
	{ "opened_at", FIELD_TIME, REQUIRED },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	{ "note", FIELD_TEXT, 0, .max = 2000 },
	{ 0 },
};

typedef const struct statement *const steps[];

static steps open_steps = { &sql_call_type_guard, &sql_call_open, &sql_call_open_guard, &sql_call_place_guard,
	&sql_call_required_guard, NULL };
static steps assign_steps = { &sql_call_assign_guard, &sql_call_assign, NULL };
static steps unassign_steps = { &sql_call_unassign, NULL };
static steps start_steps = { &sql_call_start, NULL };
static steps suspend_steps = { &sql_call_suspend_guard, &sql_call_suspend, &sql_call_timer_forget,
	&sql_call_suspend_timer, NULL };
static steps resume_steps = { &sql_call_resume, &sql_call_timer_forget, NULL };
static steps resolve_steps = { &sql_call_resolve, &sql_call_resolve_guard, &sql_call_timer_forget, NULL };
static steps close_steps = { &sql_call_close_guard, &sql_call_close, NULL };
static steps cancel_steps = { &sql_call_cancel, &sql_call_timer_forget, NULL };
static steps reopen_steps = { &sql_call_reopen_guard, &sql_call_reopen, NULL };
static steps change_opening_steps = { &sql_call_change_opening, &sql_call_change_opening_guard, NULL };

#define LIVE "received open assigned in_progress suspended"

/* clang-format off */
const struct transition call_transitions[] = {
	/* action            from                                     to             who                 needs                  statements */
	{ "open",            "received",                              "open",        SCOPE_CALLS_TRIAGE, open_fields,           open_steps,
		"call.opened",     "Open a received call" },
	{ "assign",          "open assigned in_progress suspended",   NULL,          SCOPE_CALLS_TAKE,   assign_fields,         assign_steps,
		"call.assigned",   "Make a technician responsible" },
	{ "unassign",        "assigned",                              "open",        SCOPE_CALLS_ASSIGN, plain_fields,          unassign_steps,
		"call.unassigned", "Take the technician off" },
	{ "start",           "open assigned",                         "in_progress", SCOPE_CALLS_WORK,   plain_fields,          start_steps,
		"call.started",    "Start the work" },
	{ "suspend",         LIVE,                                    "suspended",   SCOPE_CALLS_WORK,   suspend_fields,        suspend_steps,
		"call.suspended",  "Suspend, with its reason" },
	{ "resume",          "suspended",                             NULL,          SCOPE_CALLS_WORK,   plain_fields,          resume_steps,
		"call.resumed",    "Resume a suspended call" },
	{ "resolve",         LIVE,                                    "resolved",    SCOPE_CALLS_WORK,   resolve_fields,        resolve_steps,
		"call.resolved",   "Resolve, with text or code" },
	{ "close",           "resolved",                              "closed",      SCOPE_CALLS_CLOSE,  close_fields,          close_steps,
		"call.closed",     "Close a resolved call" },
	{ "cancel",          LIVE,                                    "cancelled",   SCOPE_CALLS_CLOSE,  reason_fields,         cancel_steps,
		"call.cancelled",  "Cancel, with its reason" },
	{ "reopen",          "resolved closed",                       NULL,          SCOPE_CALLS_REOPEN, reason_fields,         reopen_steps,
		"call.reopened",   "Reopen a resolved or closed call" },
	{ "change-opening",  LIVE " resolved",                        NULL,          SCOPE_CALLS_MANAGE, change_opening_fields, change_opening_steps,
		"call.changed",    "Correct the time of opening" },
	{ 0 },
};
/* clang-format on */

/* {"open":"assign, start, …"}: what a refusal tells. */
static const char *possible_actions(struct request *request)
{
	struct text out = text_new(request->arena, POSSIBLE_MAX);
	const char *state = CALL_STATES;
	bool first_state = true;

	text_add_char(&out, '{');
	while (*state) {
		size_t length = strcspn(state, " ");
		bool first = true;

		text_addf(&out, "%s\"%.*s\":\"", first_state ? "" : ",", (int)length, state);
		first_state = false;
		for (const struct transition *row = call_transitions; row->action; row++) {
			if (!field_choice_has(row->from, state, length))
				continue;
			text_addf(&out, "%s%s", first ? "" : ", ", row->action);
			first = false;
		}
		text_add(&out, first ? "nothing\"" : "\"");
		state += length + (state[length] == ' ');
	}
	text_add_char(&out, '}');
	return text_c(&out);
}

/* Cancels what is still to do, each activity with its own change record. */
static enum fault activities_cancel(struct request *request, struct pg_batch *batch, const char *id)
{
	struct pg_batch *read = request_batch(request);
	size_t index = pg_add(read, &sql_call_todo_activities, PG_VALUES(id));
	enum fault fault = request_execute(request, read);
	const PGresult *todo;

	if (fault)
		return fault;
	todo = pg_result(read, index);
	for (int row = 0; row < PQntuples(todo); row++) {
		const char *activity = PQgetvalue(todo, row, 0);

		pg_add(batch, &sql_call_activity_cancel, PG_VALUES(activity));
		store_add_record(batch, store_named(request->app, "activity"), activity, "activity.cancelled");
	}
	return FAULT_NONE;
}

enum fault call_act(struct request *request)
{
	const struct transition *row = request->endpoint->route.context;
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	const char *values[] = { id, json_write(request->arena, request->json), row->action, row->from,
		possible_actions(request), request_may(request, SCOPE_CALLS_MANAGE) ? "true" : "false",
		request_may(request, SCOPE_CALLS_ASSIGN) ? "true" : "false" };
	const int count = (int)(sizeof(values) / sizeof(values[0]));
	struct pg_batch *batch = request_batch(request);
	size_t index;

	store_add_claim(request, batch);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	pg_add(batch, &sql_call_act_guard, count, values);
	if (json_is_true(json_object_get(request->json, "cancel_open_activities"))) {
		enum fault fault = activities_cancel(request, batch, id);

		if (fault)
			return fault;
	}
	for (size_t i = 0; row->statements[i]; i++)
		pg_add(batch, row->statements[i], count, values);
	pg_add(batch, &sql_call_touch, count, values);
	pg_add(batch, &sql_call_transition_add, count, values);
	store_add_record(batch, store, id, row->event);
	store_add_answer(request, batch, store, id, 200, NULL);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 200, NULL);
}
