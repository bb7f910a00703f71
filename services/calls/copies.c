#include "copies.h"

#include "app.h"
#include "call.h"
#include "calls_service_sql.h"
#include "charge.h"
#include "derived.h"
#include "free_copy.h"
#include "store.h"
#include "text.h"

static const struct copy_column asset_columns[] = {
	{ "article_id", "uuid" },
	{ "article_code", "text", .sql = "coalesce(d ->> 'article_code', d -> 'article' ->> 'code')" },
	{ "serial", "text", .sql = "btrim(d ->> 'serial')" },
	{ "customer_id", "uuid" },
	{ "site_id", "uuid" },
	{ "description", "text", .sql = "coalesce(d ->> 'description', d -> 'article' ->> 'description')" },
	{ "warranties", "jsonb", .sql = "nullif(d -> 'warranties', 'null')" },
	COPY_OF_FREE_FIELDS("asset"),
	{ "stub", "boolean", .sql = "false" },
	{ 0 },
};

/* Calls and activities point to the asset from now on instead of its stub, and say so by events. */
static void asset_follow(const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	const char *ids = inbox_subjects(events, count);

	pg_add(batch, &sql_asset_calls_lock, PG_VALUES(ids));
	pg_add(batch, &sql_asset_calls_move, PG_VALUES(ids));
	pg_add(batch, &sql_asset_calls_forget, PG_VALUES(ids));
	pg_add(batch, &sql_asset_calls_warranty, PG_VALUES(ids));
	store_add_records(batch, store_find(app, &call), NULL, "call.changed");
	pg_add(batch, &sql_asset_activities_lock, PG_VALUES(ids));
	pg_add(batch, &sql_asset_activities_move, PG_VALUES(ids));
	store_add_records(batch, store_named(app, "activity"), NULL, "activity.changed");
	pg_add(batch, &sql_asset_stub_forget, PG_VALUES(ids));
}

static const struct copy_column article_columns[] = {
	{ "code", "text" },
	{ "kind", "text" },
	{ "description", "text" },
	{ "uom", "text" },
	{ "list_price", "numeric" },
	{ "vat_code", "text" },
	{ "multiplier", "numeric", .from = "price_quantity_multiplier" },
	{ "billing_article_id", "uuid" },
	{ 0 },
};

/* A line of a call's return that did not come back in time: the call charges it. */
static bool is_missing(const struct inbox_event *event)
{
	return text_starts(event->type, "aftercare.rma_line.") && json_string_at(event->data, "missing") &&
		json_string_at(json_object_get(event->data, "rma"), "call_id");
}

static bool derived_wanted(const struct inbox_event *event)
{
	return derived_from(event, "call", "call_id") || is_missing(event);
}

static void missing_add(const struct app *app, const char *ids, struct pg_batch *batch)
{
	pg_add(batch, &sql_missing_charge, PG_VALUES(ids));
	store_add_records(batch, store_find(app, &charge), NULL, "charge.added charge.removed");
	pg_add(batch, &sql_missing_forget, PG_VALUES(ids));
}

/* What inventory made of a call and its charges: they show it, and tell when it changes. */
static void derived_follow(
	const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	const char *ids = inbox_subjects(events, count);
	bool missing = false;

	for (size_t i = 0; i < count; i++)
		missing = missing || is_missing(&events[i]);
	pg_add(batch, &sql_derived_lock, PG_VALUES(ids));
	pg_add(batch, &sql_derived_told, PG_VALUES(ids));
	if (missing)
		missing_add(app, ids, batch);
	store_add_records(batch, store_find(app, &charge), NULL, "charge.derived_changed");
	store_add_records(batch, store_find(app, &call), NULL, "call.derived_changed");
}

static const struct copy_column kit_component_columns[] = {
	{ "article_id", "uuid" },
	{ "component_id", "uuid" },
	{ "quantity", "numeric" },
	{ "optional", "boolean" },
	{ "position", "int" },
	{ 0 },
};

static const struct copy_column technician_columns[] = {
	{ "code", "text" },
	{ "name", "text" },
	{ "subject", "text" },
	{ 0 },
};

const struct copy copies[] = {
	{ "aftercare.inventory", "aftercare.asset.", "asset", asset_columns,
		.active = "coalesce(d ->> 'status', '') not in ('dismissed', 'scrapped', 'replaced')",
		.follow = asset_follow },
	{ "aftercare.inventory", "aftercare.article.", "article", article_columns },
	{ "aftercare.inventory", "aftercare.kit_component.", "kit_component", kit_component_columns, .active = "true" },
	DERIVED_COPIES(derived_wanted, derived_follow),
	{ "aftercare.scheduling", "aftercare.technician.", "technician", technician_columns },
	{ 0 },
};

const struct inbox_handler copies_beside[] = {
	{ "aftercare.inventory", "aftercare.asset_free_field.", free_copy_apply },
	{ 0 },
};
