#include "customer_action.h"

#include "arena.h"
#include "calls_service_sql.h"
#include "route.h"
#include "store.h"

#include <string.h>

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
