#include "copies.h"

#include "asset.h"
#include "attachment.h"
#include "free_copy.h"
#include "inventory_service_sql.h"
#include "rma.h"
#include "store.h"
#include "text.h"
#include "transport_document.h"

static const struct copy_column customer_columns[] = {
	{ "code", "text" },
	{ "name", "text" },
	{ "vat_number", "text" },
	{ "address", "jsonb" },
	{ "city", "text", .from = "address.city" },
	{ "province", "text", .from = "address.province" },
	{ "territory", "text" },
	{ "price_list_code", "text" },
	{ "merged_into", "uuid" },
	COPY_OF_FREE_FIELDS("customer"),
	{ 0 },
};

/*
 * Of a customer who was erased: files on what is his go, and so does what names him on his returns and papers and in the log,
 * which is behind the records of these changes.
 */
static void customer_forget(const struct app *app, const char *id, struct pg_batch *batch)
{
	pg_add(batch, &sql_files_of_erased, PG_VALUES(id));
	attachments_add_erase(app, batch);
	pg_add(batch, &sql_papers_of_erased, PG_VALUES(id));
	store_add_records(batch, store_find(app, &transport_document), NULL, "transport_document.changed");
	pg_add(batch, &sql_returns_of_erased, PG_VALUES(id));
	store_add_records(batch, store_find(app, &rma), NULL, "rma.changed");
	pg_add(batch, &sql_past_of_erased, PG_VALUES(id));
}

/* The machines of a customer that was merged into another are that one's. */
static void customer_follow(
	const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	for (size_t i = 0; i < count; i++) {
		if (text_starts(events[i].type, "aftercare.customer.anonymised."))
			customer_forget(app, events[i].subject, batch);
	}
	pg_add(batch, &sql_assets_of_merged, PG_VALUES(inbox_subjects(events, count)));
	store_add_records(batch, store_find(app, &asset), NULL, "asset.changed");
}

static const struct copy_column site_columns[] = {
	{ "customer_id", "uuid" },
	{ "code", "text" },
	{ "name", "text" },
	{ "city", "text", .from = "address.city" },
	{ "province", "text", .from = "address.province" },
	{ "territory", "text" },
	{ 0 },
};

static const struct copy_column call_columns[] = {
	{ "number", "text" },
	{ "state", "text" },
	{ "subject", "text" },
	{ "customer_id", "uuid" },
	{ "site_id", "uuid" },
	{ "assignee_id", "uuid" },
	{ "job_code", "text" },
	{ "assets", "jsonb" },
	{ "opened_at", "timestamptz" },
	{ "ended_at", "timestamptz", .sql = "coalesce(d ->> 'closed_at', d ->> 'cancelled_at')::timestamptz" },
	{ 0 },
};

static const struct copy_column activity_columns[] = {
	{ "call_id", "uuid" },
	{ "customer_id", "uuid" },
	{ "asset_id", "uuid" },
	{ "type_code", "text" },
	{ "status", "text" },
	{ "subject", "text" },
	{ "done_at", "timestamptz" },
	{ "technicians", "uuid[]", .sql = "base.values_at(d -> 'participants', 'technician_id')::uuid[]" },
	{ 0 },
};

/*
 * What was promised to an activity is free again when that is cancelled, and where the policy says so when it is done: by a
 * timer, which is set only where something is promised, because most activities want no parts.
 */
static void activity_follow(
	const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	const char *ids = inbox_subjects(events, count);

	(void)app;
	pg_add(batch, &sql_promise_turn_of_activities, PG_VALUES(ids));
	pg_add(batch, &sql_reservations_of_activities_due, PG_VALUES(ids));
	pg_add(batch, &sql_timeline_of_activities, PG_VALUES(ids));
}

/*
 * The machines that a call is about have it in their timelines; what was made from it says that it changed, and what was
 * promised to one that is cancelled is free again.
 */
static void call_follow(const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	const char *ids = inbox_subjects(events, count);

	(void)app;
	pg_add(batch, &sql_timeline_of_calls, PG_VALUES(ids));
	pg_add(batch, &sql_sources_of_calls_due, PG_VALUES(ids));
	pg_add(batch, &sql_promise_turn_of_calls, PG_VALUES(ids));
	pg_add(batch, &sql_reservations_of_calls_due, PG_VALUES(ids));
}

static const struct copy_column charge_columns[] = {
	{ "call_id", "uuid" },
	{ "activity_id", "uuid" },
	{ "kind", "text" },
	{ "article_id", "uuid" },
	{ "quantity", "numeric" },
	{ "planned_quantity", "numeric" },
	{ "warehouse_id", "uuid" },
	{ "serials", "text[]",
		.sql = "array(select jsonb_array_elements_text(case when jsonb_typeof(d -> 'serials') = 'array' "
		       "then d -> 'serials' else '[]' end))" },
	{ "job_code", "text" },
	{ "status", "text" },
	{ "line_version", "int", .from = "version" },
	{ "added_at", "timestamptz", .from = "created_at" },
	{ "rma_line_id", "uuid" },
	{ 0 },
};

/* What was made from a charge does not follow it, but says that it changed: by a timer, which takes all that first. */
static void charge_follow(
	const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	(void)app;
	pg_add(batch, &sql_sources_of_charges_due, PG_VALUES(inbox_subjects(events, count)));
}

static const struct copy_column technician_columns[] = {
	{ "code", "text" },
	{ "name", "text" },
	{ 0 },
};

const struct copy copies[] = {
	{ "aftercare.calls", "aftercare.customer.", "customer", customer_columns, .follow = customer_follow },
	{ "aftercare.calls", "aftercare.site.", "site", site_columns },
	{ "aftercare.calls", "aftercare.call.", "call", call_columns, .active = "true", .follow = call_follow,
		.quiet = true },
	{ "aftercare.calls", "aftercare.activity.", "activity", activity_columns, .active = "true",
		.follow = activity_follow, .quiet = true },
	{ "aftercare.calls", "aftercare.charge.", "charge", charge_columns, .active = "true", .follow = charge_follow,
		.quiet = true },
	{ "aftercare.scheduling", "aftercare.technician.", "technician", technician_columns },
	{ 0 },
};

const struct inbox_handler copies_beside[] = {
	{ "aftercare.calls", "aftercare.customer_free_field.", free_copy_apply },
	{ 0 },
};
