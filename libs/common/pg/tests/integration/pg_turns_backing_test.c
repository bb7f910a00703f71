/* Batches of many threads on one connection of a real PostgreSQL: who waits, who is told, and what goes over it together. */
#include "one_connection.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define THREADS 8
#define TURNS   50 /* of each */

static const struct statement nap = { "nap", "select pg_sleep(2)", 0 };

static void *sleep_long(void *pool)
{
	struct arena *arena = arena_new();
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error;

	pg_add(batch, &nap, 0, NULL);
	assert_int_equal(pg_execute(pool, batch, &error), FAULT_NONE);
	arena_free(arena);
	return NULL;
}

static void whoever_waits_too_long_is_told(void **state)
{
	struct fixture *fixture = *state;
	pthread_t sleeper;
	int size;
	int busy = 0;
	int waiting;

	assert_int_equal(pthread_create(&sleeper, NULL, sleep_long, fixture->pool), 0);
	while (busy == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		pg_pool_state(fixture->pool, &size, &busy, &waiting);
	}
	assert_int_equal(run(fixture, "select 1", NULL), FAULT_BUSY);
	pthread_join(sleeper, NULL);
	assert_int_equal(run(fixture, "select 1", NULL), FAULT_NONE);
	pg_pool_state(fixture->pool, &size, &busy, &waiting);
	assert_int_equal(busy, 0);
	assert_int_equal(waiting, 0);
}

static void *take_turns(void *pool)
{
	enum fault worst = FAULT_NONE;

	for (int i = 0; i < TURNS; i++) {
		struct arena *arena = arena_new();
		struct pg_batch *batch = pg_batch_new(arena);
		struct pg_error error;
		enum fault fault;

		pg_add(batch, &session_pid, 0, NULL);
		fault = pg_execute(pool, batch, &error);
		worst = fault ? fault : worst;
		arena_free(arena);
	}
	return (void *)(uintptr_t)worst;
}

/* One connection goes from hand to hand; on a loaded machine a turn may still take longer than PG_WAIT_MS. */
static void all_who_wait_get_their_turn(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[THREADS];
	int size;
	int busy;
	int waiting;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_turns, fixture->pool), 0);
	for (int i = 0; i < THREADS; i++) {
		void *worst;

		assert_int_equal(pthread_join(threads[i], &worst), 0);
		assert_true((uintptr_t)worst == FAULT_NONE || (uintptr_t)worst == FAULT_BUSY);
	}
	pg_pool_state(fixture->pool, &size, &busy, &waiting);
	assert_int_equal(size, 1);
	assert_int_equal(busy, 0);
	assert_int_equal(waiting, 0);
	assert_int_equal(run(fixture, "select 1", NULL), FAULT_NONE);
}

/* What goes over one connection behind another: each all or nothing, with the results and the fault of its own. */
struct rider {
	struct pg_pool *pool;
	int number;
	int added;
	const char *wrong;
};

static void rider_run(struct rider *rider, struct arena *arena, int round)
{
	struct pg_batch *batch = pg_batch_new(arena);
	const char *own = arena_printf(arena, "%d", 1 + rider->number * TURNS + round);
	struct pg_error error = { 0 };
	bool twice = round % 3 == 0;
	enum fault fault;
	size_t said;

	pg_turn(batch, "tenant", "thing");
	pg_add(batch, &add_thing, PG_VALUES(own, "x"));
	if (twice)
		pg_add(batch, &add_thing, PG_VALUES(own, "again"));
	said = pg_add_text(batch, "select $1::text", PG_VALUES(own));
	fault = pg_execute(rider->pool, batch, &error);
	if (fault == FAULT_BUSY)
		return; /* a turn may take long on a loaded machine; then nothing happened */
	if (fault != (twice ? FAULT_DUPLICATE : FAULT_NONE))
		rider->wrong = "fault";
	else if (!fault && strcmp(pg_value(batch, said, 0), own) != 0)
		rider->wrong = "result";
	rider->added += !fault;
}

static void *ride(void *context)
{
	for (int round = 0; round < TURNS; round++) {
		struct arena *arena = arena_new();

		rider_run(context, arena, round);
		arena_free(arena);
	}
	return NULL;
}

static void what_goes_together_stays_apart(void **state)
{
	struct fixture *fixture = *state;
	struct rider riders[THREADS];
	pthread_t threads[THREADS];
	int added = 0;

	assert_int_equal(run(fixture, THING, NULL), FAULT_NONE);
	for (int i = 0; i < THREADS; i++) {
		riders[i] = (struct rider){ .pool = fixture->pool, .number = i };
		assert_int_equal(pthread_create(&threads[i], NULL, ride, &riders[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_null(riders[i].wrong);
		added += riders[i].added;
	}
	assert_true(added > 0);
	assert_int_equal(things(fixture), added);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whoever_waits_too_long_is_told, start, stop),
		cmocka_unit_test_setup_teardown(all_who_wait_get_their_turn, start, stop),
		cmocka_unit_test_setup_teardown(what_goes_together_stays_apart, start, stop),
	};

	return cmocka_run_group_tests_name("turns of batches", tests, NULL, NULL);
}
