#include "movement.h"

#include "arena.h"
#include "article.h"
#include "from_call.h"
#include "inventory_service_sql.h"
#include "route.h"
#include "source.h"
#include "stock.h"
#include "store.h"

#include <string.h>

static const struct field document_fields[] = {
	{ "kind", FIELD_TEXT, READ_ONLY },
	{ "id", FIELD_ID, READ_ONLY },
	{ "number", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field movement_fields[] = {
	{ "id", FIELD_ID, FIXED | VIRTUAL, .help = "UUIDv7; the client may make it, for off-line work." },
	{ "version", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Always 1: a movement is never changed." },
	{ "kind", FIELD_CHOICE, REQUIRED | FIXED | FILTER,
		.choices =
			"receipt issue return transfer_out transfer_in adjustment rma_in rma_out scrap opening reversal",
		.given = "receipt issue return scrap opening",
		.help = "By hand: receipt, issue, return, scrap, opening. The others come from their documents." },
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER, .coded = "article",
		.help = "An issue of a kit becomes one of each of its components." },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "warehouse_id", FIELD_ID, REQUIRED | FIXED | FILTER, .coded = "warehouse" },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "owner", FIELD_CHOICE, FIXED | FILTER, .choices = "own customer", .fallback = "\"own\"" },
	{ "quantity", FIELD_DECIMAL, REQUIRED | FIXED, QUANTITY, .negative = true, .positive = true,
		.help = "Given above zero; shown with the sign of its kind.", .example = "\"2\"" },
	{ "unit_cost", FIELD_DECIMAL, FIXED | COST, MONEY,
		.help = "Of what comes in; the moving average when absent." },
	{ "value", FIELD_DECIMAL, READ_ONLY | NEVER_NULL | COST, .digits = 18, .decimals = 4, .negative = true,
		.help = "What it adds to the value of our goods." },
	{ "price", FIELD_DECIMAL, FIXED, MONEY },
	{ "serials", FIELD_TEXTS, FIXED, .max = 60, .help = "One for each piece of an article tracked by serial." },
	{ "reason_code", FIELD_TEXT, FIXED, .max = 200 },
	{ "reservation_id", FIELD_ID, FIXED | FILTER, .help = "The promise that this issue keeps." },
	{ "call_id", FIELD_ID, FIXED | FILTER },
	{ "activity_id", FIELD_ID, FIXED | FILTER },
	{ "charge_id", FIELD_ID, FIXED | FILTER },
	{ "asset_id", FIELD_ID, FIXED | FILTER },
	{ "rma_line_id", FIELD_ID, FIXED | FILTER,
		.help = "The line of a return that moved, or, given by hand, that it is to repair; not ended." },
	{ "kit_id", FIELD_ID, READ_ONLY | FILTER | LATER, .help = "The kit it is a component of." },
	{ "document", FIELD_OBJECT, READ_ONLY, .fields = document_fields, .help = "The document it belongs to." },
	{ "job_code", FIELD_TEXT, FIXED | FILTER | CODE, .max = 40,
		.help = "That of its promise, charge, line of a return or call when it does not say." },
	{ "cost_centre", FIELD_TEXT, FIXED, .max = 20 },
	{ "at", FIELD_TIME, FIXED | NEVER_NULL | FILTER, .help = "When it happened; now when absent." },
	{ "recorded_at", FIELD_TIME, READ_ONLY | NEVER_NULL },
	{ "by", FIELD_TEXT, READ_ONLY },
	{ "by_name", FIELD_TEXT, READ_ONLY },
	{ "reversal_of", FIELD_ID, READ_ONLY },
	{ "reversed_by", FIELD_ID, READ_ONLY },
	FIELD_OF_SOURCE(LATER),
	{ "external_ref", FIELD_TEXT, FIXED | FILTER | KEY, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct filter movement_filters[] = {
	FILTER_OF_ARTICLE("m"),
	{ "serial", FIELD_TEXT, .sql = "m.serial_keys @> array[base.fold($)]",
		.help = "Of this piece; compared without case." },
	FILTER_OF_SOURCE("m"),
	{ "document.number", FIELD_TEXT, .sql = "m.document_number = $", .help = "Number of its document." },
	{ 0 },
};

static const struct sort movement_sorts[] = {
	{ "at", "m.at", "timestamptz" },
	{ "sequence", "m.sequence", "bigint" },
	{ 0 },
};

static const struct free_filter movement_free[] = { { "asset.x", "asset", "m.asset_id" }, { 0 } };

const struct resource movement = {
	.name = "movement",
	.plural = "movements",
	.table = "movement",
	.alias = "m",
	.rows = &sql_movement_rows,
	.fields = movement_fields,
	.filters = movement_filters,
	.free = movement_free,
	.sorts = movement_sorts,
	.descending = true,
	.sees = { .technician =
			  "(m.warehouse_id in (select o.id from warehouse o where o.technician_id = base.technician()) "
			  "or m.call_id in (select o.call_id from own_call o))",
		.portal = "false",
		.callcenter = "false" },
	.part_of = &article,
	.part_by = "article_id",
	.lock_create = &sql_movement_lock,
	.lock_many = &sql_articles_of_new,
	.create = &sql_movement_create,
	.created_event = "posted",
	.touches = stock_events,
	.help = "Goods that came, went or were counted anew: the ledger that stock is the sum of.",
};

const struct field movement_reverse_fields[] = {
	{ "reason", FIELD_TEXT, REQUIRED, .max = 200 },
	{ "at", FIELD_TIME, 0, .help = "When; now when absent." },
	{ 0 },
};

enum fault movement_reverse(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	const char *reversal = store_new_id(request, request->json);
	const char *location = arena_printf(request->arena, "/v1/movements/%s", reversal);
	const char *body = json_write(request->arena, request->json);
	struct pg_batch *batch = request_batch(request);
	size_t index;

	store_add_claim(request, batch);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &sql_movement_reverse_lock, PG_VALUES(id));
	pg_add(batch, &sql_movement_reverse_guard, PG_VALUES(id, body, reversal));
	pg_add(batch, &sql_movement_reverse, PG_VALUES(id, body, reversal));
	store_add_touched(batch, store);
	store_add_answer(request, batch, store, reversal, 201, location);
	index = store_add_get(request, batch, store, reversal);
	return store_answer(request, batch, store, index, 201, location);
}

const struct field movement_from_call_fields[] = {
	{ "call_id", FIELD_ID, REQUIRED },
	{ "charge_ids", FIELD_IDS, 0, .min = 1, .max = CHARGES_MAX,
		.help = "Its part charges; all of them when absent." },
	{ "warehouse_id", FIELD_ID, 0,
		.help = "Of what is not reserved: the charge's when absent, else the one that default_warehouse names." },
	{ "at", FIELD_TIME, 0, .help = "When it happened; now when absent." },
	{ 0 },
};

const struct field movement_from_call_answer[] = {
	{ "items", FIELD_LIST, READ_ONLY | REQUIRED, .fields = movement_fields,
		.help = "All that was issued to these charges." },
	{ 0 },
};

const struct from_call movement_from_call = { &sql_charges_lock, &sql_movements_of_call };
