/* connection: one connection and what is prepared on it; a pool has several, a worker its own. */
#include "arena.h"
#include "pool.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

enum fault connection_open(
	struct arena *arena, const struct pg_options *options, struct pg_connection *connection, const char **problem)
{
	connection->connection = pg_connect(arena, options, problem);
	if (!connection->connection)
		return FAULT_UNAVAILABLE;
	PQsetnonblocking(connection->connection, 1);
	return FAULT_NONE;
}

void connection_close(struct pg_connection *connection)
{
	if (connection->connection)
		PQfinish(connection->connection);
	connection->connection = NULL;
	prepared_clear(connection);
}

struct pg_connection *pg_open(struct arena *arena, const struct pg_options *options, const char **problem)
{
	struct pg_connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		abort();
	if (!connection_open(arena, options, connection, problem))
		return connection;
	free(connection);
	return NULL;
}

void pg_close(struct pg_connection *connection)
{
	if (!connection)
		return;
	connection_close(connection);
	free(connection);
}

/* The server's last words (a notice) may lie before its end: read on until there is nothing to read. */
bool pg_alive(struct pg_connection *connection)
{
	PGconn *raw = connection->connection;
	struct pollfd fd = { .fd = raw ? PQsocket(raw) : -1, .events = POLLIN };

	while (raw && PQstatus(raw) == CONNECTION_OK && poll(&fd, 1, 0) != 0)
		if (fd.revents & (POLLERR | POLLHUP | POLLNVAL) || !PQconsumeInput(raw))
			return false;
	return raw && PQstatus(raw) == CONNECTION_OK;
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
