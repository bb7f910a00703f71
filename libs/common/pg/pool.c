#include "pool.h"

#include "arena.h"
#include "clock.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In the queue until a connection is handed to it; then it belongs to its thread alone, which `ready` wakes. */
struct waiter {
	struct waiter *next;
	_Atomic(struct pg_connection *) handed; /* read without the lock by whom it was handed to */
	sem_t ready;
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
	struct turns turns;
};

struct pg_pool *pg_pool_new(const struct pg_options *options)
{
	struct arena *arena = arena_new();
	struct pg_pool *pool = arena_alloc(arena, sizeof(*pool));

	pthread_mutex_init(&pool->lock, NULL);
	turns_open(&pool->turns);
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
	turns_close(&pool->turns);
	arena_free(pool->arena);
}

struct turns *pool_turns(struct pg_pool *pool)
{
	return &pool->turns;
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
static enum fault slot_open(
	struct pg_pool *pool, struct arena *arena, struct pg_connection *leased, struct pg_error *error)
{
	int64_t now = clock_monotonic();
	enum fault fault;
	bool closed;

	if (pg_alive(leased))
		return FAULT_NONE;
	connection_close(leased);
	pthread_mutex_lock(&pool->lock);
	closed = now < pool->closed_until;
	pthread_mutex_unlock(&pool->lock);
	*error = (struct pg_error){ .sqlstate = "08001", .message = "PostgreSQL was not reachable a moment ago" };
	if (closed)
		return FAULT_UNAVAILABLE;
	fault = connection_open(arena, &pool->options, leased, &error->message);
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

static void waiter_add(struct pg_pool *pool, struct waiter *waiter)
{
	*pool->last = waiter;
	pool->last = &waiter->next;
	pool->waiting++;
}

static void waiter_remove(struct pg_pool *pool, struct waiter *gone)
{
	struct waiter **link = &pool->first;

	while (*link != gone)
		link = &(*link)->next;
	*link = gone->next;
	if (!gone->next)
		pool->last = link;
	pool->waiting--;
}

/* Sleeps until it is woken; false when PG_WAIT_MS passed first. */
static bool waiter_sleep(struct waiter *waiter)
{
	struct timespec until = clock_after(PG_WAIT_MS);
	int slept;

	do
		slept = sem_clockwait(&waiter->ready, CLOCK_MONOTONIC, &until);
	while (slept != 0 && errno == EINTR);
	return slept == 0;
}

/* Whether it left the queue with nothing; false when a connection was handed to it at the last moment. */
static bool waiter_gives_up(struct pg_pool *pool, struct waiter *waiter)
{
	bool alone;

	pthread_mutex_lock(&pool->lock);
	alone = !atomic_load(&waiter->handed);
	if (alone)
		waiter_remove(pool, waiter);
	pthread_mutex_unlock(&pool->lock);
	return alone;
}

/*
 * Waits in the queue; the lock is held, and given back. NULL when the wait was too long. It is woken without the lock, and
 * takes it no more: with a condition it would wake only to wait for who woke it.
 */
static struct pg_connection *queue_wait(struct pg_pool *pool)
{
	struct waiter waiter = { 0 };

	sem_init(&waiter.ready, 0, 0);
	waiter_add(pool, &waiter);
	pthread_mutex_unlock(&pool->lock);
	if (!waiter_sleep(&waiter) && !waiter_gives_up(pool, &waiter))
		while (sem_wait(&waiter.ready) != 0) /* on its way: its last use of what is about to go */
			;
	sem_destroy(&waiter.ready);
	return atomic_load(&waiter.handed);
}

enum fault pool_lease(struct pg_pool *pool, struct arena *arena, struct pg_connection **leased, struct pg_error *error)
{
	struct pg_connection *connection;
	enum fault fault;

	pthread_mutex_lock(&pool->lock);
	if (pool->idle_count > 0 && !pool->first) {
		connection = pool->idle[--pool->idle_count];
		pthread_mutex_unlock(&pool->lock);
	} else {
		connection = queue_wait(pool);
	}
	if (!connection) {
		*error = (struct pg_error){ .sqlstate = "53300", .message = "no free database connection" };
		return FAULT_BUSY;
	}
	fault = slot_open(pool, arena, connection, error);
	if (fault) {
		pool_return(pool, connection);
		return fault;
	}
	*leased = connection;
	return FAULT_NONE;
}

void pool_return(struct pg_pool *pool, struct pg_connection *leased)
{
	struct waiter *waiter;

	if (leased->connection &&
		(PQstatus(leased->connection) != CONNECTION_OK ||
			PQtransactionStatus(leased->connection) != PQTRANS_IDLE))
		connection_close(leased);
	pthread_mutex_lock(&pool->lock);
	waiter = pool->first;
	if (waiter) {
		waiter_remove(pool, waiter);
		atomic_store(&waiter->handed, leased);
	} else {
		pool->idle[pool->idle_count++] = leased;
	}
	pthread_mutex_unlock(&pool->lock);
	if (waiter)
		sem_post(&waiter->ready);
}
