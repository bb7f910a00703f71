#include "gauges.h"

#include "app.h"
#include "inbox.h"
#include "metrics.h"
#include "pg.h"
#include "relay.h"
#include "server.h"
#include "timer.h"

static double pool_busy(void *context)
{
	int size;
	int busy;
	int waiting;

	pg_pool_state(context, &size, &busy, &waiting);
	return busy;
}

static double pool_waiting(void *context)
{
	int size;
	int busy;
	int waiting;

	pg_pool_state(context, &size, &busy, &waiting);
	return waiting;
}

static double relay_waiting_read(void *context)
{
	return (double)relay_waiting(context);
}

static double relay_age_read(void *context)
{
	return (double)relay_age_ms(context) / 1000;
}

static double inbox_lag_read(void *context)
{
	return (double)inbox_lag(context);
}

static double dead_letters_read(void *context)
{
	return (double)inbox_dead_letters(context);
}

static double timers_failed_read(void *context)
{
	return (double)timers_failed(context);
}

static double connections_read(void *context)
{
	int connections = 0;
	int requests = 0;

	server_load(context, &connections, &requests);
	return connections;
}

void gauges_register(const struct gauged *running)
{
	struct metrics *metrics = running->app->metrics;

	metrics_gauge(metrics, "aftercare_pool_busy", "Database connections at work.", pool_busy, running->app->pool);
	metrics_gauge(metrics, "aftercare_pool_waiting", "Requests waiting for one.", pool_waiting, running->app->pool);
	metrics_gauge(metrics, "aftercare_relay_waiting", "Changes not yet in Kafka; -1 when another replica relays.",
		relay_waiting_read, running->app->relay);
	metrics_gauge(metrics, "aftercare_relay_age_seconds", "Age of the oldest of them.", relay_age_read,
		running->app->relay);
	metrics_gauge(metrics, "aftercare_timers_failed", "Attempts of timers that failed, since the start.",
		timers_failed_read, running->timers);
	metrics_gauge(metrics, "aftercare_connections", "Open HTTP connections.", connections_read, running->server);
	if (running->feeds) {
		metrics_gauge(metrics, "aftercare_erp_lag", "Messages of ERPs not yet applied; -1 unknown.",
			inbox_lag_read, running->feeds);
		metrics_gauge(metrics, "aftercare_erp_dead_letters",
			"Messages of ERPs that could not be applied, since the start.", dead_letters_read,
			running->feeds);
	}
	if (!running->inbox)
		return;
	metrics_gauge(metrics, "aftercare_inbox_lag", "Messages not yet applied; -1 unknown.", inbox_lag_read,
		running->inbox);
	metrics_gauge(metrics, "aftercare_dead_letters", "Messages that could not be applied, since the start.",
		dead_letters_read, running->inbox);
}
