#include "worker.h"

#include "arena.h"
#include "clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

struct worker {
	struct arena *arena;   /* of the options, as long as the worker */
	struct arena *scratch; /* of one step */
	struct worker_options options;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken;
	bool stopping;
	struct pg_connection *connection; /* the thread's own, like all below */
	unsigned session;
	int backoff_ms;
	int64_t closed_until; /* monotonic ms; no connection is tried before */
};

int worker_backoff(int last_ms)
{
	if (last_ms <= 0)
		return WORKER_BACKOFF_FIRST_MS;
	return last_ms * 2 < WORKER_BACKOFF_MAX_MS ? last_ms * 2 : WORKER_BACKOFF_MAX_MS;
}

struct arena *worker_arena(struct worker *worker)
{
	return worker->scratch;
}

unsigned worker_session(const struct worker *worker)
{
	return worker->session;
}

bool worker_stopping(struct worker *worker)
{
	bool stopping;

	pthread_mutex_lock(&worker->lock);
	stopping = worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return stopping;
}

void worker_wake(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->woken = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
}

/* Waits for a wake or the time; false when the worker is to end. */
static bool wait_for_work(struct worker *worker, int wait_ms)
{
	struct timespec until = clock_after(wait_ms);
	bool go_on;

	pthread_mutex_lock(&worker->lock);
	while (wait_ms > 0 && !worker->woken && !worker->stopping)
		if (pthread_cond_clockwait(&worker->changed, &worker->lock, CLOCK_MONOTONIC, &until) != 0)
			break;
	worker->woken = false;
	go_on = !worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return go_on;
}

static void disconnect(struct worker *worker)
{
	pg_close(worker->connection);
	worker->connection = NULL;
}

static void *run(void *context)
{
	struct worker *worker = context;
	int wait_ms = 0;

	pthread_setname_np(pthread_self(), worker->options.name);
	while (wait_for_work(worker, wait_ms)) {
		arena_reset(worker->scratch);
		wait_ms = worker->options.step(worker->options.context, worker);
	}
	disconnect(worker);
	return NULL;
}

struct worker *worker_new(const struct worker_options *options)
{
	struct arena *arena = arena_new();
	struct worker *worker = arena_alloc(arena, sizeof(*worker));

	worker->arena = arena;
	worker->scratch = arena_new();
	worker->options = *options;
	worker->options.name = arena_strdup(arena, options->name);
	worker->options.service = arena_strdup(arena, options->service);
	worker->options.database.conninfo = arena_strdup(arena, options->database.conninfo);
	worker->options.database.password = arena_strdup(arena, options->database.password);
	worker->options.database.application = arena_strdup(arena, options->database.application);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->changed, NULL);
	return worker;
}

void worker_start(struct worker *worker)
{
	sigset_t all;
	sigset_t before;

	/* Signals belong to the main thread, which ends the program in order. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&worker->thread, NULL, run, worker) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void worker_stop(struct worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	arena_free(worker->scratch);
	arena_free(worker->arena);
}

bool worker_connected(struct worker *worker)
{
	return worker->connection && pg_alive(worker->connection);
}

/* The tables come first: a view of the same name is for one tenant, and this role has no right on it. */
static enum fault path_set(struct worker *worker, struct pg_error *error)
{
	const char *service = worker->options.service;
	struct pg_batch *batch = pg_batch_new(worker->scratch);

	pg_add_text(batch, "select set_config('search_path', $1, false)",
		PG_VALUES(arena_printf(worker->scratch, "%s_data, %s, base", service, service)));
	return pg_execute_on(worker->connection, batch, error);
}

static enum fault session_open(struct worker *worker, struct pg_error *error)
{
	const char *problem = "PostgreSQL was not reachable a moment ago";

	if (worker_connected(worker))
		return FAULT_NONE;
	disconnect(worker);
	if (clock_monotonic() >= worker->closed_until) {
		worker->connection = pg_open(worker->scratch, &worker->options.database, &problem);
		if (worker->connection && !path_set(worker, error)) {
			worker->backoff_ms = 0;
			worker->session++;
			return FAULT_NONE;
		}
		if (worker->connection)
			problem = error->message;
		disconnect(worker);
		worker->backoff_ms = worker_backoff(worker->backoff_ms);
		worker->closed_until = clock_monotonic() + worker->backoff_ms;
	}
	*error = (struct pg_error){ .sqlstate = "08001", .message = problem };
	return FAULT_UNAVAILABLE;
}

enum fault worker_execute(struct worker *worker, struct pg_batch *batch, struct pg_error *error)
{
	enum fault fault = session_open(worker, error);

	if (fault)
		return fault;
	fault = pg_execute_on(worker->connection, batch, error);
	if (fault == FAULT_UNAVAILABLE)
		disconnect(worker);
	return fault;
}
