/* activity_action: what can be done with an activity, and the sessions of work on it. */
#include "activity.h"
#include "app.h"
#include "arena.h"
#include "call.h"
#include "calls_service_sql.h"
#include "store.h"

#include <string.h>

#define NOTE_FIELD { "note", FIELD_TEXT, 0, .max = 2000 }

static const struct field done_fields[] = {
	{ "done_at", FIELD_TIME, REQUIRED },
	{ "work_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "travel_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "pause_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "kilometres", FIELD_DECIMAL, 0, .digits = 8, .decimals = 1 },
	{ "device_at", FIELD_TIME, 0 },
	{ "result", FIELD_TEXT, 0, .max = 2000 },
	NOTE_FIELD,
	{ 0 },
};

static const struct field note_fields[] = { NOTE_FIELD, { 0 } };

static const struct field cancel_fields[] = {
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	NOTE_FIELD,
	{ 0 },
};

static const struct field add_participant_fields[] = {
	{ "technician_id", FIELD_ID, REQUIRED },
	{ "role", FIELD_CHOICE, 0, .choices = "lead helper", .fallback = "\"helper\"" },
	NOTE_FIELD,
	{ 0 },
};

static const struct field set_participant_fields[] = {
	{ "technician_id", FIELD_ID, REQUIRED },
	{ "status", FIELD_CHOICE, REQUIRED, .choices = "planned accepted declined done absent" },
	NOTE_FIELD,
	{ 0 },
};

typedef const struct statement *const steps[];

static steps done_steps = { &sql_activity_done, &sql_activity_done_guard, &sql_activity_participants_done, NULL };
static steps undo_steps = { &sql_activity_undo_done, NULL };
static steps cancel_steps = { &sql_activity_cancel, NULL };
static steps add_participant_steps = { &sql_activity_add_participant, NULL };
static steps set_participant_steps = { &sql_activity_set_participant, NULL };

/* clang-format off */
const struct transition activity_transitions[] = {
	/* action             from         to           who                     needs                   statements */
	{ "done",             "todo",      "done",      SCOPE_ACTIVITIES_WRITE, done_fields,            done_steps,
		"activity.done",      "Record it as done" },
	{ "undo-done",        "done",      "todo",      SCOPE_ACTIVITIES_WRITE, note_fields,            undo_steps,
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

/* Work on an open or assigned call starts it. */
static enum fault call_start_add(struct request *request, struct pg_batch *batch, const char *activity_id)
{
	const struct store *store = store_find(request->app, &call);
	struct pg_batch *read = request_batch(request);
	size_t index = pg_add(read, &sql_activity_call_to_start, PG_VALUES(activity_id));
	enum fault fault = request_execute(request, read);
	const char *call_id;

	if (fault)
		return fault;
	call_id = pg_value(read, index, 0);
	if (call_id)
		act_add(request, batch, &call_machine, store, call_id, "start");
	return FAULT_NONE;
}

static enum fault before_act(struct request *request, struct pg_batch *batch, const struct transition *row)
{
	if (strcmp(row->action, "done") != 0)
		return FAULT_NONE;
	return call_start_add(request, batch, request_id_parameter(request));
}

static steps after_steps = { &sql_activity_touch, NULL };

static const struct machine activity_machine = {
	.table = activity_transitions,
	.states = "todo done cancelled",
	.guard = &sql_activity_act_guard,
	.after = after_steps,
	.before = before_act,
};

enum fault activity_act(struct request *request)
{
	return act_run(request, &activity_machine);
}

static const struct field session_position_fields[] = {
	{ "lat", FIELD_DECIMAL, REQUIRED, .digits = 9, .decimals = 6, .negative = true },
	{ "lon", FIELD_DECIMAL, REQUIRED, .digits = 9, .decimals = 6, .negative = true },
	{ 0 },
};

const struct field activity_session_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "activity_id", FIELD_ID, FIXED | FILTER, .help = "The activity in the path." },
	{ "technician_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "kind", FIELD_CHOICE, REQUIRED, .choices = "travel work pause" },
	{ "started_at", FIELD_TIME, REQUIRED },
	{ "ended_at", FIELD_TIME, 0, .help = "Absent while it goes on; may be the next day." },
	{ "device_started_at", FIELD_TIME, 0 },
	{ "device_ended_at", FIELD_TIME, 0 },
	{ "position", FIELD_OBJECT, 0, .fields = session_position_fields },
	{ "external_ref", FIELD_TEXT, 0, .max = 80 },
	{ 0 },
};

static const struct sort session_sorts[] = { { "started_at", "s.started_at", "timestamptz" }, { 0 } };
static const struct statement *const session_parts[] = { &sql_session_minutes, NULL };

const struct resource activity_session = {
	.name = "activity_session",
	.plural = "activity_sessions",
	.table = "activity_session",
	.alias = "s",
	.rows = &sql_session_rows,
	.fields = activity_session_fields,
	.sorts = session_sorts,
	.sees = { .technician = "s.technician_id = base.technician()", .portal = "false", .callcenter = "false" },
	.root = "(select case when a.call_id is null then 'customer' else 'call' end from activity a where a.id = r.activity_id)",
	.root_id = "(select coalesce(a.call_id, a.customer_id) from activity a where a.id = r.activity_id)",
	.revision = "(select coalesce(c.revision, u.revision) from activity a left join call c on c.id = a.call_id "
		    "left join customer u on u.id = a.customer_id where a.id = r.activity_id)",
	.lock_create = &sql_session_lock_of_new,
	.lock = &sql_session_lock,
	.parts = session_parts,
	.help = "A stretch of work, travel or pause of one technician; may cross midnight.",
};

enum fault activity_session_post(struct request *request)
{
	const struct store *sessions = store_find(request->app, &activity_session);
	const struct store *activities = store_find(request->app, &activity);
	const char *of = request_id_parameter(request);
	const char *id = store_new_id(request, request->json);
	const char *location = store_location(request, id);
	struct pg_batch *batch = request_batch(request);
	enum fault fault;
	size_t index;

	json_object_set_new(request->json, "activity_id", json_string(of));
	store_add_claim(request, batch);
	pg_add(batch, &activities->guard[request->sight], PG_VALUES(of));
	store_add_insert(request, batch, sessions, id, json_write(request->arena, request->json));
	fault = call_start_add(request, batch, of);
	if (fault)
		return fault;
	store_add_record(batch, activities, of, "activity.changed");
	store_add_record(batch, sessions, id, "activity_session.created");
	store_add_answer(request, batch, sessions, id, 201, location);
	index = store_add_get(request, batch, sessions, id);
	return store_answer(request, batch, sessions, index, 201, location);
}
