#include "pool.h"

#include "arena.h"
#include "clock.h"

#include <poll.h>
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
		if (pool->connections[i].connection)
			PQfinish(pool->connections[i].connection);
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

/* Notices would go to standard error as they are; what matters of them comes as an error too. */
static void notice_ignore(void *context, const char *message)
{
	(void)context;
	(void)message;
}

PGconn *pg_connect(struct arena *arena, const struct pg_options *options, const char **problem)
{
	const char *timeout = arena_printf(arena, "%d", PG_CONNECT_SECONDS);
	const char *keys[] = { "dbname", "password", "application_name", "connect_timeout", "client_encoding", NULL };
	const char *values[] = { options->conninfo, options->password, options->application, timeout, "UTF8", NULL };
	PGconn *connection;

	connection = PQconnectdbParams(keys, values, 1);
	PQsetNoticeProcessor(connection, notice_ignore, NULL);
	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	*problem = arena_strdup(arena, PQerrorMessage(connection));
	PQfinish(connection);
	return NULL;
}

/* The server's last words (a notice) may lie before its end: read on until there is nothing to read. */
bool pg_alive(PGconn *connection)
{
	struct pollfd fd = { .fd = PQsocket(connection), .events = POLLIN };

	while (PQstatus(connection) == CONNECTION_OK && poll(&fd, 1, 0) != 0)
		if (fd.revents & (POLLERR | POLLHUP | POLLNVAL) || !PQconsumeInput(connection))
			return false;
	return PQstatus(connection) == CONNECTION_OK;
}

static void connection_close(struct pg_connection *leased)
{
	if (leased->connection)
		PQfinish(leased->connection);
	leased->connection = NULL;
	prepared_clear(leased);
}

/* Opens the connection of a slot when it has none; respects and moves the back-off of the pool. */
static enum fault connection_open(struct pg_pool *pool, struct pg_connection *leased, struct pg_error *error)
{
	struct arena *arena;
	const char *problem = NULL;
	int64_t now = clock_monotonic();
	bool closed;

	if (leased->connection && pg_alive(leased->connection))
		return FAULT_NONE;
	connection_close(leased);
	pthread_mutex_lock(&pool->lock);
	closed = now < pool->closed_until;
	pthread_mutex_unlock(&pool->lock);
	*error = (struct pg_error){ .sqlstate = "08001", .message = "PostgreSQL is not reachable" };
	if (closed)
		return FAULT_UNAVAILABLE;
	arena = arena_new();
	leased->connection = pg_connect(arena, &pool->options, &problem);
	arena_free(arena);
	pthread_mutex_lock(&pool->lock);
	if (leased->connection) {
		pool->backoff = 0;
		pool->closed_until = 0;
	} else {
		pool->backoff = pool->backoff ? pool->backoff * 2 : PG_BACKOFF_FIRST_MS;
		if (pool->backoff > PG_BACKOFF_MAX_MS)
			pool->backoff = PG_BACKOFF_MAX_MS;
		pool->closed_until = clock_monotonic() + pool->backoff;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!leased->connection)
		return FAULT_UNAVAILABLE;
	PQsetnonblocking(leased->connection, 1);
	return FAULT_NONE;
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
	fault = connection_open(pool, connection, error);
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

static size_t prepared_slot(const struct pg_connection *connection, const struct statement *statement)
{
	size_t slots = (size_t)PG_PREPARED_MAX * 2;
	size_t slot = ((uintptr_t)statement >> 4) * 0x9E3779B97F4A7C15u % slots;

	while (connection->prepared[slot] && connection->prepared[slot] != statement)
		slot = (slot + 1) % slots;
	return slot;
}

bool prepared_has(const struct pg_connection *connection, const struct statement *statement)
{
	return connection->prepared[prepared_slot(connection, statement)] != NULL;
}

void prepared_add(struct pg_connection *connection, const struct statement *statement)
{
	size_t slot = prepared_slot(connection, statement);

	if (connection->prepared[slot])
		return;
	if (connection->prepared_count++ >= PG_PREPARED_MAX)
		abort(); /* the program has more named statements than the limit: raise it */
	connection->prepared[slot] = statement;
}

void prepared_clear(struct pg_connection *connection)
{
	memset(connection->prepared, 0, sizeof(connection->prepared));
	connection->prepared_count = 0;
}
