#include "pool.h"

#include "arena.h"
#include "clock.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct waiter {
	struct waiter *next;
	struct pg_connection *handed;
	pthread_cond_t ready;
};

struct pg_pool {
	pthread_mutex_t lock;
	struct arena *arena;
	struct pg_options options;
	struct pg_connection *connections;       /* options.size of them: each is 16 KB */
	struct pg_connection *idle[PG_POOL_MAX]; /* a stack: the warmest first */
	int idle_count;
	int waiting;
	struct waiter *first; /* first in, first out */
	struct waiter **last;
	int64_t closed_until; /* monotonic ms; no connection is tried before */
	int64_t backoff;
};

struct pg_pool *pg_pool_new(const struct pg_options *options)
{
	struct arena *arena = arena_new();
	struct pg_pool *pool = arena_alloc(arena, sizeof(*pool));

	pthread_mutex_init(&pool->lock, NULL);
	pool->arena = arena;
	pool->options = (struct pg_options){
		.conninfo = arena_strdup(arena, options->conninfo),
		.password = arena_strdup(arena, options->password),
		.application = arena_strdup(arena, options->application),
		.size = options->size < 1             ? 1
			: options->size > PG_POOL_MAX ? PG_POOL_MAX
						      : options->size,
	};
	pool->last = &pool->first;
	pool->connections = arena_array(arena, (size_t)pool->options.size, sizeof(*pool->connections));
	for (int i = 0; i < pool->options.size; i++)
		pool->idle[pool->idle_count++] = &pool->connections[i];
	return pool;
}

void pg_pool_free(struct pg_pool *pool)
{
	if (!pool)
		return;
	for (int i = 0; i < pool->options.size; i++)
		connection_close(&pool->connections[i]);
	pthread_mutex_destroy(&pool->lock);
	arena_free(pool->arena);
}

void pg_pool_state(struct pg_pool *pool, int *size, int *busy, int *waiting)
{
	pthread_mutex_lock(&pool->lock);
	*size = pool->options.size;
	*busy = pool->options.size - pool->idle_count;
	*waiting = pool->waiting;
	pthread_mutex_unlock(&pool->lock);
}

/* Opens the connection of a slot when it has none; respects and moves the back-off of the pool. */
static enum fault slot_open(struct pg_pool *pool, struct pg_connection *leased, struct pg_error *error)
{
	struct arena *arena;
	const char *problem = NULL;
	int64_t now = clock_monotonic();
	enum fault fault;
	bool closed;

	if (pg_alive(leased))
		return FAULT_NONE;
	connection_close(leased);
	pthread_mutex_lock(&pool->lock);
	closed = now < pool->closed_until;
	pthread_mutex_unlock(&pool->lock);
	*error = (struct pg_error){ .sqlstate = "08001", .message = "PostgreSQL is not reachable" };
	if (closed)
		return FAULT_UNAVAILABLE;
	arena = arena_new();
	fault = connection_open(arena, &pool->options, leased, &problem);
	arena_free(arena);
	pthread_mutex_lock(&pool->lock);
	if (!fault) {
		pool->backoff = 0;
		pool->closed_until = 0;
	} else {
		pool->backoff = pool->backoff ? pool->backoff * 2 : PG_BACKOFF_FIRST_MS;
		if (pool->backoff > PG_BACKOFF_MAX_MS)
			pool->backoff = PG_BACKOFF_MAX_MS;
		pool->closed_until = clock_monotonic() + pool->backoff;
	}
	pthread_mutex_unlock(&pool->lock);
	return fault;
}

static void waiter_remove(struct pg_pool *pool, struct waiter *gone)
{
	struct waiter **link = &pool->first;

	while (*link && *link != gone)
		link = &(*link)->next;
	if (*link)
		*link = gone->next;
	pool->last = &pool->first;
	while (*pool->last)
		pool->last = &(*pool->last)->next;
}

/* Waits in the queue; the lock is held. NULL when the wait was too long. */
static struct pg_connection *queue_wait(struct pg_pool *pool)
{
	struct waiter waiter = { 0 };
	pthread_condattr_t monotonic;
	struct timespec until;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&waiter.ready, &monotonic);
	pthread_condattr_destroy(&monotonic);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)PG_WAIT_MS * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	*pool->last = &waiter;
	pool->last = &waiter.next;
	pool->waiting++;
	while (!waiter.handed && pthread_cond_timedwait(&waiter.ready, &pool->lock, &until) == 0)
		;
	pool->waiting--;
	if (!waiter.handed)
		waiter_remove(pool, &waiter);
	pthread_cond_destroy(&waiter.ready);
	return waiter.handed;
}

enum fault pool_lease(struct pg_pool *pool, struct pg_connection **leased, struct pg_error *error)
{
	struct pg_connection *connection;
	enum fault fault;

	pthread_mutex_lock(&pool->lock);
	if (pool->idle_count > 0 && !pool->first)
		connection = pool->idle[--pool->idle_count];
	else
		connection = queue_wait(pool);
	pthread_mutex_unlock(&pool->lock);
	if (!connection) {
		*error = (struct pg_error){ .sqlstate = "53300", .message = "no free database connection" };
		return FAULT_BUSY;
	}
	fault = slot_open(pool, connection, error);
	if (fault) {
		pool_return(pool, connection);
		return fault;
	}
	*leased = connection;
	return FAULT_NONE;
}

void pool_return(struct pg_pool *pool, struct pg_connection *leased)
{
	if (leased->connection &&
		(PQstatus(leased->connection) != CONNECTION_OK ||
			PQtransactionStatus(leased->connection) != PQTRANS_IDLE))
		connection_close(leased);
	pthread_mutex_lock(&pool->lock);
	if (pool->first) {
		struct waiter *waiter = pool->first;

		pool->first = waiter->next;
		if (!pool->first)
			pool->last = &pool->first;
		waiter->handed = leased;
		pthread_cond_signal(&waiter->ready);
	} else {
		pool->idle[pool->idle_count++] = leased;
	}
	pthread_mutex_unlock(&pool->lock);
}
