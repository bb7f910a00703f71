/*
 * worker: a thread with a PostgreSQL connection of its own (role SERVICE_worker), that looks for work again and again:
 * what relay, inbox, timers, jobs and snapshots share. It reconnects by itself, ends when asked, and takes no signals.
 *
 * A step does what there is to do and says when to look again. Everything named here is called by the step, on the
 * worker's thread, save worker_new, worker_start, worker_wake and worker_stop.
 */
#ifndef AFTERCARE_WORKER_H
#define AFTERCARE_WORKER_H

#include "pg.h"

#include <stdbool.h>

#define WORKER_BACKOFF_FIRST_MS 100 /* after a failure, doubling */
#define WORKER_BACKOFF_MAX_MS   5000

struct worker;

/* One look. Returns the milliseconds until the next; 0: there may be more, look at once. */
typedef int (*worker_step)(void *context, struct worker *worker);

struct worker_options {
	const char *name; /* of the thread, at most 15 characters */
	const char *service;
	struct pg_options database;
	worker_step step;
	void *context;
};

/* Makes a worker that does nothing yet. Strings are copied; context lives until worker_stop returned. */
struct worker *worker_new(const struct worker_options *options);

/* Starts its thread, once. Not in worker_new, so that a context knows its worker before the first step. */
void worker_start(struct worker *worker);

/* Ends a wait between steps. Any thread, never blocks; a wake during a step is not lost. */
void worker_wake(struct worker *worker);

/* Asks the thread to end, waits until its step returns, frees all. NULL is fine. */
void worker_stop(struct worker *worker);

/* Whether the end was asked for: a long step looks now and then. */
bool worker_stopping(struct worker *worker);

/* Emptied before each step. */
struct arena *worker_arena(struct worker *worker);

/*
 * Runs the batch, as pg_execute_on. Connects first when there is no connection (search_path: SERVICE_data, SERVICE,
 * base); not more often than the back-off allows. FAULT_UNAVAILABLE closes the connection: its session is over.
 */
enum fault worker_execute(struct worker *worker, struct pg_batch *batch, struct pg_error *error)
	__attribute__((warn_unused_result));

/* Which session this is: grows with each connection, 0 before the first. What one held ends with it. */
unsigned worker_session(const struct worker *worker);

/* Whether the connection still stands, as far as can be told without asking the server. Costs one poll(2). */
bool worker_connected(struct worker *worker);

/* The next of a growing series of waits; pass 0 after a success. Milliseconds. */
int worker_backoff(int last_ms);

#endif
