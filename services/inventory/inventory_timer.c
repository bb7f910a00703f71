#include "inventory_timer.h"

#include "api_sql.h"
#include "app.h"
#include "asset.h"
#include "inventory_service_sql.h"
#include "movement.h"
#include "reservation.h"
#include "rma.h"
#include "source.h"
#include "store.h"

/* Adds the statements, which take the subject, as the tenant would, and the records of what they touched. */
static void released_add(const struct timer *timer, struct pg_batch *batch, const struct statement *const statements[])
{
	const struct app *app = timer->context;

	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "timer"));
	for (size_t i = 0; statements[i]; i++)
		pg_add(batch, statements[i], PG_VALUES(timer->subject));
	store_add_touched(batch, store_find(app, &reservation));
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
}

/* A reservation whose time is over is released; what it held goes to those who wait. */
static enum fault expire_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	static const struct statement *const statements[] = { &sql_reservation_lock, &sql_reservation_expire_due,
		&sql_reservation_expire, NULL };

	(void)problem;
	released_add(timer, batch, statements);
	return FAULT_NONE;
}

/* What was promised to an activity that is cancelled or done. */
static enum fault release_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	static const struct statement *const statements[] = { &sql_reservations_of_activity_lock,
		&sql_reservations_of_activity_release, NULL };

	(void)problem;
	released_add(timer, batch, statements);
	return FAULT_NONE;
}

/* A charge or a call changed that something was made from. */
static enum fault source_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	static const struct resource *const made[] = { &rma, &rma_line, &reservation, &movement, NULL };

	(void)problem;
	source_add_changed(timer, batch, &sql_sources_lock, &sql_sources_mark, made);
	return FAULT_NONE;
}

/* Adds the statements, which take the subject, as the tenant would, and the event that tells of it. */
static void told_add(const struct timer *timer, struct pg_batch *batch, const struct statement *const statements[],
	const struct resource *resource, const char *event)
{
	const struct app *app = timer->context;

	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "timer"));
	for (size_t i = 0; statements[i]; i++)
		pg_add(batch, statements[i], PG_VALUES(timer->subject));
	store_add_record(batch, store_find(app, resource), timer->subject, event);
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
}

/* A warranty that ends soon. */
static enum fault warranty_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	static const struct statement *const statements[] = { &sql_asset_revision, &sql_warranty_expiring_due, NULL };

	(void)problem;
	told_add(timer, batch, statements, &asset, "warranty.expiring");
	return FAULT_NONE;
}

/* What is charged of a line that did not come back changed. */
static enum fault missing_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	static const struct statement *const statements[] = { &sql_rma_line_overdue_lock, NULL };

	(void)problem;
	told_add(timer, batch, statements, &rma_line, "rma_line.derived_changed");
	return FAULT_NONE;
}

/* What was replaced in advance has not come back in time. */
static enum fault overdue_fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	static const struct statement *const statements[] = { &sql_rma_line_overdue_lock, &sql_rma_line_overdue_due,
		NULL };

	(void)problem;
	told_add(timer, batch, statements, &rma_line, "rma_line.overdue");
	return FAULT_NONE;
}

const struct timer_handler inventory_timers[] = {
	{ "reservation.expire", expire_fire },
	{ "reservations.release", release_fire },
	{ "source.changed", source_fire },
	{ "warranty.expiring", warranty_fire },
	{ "rma_line.overdue", overdue_fire },
	{ "rma_line.missing", missing_fire },
	{ 0 },
};
