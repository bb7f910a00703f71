/* activity_action: what can be done with an activity: its state machine. */
#include "activity.h"
#include "app.h"
#include "calls_service_sql.h"
#include "store.h"

#include <string.h>

static const struct field done_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "started_at", FIELD_TIME, 0 },
	{ "done_at", FIELD_TIME, REQUIRED, .help = "When the work ended; sessions that still run end then." },
	{ "work_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "travel_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "pause_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "kilometres", FIELD_DECIMAL, 0, .digits = 8, .decimals = 1 },
	{ "device_at", FIELD_TIME, 0 },
	{ "result", FIELD_TEXT, 0, .max = 2000 },
	{ 0 },
};

static const struct field cancel_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	{ 0 },
};

static const struct field add_participant_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "technician_id", FIELD_ID, REQUIRED },
	{ "role", FIELD_CHOICE, 0, .choices = "lead helper", .fallback = "\"helper\"" },
	{ 0 },
};

static const struct field set_participant_fields[] = {
	FIELDS_OF_EVERY_ACTION,
	{ "technician_id", FIELD_ID, REQUIRED },
	{ "status", FIELD_CHOICE, REQUIRED, .choices = PARTICIPANT_STATUSES },
	{ 0 },
};

static action_steps done_steps = { &sql_activity_done, &sql_activity_minutes_source, &sql_activity_minutes,
	&sql_activity_done_guard, &sql_activity_participants_done, NULL };
static action_steps undo_steps = { &sql_activity_undo_guard, &sql_activity_undo_done, &sql_activity_participants_undone,
	NULL };
static action_steps cancel_steps = { &sql_activity_cancel, NULL };
static action_steps add_participant_steps = { &sql_activity_add_participant, NULL };
static action_steps set_participant_steps = { &sql_activity_set_participant, NULL };

/* clang-format off */
static const struct transition activity_transitions[] = {
	/* action             from         to           who                     needs                   statements */
	{ "done",             "todo",      "done",      SCOPE_ACTIVITIES_WRITE, done_fields,            done_steps,
		"activity.done",      "Record it as done" },
	{ "undo-done",        "done",      "todo",      SCOPE_ACTIVITIES_WRITE, action_fields,          undo_steps,
		"activity.undone",    "It was not done after all" },
	{ "cancel",           "todo",      "cancelled", SCOPE_ACTIVITIES_WRITE, cancel_fields,          cancel_steps,
		"activity.cancelled", "Cancel, with its reason" },
	{ "add-participant",  "todo done", NULL,        SCOPE_ACTIVITIES_WRITE, add_participant_fields, add_participant_steps,
		"activity.changed",   "Let a technician take part" },
	{ "set-participant",  "todo done", NULL,        SCOPE_ACTIVITIES_WRITE, set_participant_fields, set_participant_steps,
		"activity.changed",   "Say how a technician's part stands" },
	{ 0 },
};
/* clang-format on */

/* Sessions that still run end with the work; the sum of minutes and the start of the call follow. */
static enum fault before_act(struct request *request, struct pg_batch *batch, const struct transition *row)
{
	const char *id = request_id_parameter(request);
	const char *body = json_write(request->arena, request->json);

	if (strcmp(row->action, "done") != 0)
		return FAULT_NONE;
	pg_add(batch, &sql_sessions_end, PG_VALUES(id, body));
	store_add_records(batch, store_find(request->app, &activity_session), NULL, "activity_session.changed");
	call_add_start(request, batch, id, body);
	return FAULT_NONE;
}

const struct machine activity_machine = {
	.table = activity_transitions,
	.states = ACTIVITY_STATUSES,
	.state = "a.status",
	.backdate = SCOPE_CALLS_MANAGE,
	.before = before_act,
};
