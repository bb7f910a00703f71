#include "timer.h"

#include "arena.h"
#include "log.h"
#include "text.h"
#include "timer_sql.h"
#include "worker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_TEXT_MAX ((size_t)16 * 1024)

/* Columns of timer_due. */
enum due_column { DUE_ID, DUE_TENANT, DUE_KIND, DUE_SUBJECT, DUE_ATTEMPTS, DUE_AT };

struct timers {
	struct arena *arena;
	const char *service;
	const char *kinds; /* of the handlers, as an array of PostgreSQL's */
	const struct timer_handler *handlers;
	void *context;
	void (*changed)(void *context); /* or NULL */
	struct worker *worker;
	int backoff_ms;
	bool failing; /* PostgreSQL is away: told in the log already */
	atomic_llong failed;
};

static const struct timer_handler *handler_of(const struct timers *timers, const char *kind)
{
	for (const struct timer_handler *handler = timers->handlers; handler->kind; handler++)
		if (strcmp(handler->kind, kind) == 0)
			return handler;
	return NULL;
}

static int retry_after(int attempts)
{
	int wait_ms = TIMER_RETRY_MS;

	while (attempts-- > 0 && wait_ms < TIMER_RETRY_MAX_MS)
		wait_ms *= 2;
	return wait_ms < TIMER_RETRY_MAX_MS ? wait_ms : TIMER_RETRY_MAX_MS;
}

/* Runs the batch; what PostgreSQL said goes to *why. */
static enum fault execute(struct timers *timers, struct pg_batch *batch, const char **why)
{
	struct pg_error error = { 0 };
	enum fault fault = worker_execute(timers->worker, batch, &error);

	if (fault)
		*why = arena_printf(
			worker_arena(timers->worker), "%s %s", error.sqlstate, error.message ? error.message : "");
	return fault;
}

/* The handler's statements between the guards, as one transaction. */
static enum fault fire(
	struct timers *timers, const PGresult *rows, int row, const struct timer *timer, const char **why)
{
	struct pg_batch *batch = pg_batch_new(timer->arena);
	const char *id = PQgetvalue(rows, row, DUE_ID);
	enum fault fault;

	pg_add(batch, &sql_timer_begin, PG_VALUES(timer->tenant, id, timers->service));
	pg_add(batch, &sql_timer_still_due, PG_VALUES(id, PQgetvalue(rows, row, DUE_AT)));
	fault = handler_of(timers, timer->kind)->fire(timer, batch, why);
	if (fault)
		return fault;
	pg_add(batch, &sql_timer_done, PG_VALUES(id, PQgetvalue(rows, row, DUE_AT)));
	return execute(timers, batch, why);
}

/* Removes a timer whose subject needs it no more. */
static enum fault drop(
	struct timers *timers, const PGresult *rows, int row, const struct timer *timer, const char **why)
{
	struct pg_batch *batch = pg_batch_new(timer->arena);
	const char *id = PQgetvalue(rows, row, DUE_ID);

	pg_add(batch, &sql_timer_begin, PG_VALUES(timer->tenant, id, timers->service));
	pg_add(batch, &sql_timer_done, PG_VALUES(id, PQgetvalue(rows, row, DUE_AT)));
	return execute(timers, batch, why);
}

/* Moves a timer that failed, as *why says, out of the way of the others. */
static enum fault postpone(
	struct timers *timers, const PGresult *rows, int row, const struct timer *timer, const char **why)
{
	struct pg_batch *batch = pg_batch_new(timer->arena);

	atomic_fetch_add(&timers->failed, 1);
	log_write(LOG_ERROR, "a timer failed", "kind", timer->kind, "subject", timer->subject, "tenant", timer->tenant,
		"why", *why, "#attempts", arena_printf(timer->arena, "%d", timer->attempts + 1), NULL);
	pg_add(batch, &sql_timer_failed,
		PG_VALUES(PQgetvalue(rows, row, DUE_ID), PQgetvalue(rows, row, DUE_AT),
			arena_printf(timer->arena, "%d", retry_after(timer->attempts))));
	return execute(timers, batch, why);
}

/* A fault, and *why: it could not even be put off, and the rest waits. */
static enum fault act(struct timers *timers, const PGresult *rows, int row, const char **why)
{
	const struct timer timer = {
		.arena = worker_arena(timers->worker),
		.tenant = PQgetvalue(rows, row, DUE_TENANT),
		.kind = PQgetvalue(rows, row, DUE_KIND),
		.subject = PQgetvalue(rows, row, DUE_SUBJECT),
		.attempts = atoi(PQgetvalue(rows, row, DUE_ATTEMPTS)),
		.context = timers->context,
	};
	enum fault fault;

	*why = "";
	fault = fire(timers, rows, row, &timer, why);
	if (fault == FAULT_NONE && timers->changed)
		timers->changed(timers->context);
	if (fault == FAULT_GONE)
		fault = drop(timers, rows, row, &timer, why);
	if (fault == FAULT_NONE || fault == FAULT_REPLAY)
		return FAULT_NONE;
	if (fault == FAULT_UNAVAILABLE)
		return fault;
	return postpone(timers, rows, row, &timer, why);
}

static int away(struct timers *timers, const char *why)
{
	if (!timers->failing)
		log_write(LOG_WARNING, "timers wait", "why", why, NULL);
	timers->failing = true;
	timers->backoff_ms = worker_backoff(timers->backoff_ms);
	return timers->backoff_ms;
}

static int step(void *context, struct worker *worker)
{
	struct timers *timers = context;
	struct arena *arena = worker_arena(worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error = { 0 };
	const PGresult *rows;
	const char *why = "";
	size_t due;

	due = pg_add(batch, &sql_timer_due, PG_VALUES(timers->kinds, arena_printf(arena, "%d", TIMER_BATCH)));
	if (worker_execute(worker, batch, &error))
		return away(timers, error.message);
	rows = pg_result(batch, due);
	for (int row = 0; row < PQntuples(rows) && !worker_stopping(worker); row++)
		if (act(timers, rows, row, &why))
			return away(timers, why);
	timers->failing = false;
	timers->backoff_ms = 0;
	return PQntuples(rows) == TIMER_BATCH ? 0 : TIMER_POLL_MS;
}

static const char *kinds_of(struct arena *arena, const struct timer_handler *handlers)
{
	struct text kinds = text_new(arena, KINDS_TEXT_MAX);

	for (const struct timer_handler *handler = handlers; handler->kind; handler++)
		pg_array_add(&kinds, handler->kind);
	return pg_array_end(&kinds);
}

struct timers *timers_start(const struct timers_options *options)
{
	struct arena *arena = arena_new();
	struct timers *timers = arena_alloc(arena, sizeof(*timers));
	const struct worker_options worker = {
		.name = "timer",
		.service = options->service,
		.database = options->database,
		.step = step,
		.context = timers,
	};

	timers->arena = arena;
	timers->service = arena_strdup(arena, options->service);
	timers->handlers = options->handlers;
	timers->context = options->context;
	timers->changed = options->changed;
	timers->kinds = kinds_of(arena, options->handlers);
	timers->worker = worker_new(&worker);
	worker_start(timers->worker);
	return timers;
}

void timers_stop(struct timers *timers)
{
	if (!timers)
		return;
	worker_stop(timers->worker);
	arena_free(timers->arena);
}

int64_t timers_failed(struct timers *timers)
{
	return atomic_load(&timers->failed);
}
