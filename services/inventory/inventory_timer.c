#include "inventory_timer.h"

#include "api_sql.h"
#include "app.h"
#include "inventory_service_sql.h"
#include "reservation.h"
#include "store.h"

/* A reservation whose time is over is released; what it held goes to those who wait. */
static enum fault expire_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	const struct app *app = timer->context;
	const struct store *store = store_find(app, &reservation);
	const char *id = timer->subject;

	(void)problem;
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "timer"));
	pg_add(batch, &store->lock, PG_VALUES(id));
	pg_add(batch, &sql_reservation_expire_due, PG_VALUES(id));
	pg_add(batch, &sql_reservation_expire, PG_VALUES(id));
	store_add_touched(batch, store);
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
	return FAULT_NONE;
}

const struct timer_handler inventory_timers[] = {
	{ "reservation.expire", expire_fire },
	{ 0 },
};
