#include "copies.h"

#include "api_sql.h"
#include "arena.h"
#include "call.h"
#include "calls_service_sql.h"
#include "store.h"
#include "text.h"

static bool removed(const struct inbox_event *event)
{
	return text_ends(event->type, ".removed.v1");
}

static const char *revision_text(const struct inbox_event *event)
{
	return arena_printf(event->arena, "%lld", (long long)event->revision);
}

/*
 * Keeps an asset. A stub that a call made of the same machine, before its service spoke, gives way to it: calls and
 * activities point to the asset from then on, and say so by events.
 */
static enum fault asset_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	const struct app *app = event->context;
	const char *id = event->subject;

	if (!json_string_at(event->data, "serial")) {
		*problem = "an asset needs its serial";
		return FAULT_INVALID;
	}
	pg_add(batch, &sql_asset_keep,
		PG_VALUES(id, event->data_text, revision_text(event), removed(event) ? "false" : "true"));
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, event->source));
	pg_add(batch, &sql_asset_calls_lock, PG_VALUES(id));
	pg_add(batch, &sql_asset_calls_move, PG_VALUES(id));
	pg_add(batch, &sql_asset_calls_forget, PG_VALUES(id));
	store_add_records(batch, store_find(app, &call), NULL, "call.changed");
	pg_add(batch, &sql_asset_activities_lock, PG_VALUES(id));
	pg_add(batch, &sql_asset_activities_move, PG_VALUES(id));
	store_add_records(batch, store_named(app, "activity"), NULL, "activity.changed");
	pg_add(batch, &sql_asset_stub_forget, PG_VALUES(id));
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
	return FAULT_NONE;
}

static enum fault technician_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	if (!json_string_at(event->data, "name")) {
		*problem = "a technician needs a name";
		return FAULT_INVALID;
	}
	pg_add(batch, &sql_technician_keep,
		PG_VALUES(event->subject, event->data_text, revision_text(event), removed(event) ? "false" : "true"));
	return FAULT_NONE;
}

const struct inbox_handler copies_consumed[] = {
	{ "aftercare.inventory", "aftercare.asset.", asset_apply },
	{ "aftercare.scheduling", "aftercare.technician.", technician_apply },
	{ 0 },
};
