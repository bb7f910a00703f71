/*
 * call_bulk: calls in bulk, and the import of history: a line may nest what was done and spent, name its customer and
 * machine by natural key, and come closed with past times. Such a line starts no clock and still gets its number and
 * its events.
 */
#include "app.h"
#include "arena.h"
#include "call.h"
#include "calls_service_sql.h"
#include "store.h"
#include "uuid.h"

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
	{ "external_ref", FIELD_TEXT, 0, .max = 80 },
	{ 0 },
};

static const struct field past_charge_fields[] = {
	{ "kind", FIELD_CHOICE, REQUIRED, .choices = "labour travel kilometres call_out part expense other" },
	{ "description", FIELD_TEXT, 0, .max = 500 },
	{ "uom", FIELD_TEXT, 0, .max = 6 },
	{ "quantity", FIELD_DECIMAL, REQUIRED, .digits = 12, .decimals = 3, .negative = true },
	{ "price", FIELD_DECIMAL, 0, .digits = 14, .decimals = 4, .negative = true },
	{ "cost", FIELD_DECIMAL, COST, .digits = 14, .decimals = 4, .negative = true },
	{ "treatment", FIELD_CHOICE, 0, .choices = "billable covered warranty goodwill needs_approval",
		.fallback = "\"billable\"" },
	{ "work_date", FIELD_DATE, 0 },
	{ "external_ref", FIELD_TEXT, 0, .max = 80 },
	{ 0 },
};

const struct field call_bulk_fields[] = {
	{ "customer_code", FIELD_TEXT, VIRTUAL, .max = 20, .help = "Instead of customer_id." },
	{ "state", FIELD_CHOICE, VIRTUAL, .choices = "open closed", .help = "closed: history; needs closed_at." },
	{ "resolved_at", FIELD_TIME, VIRTUAL, .help = "Of a closed line; closed_at when absent." },
	{ "closed_at", FIELD_TIME, VIRTUAL },
	{ "activities", FIELD_LIST, VIRTUAL, .max = 50, .fields = past_activity_fields, .help = "What was done." },
	{ "charges", FIELD_LIST, VIRTUAL, .max = 100, .fields = past_charge_fields, .help = "What it cost." },
	{ 0 },
};

static void parts_add(struct request *request, struct pg_batch *batch, const char *call_id, const json_t *list,
	const char *resource, const struct statement *insert, const char *event)
{
	const struct store *store = store_named(request->app, resource);
	size_t index;
	json_t *item;

	json_array_foreach((json_t *)list, index, item) {
		struct uuid made = uuid_new();
		const char *id = arena_strdup(request->arena, made.text);

		pg_add(batch, insert, PG_VALUES(id, json_write(request->arena, item), call_id));
		store_add_record(batch, store, id, event);
	}
}

void call_bulk_insert(struct request *request, struct pg_batch *batch, const char *id, json_t *line)
{
	const struct store *store = store_find(request->app, &call);
	const json_t *activities = json_object_get(line, "activities");
	const json_t *charges = json_object_get(line, "charges");
	const char *body;

	if (json_string_at(line, "closed_at")) {
		json_object_set_new(line, "imported", json_true());
		if (!json_string_at(line, "resolved_at"))
			json_object_set(line, "resolved_at", json_object_get(line, "closed_at"));
	}
	body = json_write(request->arena, line);
	store_add_insert(request, batch, store, id, body);
	pg_add(batch, &sql_call_import_guard, PG_VALUES(id, body));
	pg_add(batch, &sql_call_import_transitions, PG_VALUES(id));
	store_add_record(batch, store, id, "call.opened");
	parts_add(request, batch, id, activities, "activity", &sql_call_import_activity, "activity.done");
	parts_add(request, batch, id, charges, "charge", &sql_call_import_charge, "charge.added");
}
