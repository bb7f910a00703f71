/*
 * session: stretches of work, travel or pause of one technician on an activity. Their minutes add up to the activity's,
 * which therefore changes with each of them; the first one starts the call.
 */
#include "activity.h"
#include "calls_service_sql.h"
#include "place.h"
#include "text.h"

static const struct field activity_session_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "activity_id", FIELD_ID, READ_ONLY | NEVER_NULL | FROM_PATH | FILTER, .help = "The activity in the path." },
	{ "technician_id", FIELD_ID, FIXED | NEVER_NULL | FILTER,
		.help = "Required, unless a technician speaks of himself." },
	{ "kind", FIELD_CHOICE, REQUIRED | FILTER, .choices = "travel work pause" },
	{ "started_at", FIELD_TIME, REQUIRED | FILTER },
	{ "ended_at", FIELD_TIME, FILTER, .help = "Absent while it goes on; at most a week after the start." },
	{ "device_started_at", FIELD_TIME, INTERNAL, .help = "The start by the clock of the device." },
	{ "device_ended_at", FIELD_TIME, INTERNAL, .help = "The end by the clock of the device." },
	{ "position", FIELD_OBJECT, INTERNAL, .fields = position_fields, .help = "WGS 84, degrees." },
	{ "external_ref", FIELD_TEXT, FILTER | KEY | INTERNAL, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct sort session_sorts[] = { { "started_at", "s.started_at", "timestamptz" }, { 0 } };

/* A technician records his own time only. */
static enum fault session_prepare(struct request *request, json_t *body, const char *id)
{
	const char *given = json_string_at(body, "technician_id");
	const char *own = request->caller.technician_id;

	if (id)
		return FAULT_NONE;
	if (request->sight == SIGHT_TECHNICIAN && own && !given)
		json_object_set_new(body, "technician_id", json_string(own));
	else if (!given)
		fault_add(&request->faults, "/technician_id", "required", "is required");
	else if (request->sight == SIGHT_TECHNICIAN && !text_same(given, own))
		fault_add(&request->faults, "/technician_id", "forbidden", "a technician records his own time only");
	return FAULT_NONE;
}

static const struct statement *const session_parts[] = { &sql_session_guard, &sql_session_overlap, &sql_session_counted,
	&sql_session_told, &sql_session_starts_call, NULL };
static const struct statement *const session_forgets[] = { &sql_session_uncounted, &sql_session_told, NULL };
static const char *const session_touches[] = { "activity.changed", "call.started", NULL };

#define OF_ACTIVITY(what) "(select " what " from activity a where a.id = r.activity_id)"

const struct resource activity_session = {
	.name = "activity_session",
	.plural = "activity_sessions",
	.table = "activity_session",
	.alias = "s",
	.fields = activity_session_fields,
	.sorts = session_sorts,
	.sees = { .technician = "s.technician_id = base.technician()",
		.portal = "s.activity_id in (select a.id from activity a where a.customer_id = base.customer() "
			  "and a.visibility = 'public')",
		.callcenter = "false" },
	.root = OF_ACTIVITY("case when a.call_id is null then 'customer' else 'call' end"),
	.root_id = OF_ACTIVITY("coalesce(a.call_id, a.customer_id)"),
	.revision = "(select coalesce(c.revision, u.revision) from activity a left join call c on c.id = a.call_id "
		    "left join customer u on u.id = a.customer_id where a.id = r.activity_id)",
	.audience = "jsonb_build_object('customers', '[]'::jsonb, 'technicians', jsonb_build_array(r.technician_id))",
	.lock_create = &sql_session_lock_of_new,
	.lock = &sql_session_lock,
	.prepare = session_prepare,
	.parts = session_parts,
	.forgets = session_forgets,
	.touches = session_touches,
	.help = "A stretch of work, travel or pause of one technician; may cross midnight.",
};
