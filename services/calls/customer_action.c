#include "customer_action.h"

#include "arena.h"
#include "attachment.h"
#include "call.h"
#include "calls_service_sql.h"
#include "customer.h"
#include "route.h"
#include "store.h"
#include "text.h"

#include <string.h>

#define ERASED "anonymised" /* stands for what was personal where something must stand */

const struct field customer_convert_fields[] = {
	{ "vat_number", FIELD_TEXT, 0, .max = 20 },
	{ "tax_code", FIELD_TEXT, PERSONAL, .max = 20 },
	{ "erp_account", FIELD_TEXT, 0, .max = 30 },
	{ 0 },
};

const struct field customer_merge_fields[] = {
	{ "into", FIELD_ID, REQUIRED, .help = "The customer that stays." },
	{ 0 },
};

const struct field customer_anonymise_fields[] = {
	{ "reason", FIELD_TEXT, 0, .max = 500,
		.help = "For the log of the request; it is not kept with the customer." },
	{ 0 },
};

/* The end of every action: its record, the stored answer, the row. */
static enum fault action_answer(struct request *request, struct pg_batch *batch, const char *id, const char *event)
{
	const struct store *store = request->endpoint->store;

	store_add_record(batch, store, id, event);
	store_add_answer(request, batch, store, id, 200, NULL);
	return store_answer(request, batch, store, store_add_get(request, batch, store, id), 200, NULL);
}

static struct pg_batch *action_begin(struct request *request, const char *id)
{
	struct pg_batch *batch = request_batch(request);

	store_add_claim(request, batch);
	pg_add(batch, &request->endpoint->store->guard[request->sight], PG_VALUES(id));
	return batch;
}

enum fault customer_convert(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = action_begin(request, id);

	pg_add(batch, &store->lock, PG_VALUES(id));
	store_add_match(request, batch, store, id);
	pg_add(batch, &sql_customer_convert_guard, PG_VALUES(id));
	pg_add(batch, &sql_customer_convert, PG_VALUES(id, json_write(request->arena, request->json)));
	pg_add(batch, &sql_customer_converted_guard, PG_VALUES(id));
	return action_answer(request, batch, id, "customer.converted");
}

enum fault customer_merge(struct request *request)
{
	/* What changes hands, in this order: the statement moves rows and leaves their ids for the change records. */
	static const struct {
		const struct statement *move;
		const char *resource;
	} moves[] = {
		{ &sql_merge_sites, "site" },
		{ &sql_merge_contacts, "contact" },
		{ &sql_merge_files, "attachment" },
		{ &sql_merge_calls, "call" },
		{ &sql_merge_activities, "activity" },
		{ &sql_merge_paid_sites, "site" },
		{ &sql_merge_paid_customers, "customer" },
	};
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	const char *into = json_string_at(request->json, "into");
	bool first =
		strcmp(id, into) < 0; /* always locked in one order, so that two merges don't wait for each other */
	struct pg_batch *batch = action_begin(request, id);

	pg_add(batch, &sql_merge_guard, PG_VALUES(id, into));
	pg_add(batch, &store->lock, PG_VALUES(first ? id : into));
	pg_add(batch, &store->lock, PG_VALUES(first ? into : id));
	store_add_match(request, batch, store, id);
	pg_add(batch, &sql_merge_guard, PG_VALUES(id, into)); /* again: it may have changed while we waited */
	pg_add(batch, &sql_merge_sites_guard, PG_VALUES(id, into));
	pg_add(batch, &sql_merge_revision, PG_VALUES(id, into));
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		pg_add(batch, moves[i].move, PG_VALUES(id, into));
		store_add_records(batch, store_named(request->app, moves[i].resource), NULL,
			arena_printf(request->arena, "%s.changed", moves[i].resource));
	}
	pg_add(batch, &sql_merge_assets, PG_VALUES(id, into));
	pg_add(batch, &sql_merge_reach, PG_VALUES(id, into));
	pg_add(batch, &sql_merge_survivor, PG_VALUES(id, into));
	pg_add(batch, &sql_reach_forget, PG_VALUES(id));
	pg_add(batch, &sql_reach_forget, PG_VALUES(into));
	pg_add(batch, &sql_customer_reach, PG_VALUES(into));
	store_add_record(batch, store, into, "customer.changed");
	pg_add(batch, &sql_merge_loser, PG_VALUES(id, into));
	return action_answer(request, batch, id, "customer.merged");
}

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

static const char *patch_text(struct request *request, const struct resource *resource)
{
	return json_write(request->arena, json_keep(request->arena, personal_patch(resource->fields, false)));
}

/* Erases the rows of a kind that belong to the customer, and says so by events. */
static void children_erase(
	struct request *request, struct pg_batch *batch, const struct resource *resource, const PGresult *ids)
{
	const struct store *store = store_find(request->app, resource);
	const char *patch = patch_text(request, resource);

	for (int row = 0; row < PQntuples(ids); row++) {
		const char *id = PQgetvalue(ids, row, 0);

		store_add_change(request, batch, store, id, patch, NULL);
		store_add_record(batch, store, id, arena_printf(request->arena, "%s.changed", resource->name));
	}
}

/* Past changes keep who did what when, but not the person. */
static void past_erase(struct request *request, struct pg_batch *batch, const char *id)
{
	static const struct resource *const parts[] = { &customer, &site, &contact };
	json_t *patches = json_keep(request->arena, json_object());

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		json_object_set_new(patches, parts[i]->name, personal_patch(parts[i]->fields, true));
	pg_add(batch, &sql_anonymise_past, PG_VALUES(id, json_write(request->arena, patches)));
	pg_add(batch, &sql_anonymise_past_calls, PG_VALUES(id));
}

enum fault customer_anonymise(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct pg_batch *read = request_batch(request);
	struct pg_batch *batch;
	json_t *patch;
	size_t revision;
	size_t sites;
	size_t contacts;
	enum fault fault;

	pg_add(read, &store->guard[request->sight], PG_VALUES(id));
	revision = pg_add(read, &sql_anonymise_revision, PG_VALUES(id));
	sites = pg_add(read, &sql_anonymise_sites, PG_VALUES(id));
	contacts = pg_add(read, &sql_anonymise_contacts, PG_VALUES(id));
	fault = request_execute(request, read);
	if (fault)
		return fault;
	batch = action_begin(request, id);
	pg_add(batch, &store->lock, PG_VALUES(id));
	store_add_match(request, batch, store, id);
	pg_add(batch, &sql_anonymise_guard, PG_VALUES(id, pg_value(read, revision, 0)));
	/* First of all, because the others show its name. The law goes before the ERP's ownership of fields. */
	patch = json_keep(request->arena, personal_patch(customer.fields, false));
	json_object_set_new(patch, "by_integration", json_true());
	store_add_change(request, batch, store, id, json_write(request->arena, patch), NULL);
	pg_add(batch, &sql_anonymise_free, PG_VALUES(id));
	pg_add(batch, &sql_anonymise_end, PG_VALUES(id));
	children_erase(request, batch, &site, pg_result(read, sites));
	children_erase(request, batch, &contact, pg_result(read, contacts));
	pg_add(batch, &sql_anonymise_calls, PG_VALUES(id));
	store_add_records(batch, store_find(request->app, &call), NULL, "call.changed");
	pg_add(batch, &sql_anonymise_files, PG_VALUES(id));
	attachments_add_erase(request->app, batch);
	store_add_record(batch, store, id, "customer.anonymised");
	past_erase(request, batch, id);
	store_add_answer(request, batch, store, id, 200, NULL);
	return store_answer(request, batch, store, store_add_get(request, batch, store, id), 200, NULL);
}
