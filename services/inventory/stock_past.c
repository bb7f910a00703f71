#include "stock_past.h"

#include "app.h"
#include "arena.h"
#include "article.h"
#include "cursor.h"
#include "inventory_service_sql.h"
#include "json.h"
#include "movement.h"
#include "page.h"
#include "pg.h"
#include "query.h"
#include "stock.h"
#include "store.h"
#include "text.h"

#include <stdlib.h>

const struct field stock_at_query[] = {
	{ "date", FIELD_DATE, REQUIRED, .help = "The last day that counts, in the tenant's time zone." },
	{ "article_id", FIELD_ID, 0 },
	{ "warehouse_id", FIELD_ID, 0 },
	{ "owner", FIELD_CHOICE, 0, .choices = "own customer" },
	{ "limit", FIELD_INTEGER, 0, .min = 1, .max = PAGE_MAX, .help = "50 when absent." },
	{ "cursor", FIELD_TEXT, 0, .max = CURSOR_MAX, .help = "`next_cursor` of the page before." },
	{ 0 },
};

static const struct field item_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL, .help = "Of the stock." },
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "warehouse_id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "owner", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "own customer" },
	{ "quantity", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, .digits = 16, .decimals = 3, .negative = true },
	{ "value", FIELD_DECIMAL, READ_ONLY | COST, .digits = 18, .decimals = 2, .negative = true,
		.help = "What its movements add up to; null where goods are not valued." },
	{ 0 },
};

const struct field stock_at_answer[] = {
	{ "items", FIELD_LIST, READ_ONLY | NEVER_NULL, .fields = item_fields },
	{ "next_cursor", FIELD_TEXT, READ_ONLY, .help = "Give it as `cursor` for the next page; absent on the last." },
	{ 0 },
};

/*
 * What a cursor belongs to. It is no list of the engine's, whose rows know nothing of what is asked: here the day decides
 * what each row says.
 */
static const char *stock_at_asked(struct request *request)
{
	static const char *const names[] = { "date", "article_id", "warehouse_id", "owner" };
	struct text out = text_new(request->arena, CURSOR_MAX);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = query_value(request->query, names[i]);

		text_addf(&out, "%s ", value ? value : "");
	}
	return text_c(&out);
}

enum fault stock_at(struct request *request)
{
	static const char *const costs[] = { "value", NULL };
	const char *limit = query_value(request->query, "limit");
	const char *place = query_value(request->query, "cursor");
	const char *asked = stock_at_asked(request);
	int most = limit ? atoi(limit) : PAGE_DEFAULT;
	struct cursor cursor = { .list = asked };
	struct pg_batch *batch = request_batch(request);
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	const PGresult *rows;
	enum fault fault;
	size_t index;

	if (place && (!cursor_read(request->arena, place, &cursor) || !text_same(cursor.list, asked)))
		return request_fail(request, FAULT_BAD_CURSOR, "The cursor is not one of ours.");
	index = pg_add(batch, &sql_stock_at,
		PG_VALUES(query_value(request->query, "date"), query_value(request->query, "article_id"),
			query_value(request->query, "warehouse_id"), query_value(request->query, "owner"), cursor.id,
			arena_printf(request->arena, "%d", most + 1)));
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	rows = pg_result(batch, index);
	text_add(&out, "{\"items\":[");
	for (int row = 0; row < PQntuples(rows) && row < most; row++) {
		text_add(&out, row ? "," : "");
		pg_row_json(&out, rows, row, request_may(request, SCOPE_COSTS_READ) ? NULL : costs, NULL);
	}
	text_add_char(&out, ']');
	if (PQntuples(rows) > most) {
		const char *id = PQgetvalue(rows, most - 1, 0);
		const char *next = cursor_write(request->arena, &(struct cursor){ asked, id, id });

		text_addf(&out, ",\"next_cursor\":\"%s\"", next);
		page_next_link(request, next);
	}
	text_add_char(&out, '}');
	return response_text(request, 200, &out);
}

const struct field stock_rebuild_fields[] = {
	{ "repair", FIELD_BOOLEAN, 0, .fallback = "true", .help = "False only tells what differs." },
	{ 0 },
};

static const struct field difference_fields[] = {
	{ "article_id", FIELD_ID, READ_ONLY },
	{ "warehouse_id", FIELD_ID, READ_ONLY, .help = "Null for what all of an article is worth." },
	{ "owner", FIELD_CHOICE, READ_ONLY, .choices = "own customer" },
	{ "field", FIELD_CHOICE, READ_ONLY,
		.choices = "on_hand reserved waiting in_transit on_order quantity value serial" },
	{ "serial", FIELD_TEXT, READ_ONLY,
		.help = "Which piece, of the field serial: whether it is there, 1, or not." },
	{ "kept", FIELD_DECIMAL, READ_ONLY, .digits = 18, .decimals = 4, .negative = true },
	{ "ledger", FIELD_DECIMAL, READ_ONLY, .digits = 18, .decimals = 4, .negative = true,
		.help = "What movements, reservations, transfers and orders add up to." },
	{ 0 },
};

const struct field stock_rebuild_answer[] = {
	{ "repaired", FIELD_BOOLEAN, READ_ONLY },
	{ "differences", FIELD_LIST, READ_ONLY, .fields = difference_fields },
	{ 0 },
};

enum fault stock_rebuild(struct request *request)
{
	bool repair = json_is_true(json_object_get(request->json, "repair"));
	const struct store *store = store_find(request->app, &movement);
	struct pg_batch *batch = request_batch(request);
	const char *differences = NULL;
	const char *warnings;
	enum fault fault;
	size_t index;

	store_add_claim(request, batch);
	index = pg_add(batch, &sql_stock_rebuild, PG_VALUES(repair ? "true" : "false"));
	store_add_touched(batch, store);
	store_add_told(request, batch, store);
	fault = request_execute(request, batch);
	if (fault == FAULT_REPLAY) {
		fault = store_told(request, &differences, &warnings);
	} else if (!fault) {
		differences = pg_value(batch, index, 0);
		request->app->changed(request->app);
	}
	if (fault)
		return fault;
	response_json(request, 200,
		arena_printf(request->arena, "{\"repaired\":%s,\"differences\":%s}", repair ? "true" : "false",
			differences));
	return FAULT_NONE;
}
