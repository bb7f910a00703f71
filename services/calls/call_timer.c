#include "call_timer.h"

#include "api_sql.h"
#include "app.h"
#include "call.h"
#include "calls_service_sql.h"
#include "store.h"

/* An action by nobody, if it is due still. */
static enum fault acted_add(
	const struct timer *timer, struct pg_batch *batch, const struct statement *due, const char *action)
{
	const struct app *app = timer->context;
	const struct store *store = store_find(app, &call);
	const char *id = timer->subject;

	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "timer"));
	pg_add(batch, due, PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	act_add(timer->arena, batch, store, id, action, "{}");
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
	return FAULT_NONE;
}

/* A suspension with `until` ends. */
static enum fault resume_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	(void)problem;
	return acted_add(timer, batch, &sql_call_resume_due, "resume");
}

/* A call was resolved for long enough (close_after_days). */
static enum fault close_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	(void)problem;
	return acted_add(timer, batch, &sql_call_close_due, "close");
}

const struct timer_handler call_timers[] = {
	{ "call.resume", resume_fire },
	{ "call.close", close_fire },
	{ 0 },
};
