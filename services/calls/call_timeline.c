/* call_timeline: all that happened to a call, whatever it is of, newest first. */
#include "call.h"
#include "calls_service_sql.h"

static const struct field timeline_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL,
		.help = "Of the passage, activity, session, charge or attachment, or of what was made." },
	{ "call_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER,
		.help = "When it happened; of an activity when it was done, else when it is planned for." },
	{ "kind", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER,
		.choices = "passage activity session charge attachment derived" },
	{ "what", FIELD_JSON, READ_ONLY, .help = "What of it tells it from others, by its kind." },
	{ 0 },
};

static const struct sort timeline_sorts[] = { { "at", "t.at", "timestamptz" }, { 0 } };

#define OF_PUBLIC_ACTIVITY                                                                                             \
	"(select a.id from activity a where a.call_id = t.call_id and a.customer_id = base.customer() "                \
	"and a.visibility = 'public')"

const struct resource call_timeline = {
	.name = "call_timeline",
	.plural = "call_timelines",
	.table = "call_timeline",
	.alias = "t",
	.rows = &sql_call_timeline_rows,
	.fields = timeline_fields,
	.sorts = timeline_sorts,
	.descending = true,
	.sees = { .technician = "(t.kind = 'passage' or t.call_id in (select o.call_id from own_call o))",
		.portal =
			"(t.kind = 'passage' or (t.kind = 'activity' and t.id in " OF_PUBLIC_ACTIVITY ") or (t.kind = "
			"'session' and t.id in (select s.id from activity_session s where s.activity_id in " OF_PUBLIC_ACTIVITY
			")) or (t.kind = 'attachment' and t.id in (select f.id from attachment f where f.visibility = 'public')))",
		.callcenter = "t.kind = 'passage'" },
	.read_only = true,
	.help = "Something that happened to a call.",
};
