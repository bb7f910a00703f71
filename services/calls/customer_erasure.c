#include "customer_erasure.h"

#include "arena.h"
#include "attachment.h"
#include "call.h"
#include "calls_service_sql.h"
#include "customer.h"
#include "route.h"
#include "store.h"

#define ERASED "anonymised" /* stands for what was personal where something must stand */

const struct field customer_anonymise_fields[] = {
	{ "reason", FIELD_TEXT, 0, .max = 500,
		.help = "For the log of the request; it is not kept with the customer." },
	{ 0 },
};

static bool any_personal(const struct field *fields)
{
	for (const struct field *field = fields; field && field->name; field++)
		if (field->flags & PERSONAL || any_personal(field->fields))
			return true;
	return false;
}

/*
 * A merge patch that erases what the table marks as personal: null, or a word where a value is required. `whole` objects
 * and lists go as a whole; otherwise an object loses only its personal fields.
 */
static json_t *personal_patch(const struct field *fields, bool whole)
{
	json_t *patch = json_object();

	for (const struct field *field = fields; field->name; field++) {
		bool nested = any_personal(field->fields);

		if (field->type == FIELD_FREE && whole) /* else a statement knows which of them are personal */
			json_object_set_new(patch, field->name, json_object());
		if (field->flags & READ_ONLY || !(field->flags & PERSONAL || nested))
			continue;
		if (nested && field->type == FIELD_OBJECT && !whole)
			json_object_set_new(patch, field->name, personal_patch(field->fields, whole));
		else if (field->flags & REQUIRED)
			json_object_set_new(patch, field->name, json_string(ERASED));
		else
			json_object_set_new(patch, field->name, json_null());
	}
	return patch;
}

/*
 * Who is erased: the customer, and all that were merged into it, whose names are his; the calls that are another's by now or
 * nobody's, but tell of him.
 */
struct erasure {
	const PGresult *people; /* id and revision of each, in the order of the ids */
	const PGresult *sites;
	const PGresult *contacts;
	const char *ids;     /* of the people, as the array that statements take, like the last two */
	const char *known;   /* their names, numbers and addresses, by which callers are known as them */
	const char *callers; /* calls of others or of nobody whose caller is known so */
	const char *thought; /* calls for which one of them is a candidate */
};

static enum fault erasure_read(struct request *request, const char *id, struct erasure *out)
{
	struct pg_batch *read = request_batch(request);
	size_t people;
	size_t sites;
	size_t contacts;
	size_t traces;
	enum fault fault;

	pg_add(read, &request->endpoint->store->guard[request->sight], PG_VALUES(id));
	people = pg_add(read, &sql_anonymise_people, PG_VALUES(id));
	sites = pg_add(read, &sql_anonymise_sites, PG_VALUES(id));
	contacts = pg_add(read, &sql_anonymise_contacts, PG_VALUES(id));
	traces = pg_add(read, &sql_anonymise_traces, PG_VALUES(id));
	fault = request_execute(request, read);
	if (fault)
		return fault;
	*out = (struct erasure){
		.people = pg_result(read, people),
		.sites = pg_result(read, sites),
		.contacts = pg_result(read, contacts),
		.ids = pg_value(read, traces, 0),
		.known = pg_value(read, traces, 1),
		.callers = pg_value(read, traces, 2),
		.thought = pg_value(read, traces, 3),
	};
	return FAULT_NONE;
}

/* Takes all of them, and refuses when anything was added since they were read. */
static void people_lock(struct request *request, struct pg_batch *batch, const struct erasure *erasure, const char *id)
{
	const struct store *store = request->endpoint->store;
	int count = PQntuples(erasure->people);

	for (int row = 0; row < count; row++)
		pg_add(batch, &store->lock, PG_VALUES(PQgetvalue(erasure->people, row, 0)));
	store_add_match(request, batch, store, id);
	pg_add(batch, &sql_anonymise_merged_guard, PG_VALUES(id));
	for (int row = 0; row < count; row++)
		pg_add(batch, &sql_anonymise_guard,
			PG_VALUES(PQgetvalue(erasure->people, row, 0), PQgetvalue(erasure->people, row, 1)));
}

/* The rows of the customers themselves. The law goes before the ERP's ownership of fields. */
static void people_erase(struct request *request, struct pg_batch *batch, const struct erasure *erasure)
{
	json_t *patch = json_keep(request->arena, personal_patch(customer.fields, false));
	const char *text;

	json_object_set_new(patch, "by_integration", json_true());
	text = json_write(request->arena, patch);
	for (int row = 0; row < PQntuples(erasure->people); row++) {
		const char *id = PQgetvalue(erasure->people, row, 0);

		store_add_change(request, batch, request->endpoint->store, id, text, NULL);
		pg_add(batch, &sql_anonymise_free, PG_VALUES(id));
		pg_add(batch, &sql_anonymise_end, PG_VALUES(id));
	}
}

/* Erases the rows of a kind that belong to them, and says so by events. */
static void children_erase(
	struct request *request, struct pg_batch *batch, const struct resource *resource, const PGresult *ids)
{
	const struct store *store = store_find(request->app, resource);
	const char *patch =
		json_write(request->arena, json_keep(request->arena, personal_patch(resource->fields, false)));

	for (int row = 0; row < PQntuples(ids); row++) {
		const char *id = PQgetvalue(ids, row, 0);

		store_add_change(request, batch, store, id, patch, NULL);
		store_add_record(batch, store, id, arena_printf(request->arena, "%s.changed", resource->name));
	}
}

/* Past changes keep who did what when, but not the person. */
static void past_erase(struct request *request, struct pg_batch *batch, const struct erasure *erasure)
{
	static const struct resource *const parts[] = { &customer, &site, &contact, &call };
	json_t *patches = json_keep(request->arena, json_object());
	const char *text;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		json_object_set_new(patches, parts[i]->name, personal_patch(parts[i]->fields, true));
	json_object_set_new(json_object_get(patches, call.name), "match", json_null());
	text = json_write(request->arena, patches);
	pg_add(batch, &sql_anonymise_past, PG_VALUES(erasure->ids, erasure->known, text));
	pg_add(batch, &sql_anonymise_past_calls, PG_VALUES(erasure->ids, erasure->known, text, erasure->thought));
}

enum fault customer_anonymise(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct erasure erasure;
	struct pg_batch *batch;
	enum fault fault = erasure_read(request, id, &erasure);

	if (fault)
		return fault;
	batch = request_batch(request);
	store_add_claim(request, batch);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	people_lock(request, batch, &erasure, id);
	people_erase(request, batch, &erasure); /* first of all, because the others show their names */
	children_erase(request, batch, &site, erasure.sites);
	children_erase(request, batch, &contact, erasure.contacts);
	pg_add(batch, &sql_anonymise_calls, PG_VALUES(erasure.ids, erasure.callers, erasure.thought));
	store_add_records(batch, store_find(request->app, &call), NULL, "call.changed");
	pg_add(batch, &sql_anonymise_files, PG_VALUES(erasure.ids));
	attachments_add_erase(request->app, batch);
	for (int row = 0; row < PQntuples(erasure.people); row++)
		store_add_record(batch, store, PQgetvalue(erasure.people, row, 0), "customer.anonymised");
	past_erase(request, batch, &erasure);
	store_add_answer(request, batch, store, id, 200, NULL);
	return store_answer(request, batch, store, store_add_get(request, batch, store, id), 200, NULL);
}
