/* call_state: the state machine of calls. */
#include "activity.h"
#include "call.h"
#include "calls_service_sql.h"
#include "store.h"

static const struct field open_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "customer_id", FIELD_ID, 0, .help = "Required when the call has none yet." },
	{ "site_id", FIELD_ID, 0 },
	{ "contact_id", FIELD_ID, 0 },
	{ "type_code", FIELD_TEXT, 0, .max = 20 },
	{ "priority", FIELD_CHOICE, 0, .choices = CALL_PRIORITIES },
	{ "technician_id", FIELD_ID, 0, .help = "Assigns it at once." },
	{ 0 },
};

static const struct field assign_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "technician_id", FIELD_ID, REQUIRED },
	{ 0 },
};

static const struct field suspend_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_CHOICE, REQUIRED, .choices = SUSPENSION_REASONS },
	{ "until", FIELD_TIME, 0, .help = "Resumes by itself then." },
	{ 0 },
};

static const struct field resolve_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "resolution_code", FIELD_TEXT, 0, .max = 20 },
	{ "resolution", FIELD_TEXT, 0, .max = 10000 },
	{ "fault_code", FIELD_TEXT, 0, .max = 20 },
	{ "cause_code", FIELD_TEXT, 0, .max = 20 },
	{ 0 },
};

static const struct field close_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "cancel_open_activities", FIELD_BOOLEAN, 0, .help = "Cancels what is still to do instead of refusing." },
	{ 0 },
};

static const struct field reason_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	{ 0 },
};

static const struct field change_opening_fields[] = {
	{ "opened_at", FIELD_TIME, REQUIRED },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	{ "note", FIELD_TEXT, 0, .max = 2000 },
	{ 0 },
};

static action_steps open_steps = { &sql_call_type_guard, &sql_call_named_guard, &sql_call_open, &sql_call_open_guard,
	&sql_call_place_guard, &sql_call_required_guard, &sql_call_open_warranty, &sql_call_credit_warn, NULL };
static action_steps assign_steps = { &sql_call_assign_guard, &sql_call_assign, NULL };
static action_steps unassign_steps = { &sql_call_unassign, NULL };
static action_steps start_steps = { &sql_call_start, NULL };
static action_steps suspend_steps = { &sql_call_suspend_guard, &sql_call_suspend, &sql_call_timer_forget,
	&sql_call_suspend_timer, NULL };
static action_steps resume_steps = { &sql_call_resume, &sql_call_timer_forget, NULL };
static action_steps resolve_steps = { &sql_call_named_guard, &sql_call_resolve, &sql_call_resolve_guard,
	&sql_call_timer_forget, &sql_call_close_timer, NULL };
static action_steps close_steps = { &sql_call_close_guard, &sql_call_close_warn, &sql_call_close,
	&sql_call_close_timer_forget, NULL };
static action_steps cancel_steps = { &sql_call_cancel, &sql_call_timer_forget, NULL };
static action_steps reopen_steps = { &sql_call_reopen_guard, &sql_call_reopen, &sql_call_close_timer_forget, NULL };
static action_steps change_opening_steps = { &sql_call_change_opening, &sql_call_change_opening_guard,
	&sql_call_open_warranty, NULL };

#define LIVE "received open assigned in_progress suspended"

/* clang-format off */
static const struct transition call_transitions[] = {
	/* action            from                                     to             who                 needs                  statements */
	{ "open",            "received",                              "open",        SCOPE_CALLS_TRIAGE, open_fields,           open_steps,
		"call.opened",     "Open a received call" },
	{ "assign",          "open assigned in_progress suspended",   NULL,          SCOPE_CALLS_TAKE,   assign_fields,         assign_steps,
		"call.assigned",   "Make a technician responsible" },
	{ "unassign",        "assigned",                              "open",        SCOPE_CALLS_ASSIGN, action_fields,         unassign_steps,
		"call.unassigned", "Take the technician off" },
	{ "start",           "open assigned",                         "in_progress", SCOPE_CALLS_WORK,   action_fields,         start_steps,
		"call.started",    "Start the work" },
	{ "suspend",         LIVE,                                    "suspended",   SCOPE_CALLS_WORK,   suspend_fields,        suspend_steps,
		"call.suspended",  "Suspend, with its reason" },
	{ "resume",          "suspended",                             NULL,          SCOPE_CALLS_WORK,   action_fields,         resume_steps,
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

/* With cancel_open_activities, cancels what is still to do. */
static enum fault activities_cancel(struct request *request, struct pg_batch *batch, const struct transition *row)
{
	const struct store *activities = store_find(request->app, &activity);
	const char *id = request_id_parameter(request);
	struct pg_batch *read = request_batch(request);
	size_t index = pg_add(read, &sql_call_todo_activities, PG_VALUES(id));
	const PGresult *todo;
	enum fault fault;

	(void)row;
	if (!json_is_true(json_object_get(request->json, "cancel_open_activities")))
		return FAULT_NONE;
	fault = request_execute(request, read);
	if (fault)
		return fault;
	todo = pg_result(read, index);
	for (int i = 0; i < PQntuples(todo); i++)
		act_add(request->arena, batch, activities, PQgetvalue(todo, i, 0), "cancel",
			"{\"reason\":\"call closed\"}");
	return FAULT_NONE;
}

static action_steps after_steps = { &sql_call_relabel, NULL };

const struct machine call_machine = {
	.table = call_transitions,
	.states = CALL_STATES,
	.state = "c.state",
	.substate = "c.substate_code",
	.began = "c.opened_at",
	.backdate = SCOPE_CALLS_MANAGE,
	.flag = SCOPE_CALLS_ASSIGN,
	.after = after_steps,
	.before = activities_cancel,
};
