#include "call_timer.h"

#include "api_sql.h"
#include "app.h"
#include "call.h"
#include "calls_service_sql.h"
#include "store.h"

/* A suspension with `until` ends: the action resume, by nobody. */
static enum fault resume_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	const struct app *app = timer->context;
	const struct store *store = store_find(app, &call);
	const char *id = timer->subject;

	(void)problem;
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "timer"));
	pg_add(batch, &sql_call_resume_due, PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	act_add(timer->arena, batch, store, id, "resume", "{}");
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
	return FAULT_NONE;
}

const struct timer_handler call_timers[] = {
	{ "call.resume", resume_fire },
	{ 0 },
};
