#include "price.h"

#include "arena.h"
#include "article.h"
#include "inventory_service_sql.h"
#include "query.h"
#include "store.h"
#include "text.h"

static const struct field price_list_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20, .help = "Unique; what customers refer to.",
		.example = "\"BASE\"" },
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .max = 80, .example = "\"Base prices\"" },
	{ "currency", FIELD_TEXT, 0, .max = 3, .pattern = "^[A-Z]{3}$", .help = "ISO 4217; the tenant's when absent.",
		.example = "\"EUR\"" },
	{ "valid_from", FIELD_DATE, 0 },
	{ "valid_until", FIELD_DATE, 0, .help = "The last day, included." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort price_list_sorts[] = {
	{ "code", "l.code", "text" },
	{ 0 },
};

const struct resource price_list = {
	.name = "price_list",
	.plural = "price_lists",
	.table = "price_list",
	.alias = "l",
	.rows = &sql_price_list_rows,
	.fields = price_list_fields,
	.sorts = price_list_sorts,
	SEEN_BY_STAFF,
	.natural_key = "code",
	.help = "A price list, which customers name.",
};

static const struct field price_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "list_code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20 },
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER, .coded = "article" },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "from_quantity", FIELD_DECIMAL, 0, QUANTITY, .fallback = "\"0\"",
		.help = "Holds from this quantity on, up to the next price." },
	{ "price", FIELD_DECIMAL, REQUIRED, MONEY, .example = "\"450.0000\"" },
	{ "discounts", FIELD_DECIMALS, 0, .digits = 5, .decimals = 2, .max = 10, .help = "Percents, in cascade.",
		.example = "[\"10.00\"]" },
	{ "valid_from", FIELD_DATE, 0 },
	{ "valid_until", FIELD_DATE, 0, .help = "The last day, included." },
	{ "notes", FIELD_TEXT, 0, .max = 500 },
	{ "external_ref", FIELD_TEXT, FILTER | KEY, .max = 80, .help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct filter price_filters[] = {
	FILTER_OF_ARTICLE("p"),
	{ "valid_at", FIELD_DATE, .sql = "p.days @> $", .help = "Holds on this day." },
	{ 0 },
};

static const struct sort price_sorts[] = {
	{ "created_at", "p.created_at", "timestamptz" },
	{ 0 },
};

static const struct statement *const price_guards[] = { &sql_price_guard, NULL };

const struct resource price = {
	.name = "price",
	.plural = "prices",
	.table = "price",
	.alias = "p",
	.rows = &sql_price_rows,
	.fields = price_fields,
	.filters = price_filters,
	.sorts = price_sorts,
	SEEN_BY_STAFF,
	.part_of = &article,
	.part_by = "article_id",
	.guards = price_guards,
	.help = "The price of an article in a list, from a quantity, for some days.",
};

const struct field price_resolve_query[] = {
	{ "article_id", FIELD_ID, REQUIRED },
	{ "price_list_code", FIELD_TEXT, 0, .max = 20 },
	{ "quantity", FIELD_DECIMAL, 0, QUANTITY, .positive = true, .help = "1 when absent." },
	{ "date", FIELD_DATE, 0, .help = "Today in the tenant's time zone when absent." },
	{ 0 },
};

const struct field price_resolve_answer[] = {
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "price", FIELD_DECIMAL, READ_ONLY, MONEY, .help = "Null when there is none." },
	{ "discounts", FIELD_DECIMALS, READ_ONLY, .digits = 5, .decimals = 2 },
	{ "net_price", FIELD_DECIMAL, READ_ONLY, MONEY, .help = "Less the discounts." },
	{ "price_id", FIELD_ID, READ_ONLY },
	{ "price_list_code", FIELD_TEXT, READ_ONLY },
	{ "from_quantity", FIELD_DECIMAL, READ_ONLY, QUANTITY },
	{ "reason", FIELD_TEXT, READ_ONLY, .help = "Why this price." },
	{ 0 },
};

enum fault price_resolve(struct request *request)
{
	const char *article_id = query_value(request->query, "article_id");
	struct pg_batch *batch = request_batch(request);
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	enum fault fault;
	size_t index;

	pg_add(batch, &sql_price_resolve_guard, PG_VALUES(article_id));
	index = pg_add(batch, &sql_price_resolve,
		PG_VALUES(article_id, query_value(request->query, "price_list_code"),
			query_value(request->query, "quantity"), query_value(request->query, "date")));
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	pg_row_json(&out, pg_result(batch, index), 0, NULL, NULL);
	return response_text(request, 200, &out);
}
