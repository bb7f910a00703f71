#include "arena.h"
#include "clock.h"
#include "pool.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_FIRST_ROOM ((size_t)16)

struct step {
	const struct statement *statement; /* NULL: text is run unnamed */
	const char *text;
	bool prepare_only; /* others run it, by its name */
	int count;
	const char *const *values;
	PGresult *result;
};

struct pg_batch {
	struct arena *arena;
	struct step *steps;
	size_t count;
	size_t room;
	struct turn *turns;      /* PG_TURNS_MAX of them, once there is one */
	size_t turn_count;       /* wanted: more than there is room for are none */
	struct turn_part *parts; /* PG_TURNS_MAX of them, once there is one */
	size_t part_count;
};

struct pg_batch *pg_batch_new(struct arena *arena)
{
	struct pg_batch *batch = arena_alloc(arena, sizeof(*batch));

	batch->arena = arena;
	return batch;
}

void pg_turn(struct pg_batch *batch, const char *tenant, const char *id)
{
	if (!batch->turns)
		batch->turns = arena_array(batch->arena, PG_TURNS_MAX, sizeof(*batch->turns));
	if (batch->turn_count < PG_TURNS_MAX)
		batch->turns[batch->turn_count].thing = turn_thing(tenant, id);
	batch->turn_count++;
}

void pg_turn_part(struct pg_batch *batch, const char *tenant, const char *id, const char *part)
{
	pg_turn(batch, tenant, id);
	if (!batch->parts)
		batch->parts = arena_array(batch->arena, PG_TURNS_MAX, sizeof(*batch->parts));
	if (batch->part_count < PG_TURNS_MAX)
		batch->parts[batch->part_count++] =
			(struct turn_part){ turn_thing(tenant, part), turn_thing(tenant, id) };
}

static struct step *step_add(struct pg_batch *batch, int count, const char *const values[])
{
	const char **copy = arena_array(batch->arena, (size_t)count + 1, sizeof(*copy));
	struct step *step;

	if (batch->count == batch->room) {
		size_t room = batch->room ? batch->room * 2 : BATCH_FIRST_ROOM;
		struct step *steps = arena_array(batch->arena, room, sizeof(*steps));

		if (batch->count)
			memcpy(steps, batch->steps, batch->count * sizeof(*steps));
		batch->steps = steps;
		batch->room = room;
	}
	if (count)
		memcpy(copy, values, (size_t)count * sizeof(*copy));
	step = &batch->steps[batch->count++];
	*step = (struct step){ .count = count, .values = copy };
	return step;
}

size_t pg_add(struct pg_batch *batch, const struct statement *statement, int count, const char *const values[])
{
	if (statement->parameters && statement->parameters < count)
		count = statement->parameters;
	step_add(batch, count, values)->statement = statement;
	return batch->count - 1;
}

void pg_add_prepared(struct pg_batch *batch, const struct statement *statement)
{
	struct step *step = step_add(batch, 0, NULL);

	step->statement = statement;
	step->prepare_only = true;
}

bool pg_find(const struct pg_batch *batch, const struct statement *statement, const char *first, size_t *index)
{
	for (size_t i = batch->count; i-- > 0;) {
		const struct step *step = &batch->steps[i];

		if (step->statement != statement || step->count == 0 || strcmp(step->values[0], first) != 0)
			continue;
		*index = i;
		return true;
	}
	return false;
}

size_t pg_add_text(struct pg_batch *batch, const char *sql, int count, const char *const values[])
{
	step_add(batch, count, values)->text = sql;
	return batch->count - 1;
}

const PGresult *pg_result(const struct pg_batch *batch, size_t index)
{
	return batch->steps[index].result;
}

const char *pg_value(const struct pg_batch *batch, size_t index, int column)
{
	const PGresult *result = batch->steps[index].result;

	if (!result || PQntuples(result) == 0 || PQgetisnull(result, 0, column))
		return NULL;
	return PQgetvalue(result, 0, column);
}

/* Waits until the socket is ready or the deadline has passed. */
static bool socket_wait(PGconn *connection, bool write, int64_t deadline)
{
	struct pollfd fd = { .fd = PQsocket(connection), .events = (short)(POLLIN | (write ? POLLOUT : 0)) };
	int64_t left = deadline - clock_monotonic();

	return left > 0 && poll(&fd, 1, (int)left) > 0;
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

/* Queues Prepare where needed, and all statements, and Sync. marks[i] tells whether step i has a Prepare before it. */
static bool batch_send(struct pg_connection *leased, const struct pg_batch *batch, bool *marks)
{
	PGconn *connection = leased->connection;

	if (!PQenterPipelineMode(connection))
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		const struct step *step = &batch->steps[i];
		int sent;

		if (!step->statement) {
			sent = PQsendQueryParams(
				connection, step->text, step->count, NULL, step->values, NULL, NULL, 0);
		} else {
			marks[i] = !prepared_has(leased, step->statement);
			for (size_t j = 0; marks[i] && j < i; j++)
				if (marks[j] && batch->steps[j].statement == step->statement)
					marks[i] = false; /* its Prepare is already on the way */
			if (marks[i] && !prepare_send(connection, batch->arena, step->statement))
				return false;
			sent = step->prepare_only ||
				PQsendQueryPrepared(
					connection, step->statement->name, step->count, step->values, NULL, NULL, 0);
		}
		if (!sent)
			return false;
	}
	return PQpipelineSync(connection) == 1;
}

/* What one run of the pipeline came to. */
struct outcome {
	enum fault fault;
	bool lost;  /* the connection broke: whether it committed is unknown once everything was sent */
	bool again; /* safe and sensible to run once more on a fresh footing */
};

static bool sqlstate_is(const struct pg_error *error, const char *sqlstate)
{
	return strcmp(error->sqlstate, sqlstate) == 0;
}

/* Takes one result of step i in; notes the first error. */
static void result_take(struct pg_batch *batch, size_t i, bool prepare, PGresult *result, struct pg_connection *leased,
	struct outcome *outcome, struct pg_error *error)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK && prepare)
		prepared_add(leased, batch->steps[i].statement);
	if (status == PGRES_FATAL_ERROR && !outcome->fault) {
		outcome->fault = pg_fault(batch->arena, result, error);
		error->statement = batch->steps[i].statement ? batch->steps[i].statement->name : "composed";
		outcome->again =
			sqlstate_is(error, "26000") || sqlstate_is(error, "0A000") || sqlstate_is(error, "57P01");
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
static bool step_read(struct pg_batch *batch, size_t i, bool prepare, struct pg_connection *leased, int64_t deadline,
	struct outcome *outcome, struct pg_error *error)
{
	for (int round = prepare ? 0 : 1; round < (batch->steps[i].prepare_only ? 1 : 2); round++) {
		PGresult *result;

		for (;;) {
			if (!result_next(leased->connection, deadline, &result))
				return false;
			if (!result)
				break;
			result_take(batch, i, round == 0, result, leased, outcome, error);
		}
	}
	return true;
}

static bool sync_read(
	PGconn *connection, int64_t deadline, struct pg_batch *batch, struct outcome *outcome, struct pg_error *error)
{
	for (;;) {
		PGresult *result;
		ExecStatusType status;

		if (!result_next(connection, deadline, &result))
			return false;
		if (!result)
			continue;
		status = PQresultStatus(result);
		if (status == PGRES_FATAL_ERROR && !outcome->fault) /* a deferred constraint, at commit */
			outcome->fault = pg_fault(batch->arena, result, error);
		PQclear(result);
		if (status == PGRES_PIPELINE_SYNC)
			return PQexitPipelineMode(connection) == 1;
	}
}

static struct outcome batch_run(struct pg_connection *leased, struct pg_batch *batch, struct pg_error *error)
{
	struct outcome outcome = { 0 };
	int64_t deadline = clock_monotonic() + PG_DEADLINE_MS;
	bool *marks = arena_array(batch->arena, batch->count + 1, sizeof(*marks));
	bool sound = batch_send(leased, batch, marks) && batch_flush(leased->connection, deadline);

	for (size_t i = 0; sound && i < batch->count; i++)
		sound = step_read(batch, i, marks[i], leased, deadline, &outcome, error);
	if (sound)
		sound = sync_read(leased->connection, deadline, batch, &outcome, error);
	if (sound)
		return outcome;
	outcome.lost = true;
	if (!outcome.fault) {
		*error = (struct pg_error){
			.sqlstate = "08006",
			.message = arena_strdup(batch->arena, PQerrorMessage(leased->connection)),
		};
		outcome.fault = FAULT_UNAVAILABLE;
	}
	return outcome;
}

static void batch_rewind(struct pg_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->steps[i].result = NULL; /* the arena still frees them */
}

static enum fault attempts_run(struct pg_pool *pool, struct pg_batch *batch, struct pg_error *error)
{
	for (int attempt = 0;; attempt++) {
		struct pg_connection *leased;
		struct outcome outcome;
		enum fault fault = pool_lease(pool, &leased, error);

		if (fault)
			return fault;
		outcome = batch_run(leased, batch, error);
		if (outcome.again)
			prepared_clear(leased);
		if (outcome.again || outcome.lost) {
			/* Names of the old plans must go too, or Prepare would find them taken. */
			PQfinish(leased->connection);
			leased->connection = NULL;
			prepared_clear(leased);
		}
		pool_return(pool, leased);
		if (!outcome.fault || !outcome.again || attempt > 0)
			return outcome.fault;
		batch_rewind(batch);
	}
}

enum fault pg_execute(struct pg_pool *pool, struct pg_batch *batch, struct pg_error *error)
{
	size_t turns = batch->turn_count <= PG_TURNS_MAX ? batch->turn_count : 0;
	enum fault fault;

	if (turns == 0)
		return attempts_run(pool, batch, error);
	if (!turns_take(pool_turns(pool), batch->turns, &turns, PG_TURN_MS)) {
		*error = (struct pg_error){ .sqlstate = "55P03", .message = "others are at the same thing" };
		return FAULT_BUSY;
	}
	fault = attempts_run(pool, batch, error);
	turns_give(pool_turns(pool), batch->turns, turns);
	for (size_t i = 0; !fault && i < batch->part_count; i++)
		turns_remember(pool_turns(pool), &batch->parts[i]);
	return fault;
}

/* The names of stale plans go; the session, and what it holds, stays. */
static bool plans_forget(struct pg_connection *connection, struct pg_batch *batch)
{
	struct pg_batch *forget = pg_batch_new(batch->arena);
	struct pg_error error;

	prepared_clear(connection);
	pg_add_text(forget, "deallocate all", 0, NULL);
	return !batch_run(connection, forget, &error).fault;
}

enum fault pg_execute_on(struct pg_connection *connection, struct pg_batch *batch, struct pg_error *error)
{
	struct outcome outcome = batch_run(connection, batch, error);

	if (outcome.again && !outcome.lost && plans_forget(connection, batch)) {
		batch_rewind(batch);
		outcome = batch_run(connection, batch, error);
	}
	if (outcome.lost || PQtransactionStatus(connection->connection) != PQTRANS_IDLE)
		connection_close(connection);
	return outcome.fault;
}

bool pg_pool_ready(struct pg_pool *pool)
{
	struct arena *arena = arena_new();
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error;
	enum fault fault;

	pg_add_text(batch, "select 1", 0, NULL);
	fault = pg_execute(pool, batch, &error);
	arena_free(arena);
	return fault == FAULT_NONE || fault == FAULT_BUSY;
}
