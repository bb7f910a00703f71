/* execute: batches on the connections of a pool, in turns where they change the same, or on a connection of one's own. */
#include "arena.h"
#include "batch.h"

static void batch_rewind(struct pg_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->steps[i].result = NULL; /* the arena still frees them */
}

static struct outcome alone_run(struct pg_connection *connection, struct pg_batch *batch, struct pg_error *error)
{
	struct ride ride = { .batch = batch, .error = error };

	rides_run(connection, (struct ride *const[]){ &ride }, 1);
	return ride.outcome;
}

/* After a run: names of old plans must go, or Prepare would find them taken, and with them the connection. */
static void stale_close(struct pg_connection *leased, struct ride *const rides[], size_t count)
{
	bool stale = false;

	for (size_t i = 0; i < count; i++)
		stale |= rides[i]->outcome.again || rides[i]->outcome.lost;
	if (stale)
		connection_close(leased);
}

/* Runs them once; the fault, when there is no connection, is that of all. */
static void rides_attempt(struct pg_pool *pool, struct ride *const rides[], size_t count)
{
	struct pg_connection *leased;
	struct pg_error error;
	enum fault fault = pool_lease(pool, rides[0]->batch->arena, &leased, &error);

	for (size_t i = 0; fault && i < count; i++) {
		*rides[i]->error = error;
		rides[i]->error->message = arena_strdup(rides[i]->batch->arena, error.message);
		rides[i]->outcome = (struct outcome){ .fault = fault };
	}
	if (fault)
		return;
	rides_run(leased, rides, count);
	stale_close(leased, rides, count);
	pool_return(pool, leased);
}

static enum fault alone_execute(struct pg_pool *pool, struct ride *ride)
{
	rides_attempt(pool, &ride, 1);
	if (ride->outcome.again) {
		batch_rewind(ride->batch);
		rides_attempt(pool, &ride, 1);
	}
	return ride->outcome.fault;
}

/* It is its turn: those that wait right behind it go with it. What of them, or it, must run again does so alone. */
static enum fault first_execute(struct pg_pool *pool, struct ride *ride, size_t turns)
{
	struct ride *rides[PG_RIDES_MAX] = { ride };
	size_t count = 1;

	if (turns == 1)
		count += turns_carry(pool_turns(pool), ride->batch->turns, rides + 1, PG_RIDES_MAX - 1);
	rides_attempt(pool, rides, count);
	if (ride->outcome.again) {
		batch_rewind(ride->batch);
		rides_attempt(pool, rides, 1);
	}
	turns_give(pool_turns(pool), ride->batch->turns, turns);
	return ride->outcome.fault;
}

static enum fault turn_execute(struct pg_pool *pool, struct ride *ride, size_t turns)
{
	struct pg_batch *batch = ride->batch;
	enum fault fault = FAULT_BUSY;

	switch (turns_take(pool_turns(pool), batch->turns, &turns, PG_TURN_MS, ride)) {
	case TURNS_LATE:
		*ride->error = (struct pg_error){ .sqlstate = "55P03", .message = "others are at the same thing" };
		break;
	case TURNS_CARRIED:
		fault = ride->outcome.fault;
		if (ride->outcome.again) {
			batch_rewind(batch);
			fault = alone_execute(pool, ride);
		}
		break;
	case TURNS_TAKEN:
		fault = first_execute(pool, ride, turns);
		break;
	}
	for (size_t i = 0; !fault && i < batch->part_count; i++)
		turns_remember(pool_turns(pool), &batch->parts[i]);
	return fault;
}

enum fault pg_execute(struct pg_pool *pool, struct pg_batch *batch, struct pg_error *error)
{
	struct ride ride = { .batch = batch, .error = error };

	if (batch->turn_count == 0 || batch->turn_count > PG_TURNS_MAX)
		return alone_execute(pool, &ride);
	return turn_execute(pool, &ride, batch->turn_count);
}

/* The names of stale plans go; the session, and what it holds, stays. */
static bool plans_forget(struct pg_connection *connection, struct pg_batch *batch)
{
	struct pg_batch *forget = pg_batch_new(batch->arena);
	struct pg_error error;

	prepared_clear(connection);
	pg_add_text(forget, "deallocate all", 0, NULL);
	return !alone_run(connection, forget, &error).fault;
}

enum fault pg_execute_on(struct pg_connection *connection, struct pg_batch *batch, struct pg_error *error)
{
	struct outcome outcome = alone_run(connection, batch, error);

	if (outcome.again && !outcome.lost && plans_forget(connection, batch)) {
		batch_rewind(batch);
		outcome = alone_run(connection, batch, error);
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
