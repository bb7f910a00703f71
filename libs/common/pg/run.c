/* run: batches on a connection, in pipeline mode. */
#include "arena.h"
#include "batch.h"
#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define SERVER_ENDS "57P01" /* it said so, and did nothing any more */

/* Waits until the socket is ready; false when the deadline has passed. A signal ends no wait. */
static bool socket_wait(PGconn *connection, bool write, int64_t deadline)
{
	struct pollfd fd = { .fd = PQsocket(connection), .events = (short)(POLLIN | (write ? POLLOUT : 0)) };
	int64_t left;
	int ready;

	do {
		left = deadline - clock_monotonic();
		ready = left > 0 ? poll(&fd, 1, (int)left) : 0;
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Writes out everything queued, reading meanwhile so that neither side waits for the other's buffer. */
static bool batch_flush(PGconn *connection, int64_t deadline)
{
	int pending;

	while ((pending = PQflush(connection)) == 1)
		if (!socket_wait(connection, true, deadline) || !PQconsumeInput(connection))
			return false;
	return pending == 0;
}

/* The next result, waiting for it; false, and no result, when the connection is lost or the deadline passed. */
static bool result_next(PGconn *connection, int64_t deadline, PGresult **result)
{
	*result = NULL;
	while (PQisBusy(connection)) {
		if (!socket_wait(connection, false, deadline) || !PQconsumeInput(connection))
			return false;
	}
	*result = PQgetResult(connection);
	if (PQstatus(connection) == CONNECTION_OK)
		return true;
	PQclear(*result);
	*result = NULL;
	return false;
}

static void result_release(void *result)
{
	PQclear(result);
}

/*
 * PostgreSQL can't tell the type of a parameter that a statement does not use (guards and parts all get the id and the
 * body); those are declared as text. The others stay undeclared and get their type from where they stand.
 */
static int unused_types(struct arena *arena, const struct statement *statement, const Oid **types)
{
	Oid *declared = arena_array(arena, (size_t)statement->parameters + 1, sizeof(*declared));

	for (int i = 0; i < statement->parameters; i++)
		declared[i] = strstr(statement->text, arena_printf(arena, "$%d", i + 1)) ? 0 : PG_OID_TEXT;
	*types = declared;
	return statement->parameters;
}

static bool prepare_send(PGconn *connection, struct arena *arena, const struct statement *statement)
{
	const Oid *types;
	int count = unused_types(arena, statement, &types);

	return PQsendPrepare(connection, statement->name, statement->text, count, types) == 1;
}

/* Whether a Prepare of the statement of a step is among what was sent before it. */
static bool on_its_way(struct ride *const rides[], size_t ride, size_t step)
{
	const struct statement *statement = rides[ride]->batch->steps[step].statement;

	for (size_t i = 0; i <= ride; i++)
		for (size_t j = 0; j < (i < ride ? rides[i]->batch->count : step); j++)
			if (rides[i]->marks[j] && rides[i]->batch->steps[j].statement == statement)
				return true;
	return false;
}

static bool step_send(struct pg_connection *leased, struct ride *const rides[], size_t ride, size_t i)
{
	PGconn *connection = leased->connection;
	const struct step *step = &rides[ride]->batch->steps[i];

	if (!step->statement)
		return PQsendQueryParams(connection, step->text, step->count, NULL, step->values, NULL, NULL, 0) == 1;
	rides[ride]->marks[i] = !prepared_has(leased, step->statement) && !on_its_way(rides, ride, i);
	if (rides[ride]->marks[i] && !prepare_send(connection, rides[ride]->batch->arena, step->statement))
		return false;
	return step->prepare_only ||
		PQsendQueryPrepared(connection, step->statement->name, step->count, step->values, NULL, NULL, 0) == 1;
}

/* Queues Prepare where needed, and all statements, and Sync. */
static bool ride_send(struct pg_connection *leased, struct ride *const rides[], size_t ride)
{
	const struct pg_batch *batch = rides[ride]->batch;

	rides[ride]->marks = arena_array(batch->arena, batch->count + 1, sizeof(bool));
	for (size_t i = 0; i < batch->count; i++)
		if (!step_send(leased, rides, ride, i))
			return false;
	return PQpipelineSync(leased->connection) == 1;
}

static bool sqlstate_is(const struct pg_error *error, const char *sqlstate)
{
	return strcmp(error->sqlstate, sqlstate) == 0;
}

/* Takes one result of step i in; notes the first error. */
static void result_take(struct ride *ride, size_t i, bool prepare, PGresult *result, struct pg_connection *leased)
{
	struct pg_batch *batch = ride->batch;
	struct pg_error *error = ride->error;
	struct outcome *outcome = &ride->outcome;
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK && prepare)
		prepared_add(leased, batch->steps[i].statement);
	if (status == PGRES_FATAL_ERROR && !outcome->fault) {
		outcome->fault = pg_fault(batch->arena, result, error);
		error->statement = batch->steps[i].statement ? batch->steps[i].statement->name : "composed";
		outcome->again =
			sqlstate_is(error, "26000") || sqlstate_is(error, "0A000") || sqlstate_is(error, SERVER_ENDS);
	}
	if (prepare || status == PGRES_PIPELINE_ABORTED) {
		PQclear(result);
		return;
	}
	if (batch->steps[i].result)
		PQclear(result); /* a statement has one result; more would be a defect in the SQL */
	else {
		batch->steps[i].result = result;
		arena_defer(batch->arena, result_release, result);
	}
}

/* Reads the results of step i: of its Prepare when there was one, then its own if it ran. Each ends with a NULL. */
static bool step_read(struct ride *ride, size_t i, struct pg_connection *leased, int64_t deadline)
{
	bool prepare = ride->marks[i];

	for (int round = prepare ? 0 : 1; round < (ride->batch->steps[i].prepare_only ? 1 : 2); round++) {
		PGresult *result;

		for (;;) {
			if (!result_next(leased->connection, deadline, &result))
				return false;
			if (!result)
				break;
			result_take(ride, i, round == 0, result, leased);
		}
	}
	return true;
}

static bool sync_read(PGconn *connection, int64_t deadline, struct ride *ride)
{
	for (;;) {
		PGresult *result;
		ExecStatusType status;

		if (!result_next(connection, deadline, &result))
			return false;
		if (!result)
			continue;
		status = PQresultStatus(result);
		if (status == PGRES_FATAL_ERROR && !ride->outcome.fault) /* a deferred constraint, at commit */
			ride->outcome.fault = pg_fault(ride->batch->arena, result, ride->error);
		PQclear(result);
		if (status == PGRES_PIPELINE_SYNC)
			return true;
	}
}

static bool ride_read(struct pg_connection *leased, struct ride *ride, int64_t deadline)
{
	for (size_t i = 0; i < ride->batch->count; i++)
		if (!step_read(ride, i, leased, deadline))
			return false;
	return sync_read(leased->connection, deadline, ride);
}

/* What became of it is unknown, unless the server told the one before (or NULL) that it ends the connection. */
static void ride_lose(const struct pg_connection *leased, struct ride *ride, const struct ride *before)
{
	ride->outcome.lost = true;
	if (ride->outcome.fault)
		return;
	if (before && before->outcome.fault && sqlstate_is(before->error, SERVER_ENDS)) {
		*ride->error = (struct pg_error){ .sqlstate = SERVER_ENDS, .message = "the server ends" };
		ride->outcome.fault = FAULT_UNAVAILABLE;
		ride->outcome.again = true;
		return;
	}
	*ride->error = (struct pg_error){
		.sqlstate = "08006",
		.message = arena_strdup(ride->batch->arena, PQerrorMessage(leased->connection)),
	};
	ride->outcome.fault = FAULT_UNAVAILABLE;
}

void rides_run(struct pg_connection *leased, struct ride *const rides[], size_t count)
{
	int64_t deadline = clock_monotonic() + PG_DEADLINE_MS;
	bool sound = PQenterPipelineMode(leased->connection) == 1;

	for (size_t i = 0; i < count; i++)
		rides[i]->outcome = (struct outcome){ 0 };
	for (size_t i = 0; sound && i < count; i++)
		sound = ride_send(leased, rides, i);
	sound = sound && batch_flush(leased->connection, deadline);
	for (size_t i = 0; i < count; i++) {
		sound = sound && ride_read(leased, rides[i], deadline) &&
			(i + 1 < count || PQexitPipelineMode(leased->connection) == 1);
		if (!sound)
			ride_lose(leased, rides[i], i ? rides[i - 1] : NULL);
	}
}
