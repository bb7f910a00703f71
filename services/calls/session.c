/*
 * session: stretches of work, travel or pause of one technician on an activity. Their minutes add up to the activity's,
 * which therefore changes with each of them; the first one starts the call.
 */
#include "activity.h"
#include "app.h"
#include "arena.h"
#include "calls_service_sql.h"
#include "route.h"
#include "store.h"
#include "text.h"

static const struct field session_position_fields[] = {
	{ "lat", FIELD_DECIMAL, REQUIRED, .digits = 9, .decimals = 6, .negative = true, .example = "\"45.464200\"" },
	{ "lon", FIELD_DECIMAL, REQUIRED, .digits = 9, .decimals = 6, .negative = true, .example = "\"9.190000\"" },
	{ 0 },
};

const struct field activity_session_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "activity_id", FIELD_ID, READ_ONLY | FILTER, .help = "The activity in the path." },
	{ "technician_id", FIELD_ID, FIXED | FILTER, .help = "Required, unless a technician speaks of himself." },
	{ "kind", FIELD_CHOICE, REQUIRED | FILTER, .choices = "travel work pause" },
	{ "started_at", FIELD_TIME, REQUIRED | FILTER },
	{ "ended_at", FIELD_TIME, FILTER, .help = "Absent while it goes on; at most a week after the start." },
	{ "device_started_at", FIELD_TIME, INTERNAL, .help = "The start by the clock of the device." },
	{ "device_ended_at", FIELD_TIME, INTERNAL, .help = "The end by the clock of the device." },
	{ "position", FIELD_OBJECT, INTERNAL, .fields = session_position_fields, .help = "WGS 84, degrees." },
	{ "external_ref", FIELD_TEXT, FILTER | INTERNAL, .max = 80,
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

static const struct statement *const session_parts[] = { &sql_session_guard, &sql_session_overlap, NULL };

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
	.create = &sql_session_create,
	.lock_create = &sql_session_lock_of_new,
	.lock = &sql_session_lock,
	.prepare = session_prepare,
	.parts = session_parts,
	.help = "A stretch of work, travel or pause of one technician; may cross midnight.",
};

/* The activity of a path; the session, when it names one, is request_id_parameter. */
static const char *activity_id(const struct request *request)
{
	return request->parameters[0];
}

/* A batch for one session: the caller sees the activity, and the session is one of it. */
static struct pg_batch *session_batch(struct request *request)
{
	const struct store *activities = store_find(request->app, &activity);
	const char *of = activity_id(request);
	struct pg_batch *batch = request_batch(request);

	pg_add(batch, &activities->guard[request->sight], PG_VALUES(of));
	pg_add(batch, &sql_session_activity_guard, PG_VALUES(request_id_parameter(request), of));
	return batch;
}

/* After sessions changed: the activity's minutes, its version, its event. */
static void activity_follows(struct request *request, struct pg_batch *batch)
{
	const char *of = activity_id(request);

	pg_add(batch, &sql_activity_minutes, PG_VALUES(of));
	pg_add(batch, &sql_activity_recount, PG_VALUES(of));
	store_add_record(batch, store_find(request->app, &activity), of, "activity.changed");
}

enum fault session_post(struct request *request)
{
	const struct store *sessions = store_find(request->app, &activity_session);
	const struct store *activities = store_find(request->app, &activity);
	const char *of = activity_id(request);
	const char *id = store_new_id(request, request->json);
	const char *location = store_location(request, id);
	enum fault fault = store_prepare(request, &activity_session, request->json, NULL);
	struct pg_batch *batch;
	size_t index;

	if (fault)
		return fault;
	json_object_set_new(request->json, "activity_id", json_string(of));
	batch = request_batch(request);
	store_add_claim(request, batch);
	pg_add(batch, &activities->guard[request->sight], PG_VALUES(of));
	store_add_insert(request, batch, sessions, id, request->json);
	activity_follows(request, batch);
	call_add_start(request, batch, of, "{}");
	store_add_record(batch, sessions, id, "activity_session.created");
	store_add_answer(request, batch, sessions, id, 201, location);
	index = store_add_get(request, batch, sessions, id);
	return store_answer(request, batch, sessions, index, 201, location);
}

enum fault session_get(struct request *request)
{
	struct pg_batch *batch = session_batch(request);
	size_t index = store_add_get(request, batch, request->endpoint->store, request_id_parameter(request));

	return store_answer_read(request, batch, request->endpoint->store, index);
}

enum fault session_change(struct request *request)
{
	const struct store *sessions = request->endpoint->store;
	const char *id = request_id_parameter(request);
	enum fault fault = store_prepare(request, &activity_session, request->json, id);
	struct pg_batch *batch;
	size_t index;

	if (fault)
		return fault;
	batch = session_batch(request);
	store_add_change(request, batch, sessions, id, json_write(request->arena, request->json),
		store_versions_wanted(request));
	activity_follows(request, batch);
	store_add_record(batch, sessions, id, "activity_session.changed");
	index = store_add_get(request, batch, sessions, id);
	return store_answer(request, batch, sessions, index, 200, NULL);
}

enum fault session_remove(struct request *request)
{
	const struct store *sessions = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = session_batch(request);
	enum fault fault;

	pg_add(batch, &sessions->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &sessions->lock, PG_VALUES(id));
	store_add_record(batch, sessions, id, "activity_session.removed");
	pg_add(batch, &sessions->remove, PG_VALUES(id, store_versions_wanted(request)));
	activity_follows(request, batch);
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	request->app->changed(request->app);
	response_empty(request);
	return FAULT_NONE;
}
