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

/* The slot of the statement, or the free one where it would be. */
static const struct statement **prepared_slot(const struct pg_connection *connection, const struct statement *statement)
{
	size_t slot = (((uintptr_t)statement >> 4) * 0x9E3779B97F4A7C15u >> 32) & (connection->prepared_slots - 1);

	while (connection->prepared[slot] && connection->prepared[slot] != statement)
		slot = (slot + 1) & (connection->prepared_slots - 1);
	return &connection->prepared[slot];
}

bool prepared_has(const struct pg_connection *connection, const struct statement *statement)
{
	return connection->prepared_slots && *prepared_slot(connection, statement);
}

/* Twice the slots, each statement where it belongs among them. */
static void prepared_grow(struct pg_connection *connection)
{
	const struct pg_connection old = *connection;

	connection->prepared_slots = old.prepared_slots ? old.prepared_slots * 2 : PREPARED_FIRST_SLOTS;
	connection->prepared = calloc(connection->prepared_slots, sizeof(struct statement *));
	if (!connection->prepared)
		abort();
	for (size_t i = 0; i < old.prepared_slots; i++)
		if (old.prepared[i])
			*prepared_slot(connection, old.prepared[i]) = old.prepared[i];
	free(old.prepared);
}

void prepared_add(struct pg_connection *connection, const struct statement *statement)
{
	if (prepared_has(connection, statement))
		return;
	if (connection->prepared_count++ >= connection->prepared_slots / 2)
		prepared_grow(connection);
	*prepared_slot(connection, statement) = statement;
}

void prepared_clear(struct pg_connection *connection)
{
	free(connection->prepared);
	connection->prepared = NULL;
	connection->prepared_slots = 0;
	connection->prepared_count = 0;
}
