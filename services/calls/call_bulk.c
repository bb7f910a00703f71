/*
 * call_bulk: calls in bulk, and the import of history: a line may nest what was done and spent, name its customer and
 * machine by natural key, and come closed with past times. Such a line starts no clock and still gets its number and
 * its events.
 */
#include "activity.h"
#include "app.h"
#include "arena.h"
#include "call.h"
#include "calls_service_sql.h"
#include "charge.h"
#include "store.h"

static const struct field past_activity_fields[] = {
	{ "type_code", FIELD_TEXT, REQUIRED, .max = 20 },
	{ "status", FIELD_CHOICE, 0, .choices = "done", .fallback = "\"done\"" },
	{ "subject", FIELD_TEXT, 0, .max = 200 },
	{ "notes", FIELD_TEXT, 0, .max = 10000 },
	{ "result", FIELD_TEXT, 0, .max = 2000 },
	{ "started_at", FIELD_TIME, 0 },
	{ "done_at", FIELD_TIME, REQUIRED },
	{ "work_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "travel_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "pause_minutes", FIELD_INTEGER, 0, .max = 100000 },
	{ "kilometres", FIELD_DECIMAL, 0, .digits = 8, .decimals = 1 },
	{ "participants", FIELD_LIST, 0, .max = 20, .fields = activity_participant_fields, .help = "Who did it." },
	{ "external_ref", FIELD_TEXT, 0, .max = 80 },
	{ 0 },
};

static const struct field past_charge_fields[] = {
	{ "kind", FIELD_CHOICE, REQUIRED, .choices = CHARGE_KINDS },
	{ "article_code", FIELD_TEXT, 0, .max = 40 },
	{ "description", FIELD_TEXT, 0, .max = 500 },
	{ "uom", FIELD_TEXT, 0, .max = 6 },
	{ "quantity", FIELD_DECIMAL, REQUIRED, CHARGE_QUANTITY },
	{ "price", FIELD_DECIMAL, 0, CHARGE_MONEY },
	{ "cost", FIELD_DECIMAL, COST, CHARGE_MONEY },
	{ "treatment", FIELD_CHOICE, 0, .choices = CHARGE_TREATMENTS, .fallback = "\"billable\"" },
	{ "work_date", FIELD_DATE, 0 },
	{ "external_ref", FIELD_TEXT, 0, .max = 80 },
	{ 0 },
};

const struct field call_bulk_fields[] = {
	{ "customer_code", FIELD_TEXT, VIRTUAL, .max = 20, .help = "Instead of customer_id." },
	{ "customer_external_ref", FIELD_TEXT, VIRTUAL, .max = 80, .help = "Instead of customer_id." },
	{ "site_code", FIELD_TEXT, VIRTUAL, .max = 20, .help = "Instead of site_id: of a site of the customer." },
	{ "site_external_ref", FIELD_TEXT, VIRTUAL, .max = 80, .help = "Instead of site_id." },
	{ "state", FIELD_CHOICE, VIRTUAL, .choices = "open closed", .help = "closed: history; needs closed_at." },
	{ "resolved_at", FIELD_TIME, VIRTUAL, .help = "Of a closed line; closed_at when absent." },
	{ "closed_at", FIELD_TIME, VIRTUAL },
	{ "activities", FIELD_LIST, VIRTUAL, .max = 50, .fields = past_activity_fields, .help = "What was done." },
	{ "charges", FIELD_LIST, VIRTUAL, .max = 100, .fields = past_charge_fields, .help = "What it cost." },
	{ 0 },
};

struct nested {
	const char *list;
	const char *resource;
	const char *event;
	const struct statement *statements[4]; /* guards and inserts; ends with NULL */
	const char *parts;                     /* the field with the parts of a row, or NULL */
	const struct statement *insert_parts;  /* $1 the row, $2 its body */
};

static const struct nested past_activities = { "activities", "activity", "activity.done",
	{ &sql_call_import_activities_guard, &sql_call_import_activity, NULL }, "participants",
	&sql_activity_participants };
static const struct nested past_charges = { "charges", "charge", "charge.added", { &sql_call_import_charge, NULL } };

/* What was done or spent in calls: rows of another resource, nested in lists of that name. */
static void nested_add(struct request *request, struct pg_batch *batch, const struct new_row calls[], size_t count,
	const struct nested *nested)
{
	const struct store *store = store_named(request->app, nested->resource);
	const char *bodies;
	size_t total = 0;
	size_t made = 0;
	struct new_row *rows;

	for (size_t i = 0; i < count; i++)
		total += json_array_size(json_object_get(calls[i].body, nested->list));
	rows = arena_array(request->arena, total + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		size_t index;
		json_t *item;

		json_array_foreach(json_object_get(calls[i].body, nested->list), index, item) {
			json_object_set_new(item, "call_id", json_string(calls[i].id));
			json_object_set_new(
				item, "at", json_string(arena_printf(request->arena, "/%s/%zu", nested->list, index)));
			rows[made++] = (struct new_row){ store_new_id(request, item), item };
		}
	}
	if (!total)
		return;
	bodies = store_bodies(request->arena, rows, total);
	for (size_t i = 0; nested->statements[i]; i++)
		pg_add(batch, nested->statements[i], PG_VALUES(bodies));
	for (size_t i = 0; nested->parts && i < total; i++)
		if (json_object_get(rows[i].body, nested->parts))
			pg_add(batch, nested->insert_parts,
				PG_VALUES(rows[i].id, json_write(request->arena, rows[i].body)));
	store_add_first_records(batch, store, store_ids(request->arena, rows, total), nested->event);
}

static void history_complete(json_t *line)
{
	if (!json_string_at(line, "closed_at"))
		return;
	json_object_set_new(line, "imported", json_true());
	if (!json_string_at(line, "resolved_at"))
		json_object_set(line, "resolved_at", json_object_get(line, "closed_at"));
}

void call_bulk_insert(struct request *request, struct pg_batch *batch, const struct new_row rows[], size_t count)
{
	const struct store *calls = store_find(request->app, &call);
	const char *ids = store_ids(request->arena, rows, count);

	for (size_t i = 0; i < count; i++)
		history_complete(rows[i].body);
	store_add_inserts(request, batch, calls, rows, count);
	pg_add(batch, &sql_call_import_guard, PG_VALUES(store_bodies(request->arena, rows, count)));
	pg_add(batch, &sql_call_import_transitions, PG_VALUES(ids));
	store_add_first_records(batch, calls, ids, "call.opened");
	nested_add(request, batch, rows, count, &past_activities);
	nested_add(request, batch, rows, count, &past_charges);
}
