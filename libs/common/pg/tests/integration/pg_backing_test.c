/* Batches on a real PostgreSQL: all or nothing, what is tried again, what a fault tells and what it keeps to itself. */
#include "pg.h"

#include "arena.h"
#include "backing.h"
#include "text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define THREADS 8 /* of those that take turns */
#define TURNS   50
#define THING                                                                                                          \
	"create table thing (a integer, secret text, constraint thing__a__positive check (a > 0), "                    \
	"constraint thing__a__unique unique (a))"

static const struct statement all_things = { "all_things", "select a, secret from thing order by a", 0 };
static const struct statement add_thing = { "add_thing", "insert into thing values ($1::integer, $2)", 2 };
static const struct statement session_pid = { "session_pid", "select pg_backend_pid()", 0 };
static const struct statement nap = { "nap", "select pg_sleep(2)", 0 };

#define MANY_STATEMENTS 3000

struct fixture {
	struct backing *backing;
	struct arena *arena;
	struct pg_pool *pool;
	struct pg_error error;
};

/* A pool of one connection, so that each batch meets what the one before left there: the table, the prepared statements. */
static int start(void **state)
{
	static struct fixture fixture;
	struct pg_options options;

	fixture = (struct fixture){ .backing = backing_start(), .arena = arena_new() };
	options = fixture.backing->admin;
	options.conninfo = arena_printf(
		fixture.arena, "%s options='-c search_path=%s_data'", options.conninfo, fixture.backing->service);
	options.size = 1;
	fixture.pool = pg_pool_new(&options);
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;

	pg_pool_free(fixture->pool);
	arena_free(fixture->arena);
	backing_stop(fixture->backing);
	return 0;
}

/* Runs one piece of SQL; *value gets its first value. */
static enum fault run(struct fixture *fixture, const char *sql, const char **value)
{
	struct pg_batch *batch = pg_batch_new(fixture->arena);
	size_t index = pg_add_text(batch, sql, 0, NULL);
	enum fault fault = pg_execute(fixture->pool, batch, &fixture->error);

	if (value)
		*value = fault ? NULL : pg_value(batch, index, 0);
	return fault;
}

static enum fault thing_add(struct fixture *fixture, const char *a, const char *secret)
{
	struct pg_batch *batch = pg_batch_new(fixture->arena);

	pg_add(batch, &add_thing, PG_VALUES(a, secret));
	return pg_execute(fixture->pool, batch, &fixture->error);
}

static int things(struct fixture *fixture)
{
	struct pg_batch *batch = pg_batch_new(fixture->arena);
	size_t index = pg_add(batch, &all_things, 0, NULL);

	assert_int_equal(pg_execute(fixture->pool, batch, &fixture->error), FAULT_NONE);
	return PQntuples(pg_result(batch, index));
}

static void a_fault_undoes_all(void **state)
{
	struct fixture *fixture = *state;
	struct pg_batch *batch = pg_batch_new(fixture->arena);

	assert_int_equal(run(fixture, THING, NULL), FAULT_NONE);
	pg_add(batch, &add_thing, PG_VALUES("1", "one"));
	pg_add_text(batch, "select 1 / 0", 0, NULL);
	pg_add(batch, &add_thing, PG_VALUES("2", "two"));
	assert_int_equal(pg_execute(fixture->pool, batch, &fixture->error), FAULT_INVALID);
	assert_string_equal(fixture->error.sqlstate, "22012");
	assert_int_equal(things(fixture), 0);
}

static void stale_statements_are_prepared_again(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(run(fixture, THING, NULL), FAULT_NONE);
	assert_int_equal(things(fixture), 0);
	assert_int_equal(run(fixture, "deallocate all", NULL), FAULT_NONE);
	assert_int_equal(thing_add(fixture, "1", "one"), FAULT_NONE);
	assert_int_equal(things(fixture), 1);
	/* The plan that was kept would return another type now. */
	assert_int_equal(run(fixture, "alter table thing alter secret type varchar(5)", NULL), FAULT_NONE);
	assert_int_equal(run(fixture, "alter table thing alter a type bigint", NULL), FAULT_NONE);
	assert_int_equal(things(fixture), 1);
}

/* Also after PostgreSQL lost it. */
static void what_is_prepared_others_run_by_its_name(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(run(fixture, THING, NULL), FAULT_NONE);
	for (int i = 1; i <= 2; i++) {
		struct pg_batch *batch = pg_batch_new(fixture->arena);

		pg_add_prepared(batch, &add_thing);
		pg_add_text(batch, arena_printf(fixture->arena, "execute add_thing (%d, 'some')", i), 0, NULL);
		assert_int_equal(pg_execute(fixture->pool, batch, &fixture->error), FAULT_NONE);
		assert_int_equal(things(fixture), i);
		assert_int_equal(run(fixture, "deallocate all", NULL), FAULT_NONE);
	}
}

/* A worker's connection holds locks: what is stale is prepared again in the session that it is. */
static void a_session_of_ones_own_outlives_stale_statements(void **state)
{
	struct fixture *fixture = *state;
	struct pg_options options = fixture->backing->worker;
	const char *problem = NULL;
	struct pg_connection *own = pg_open(fixture->arena, &options, &problem);
	const char *pids[3];

	assert_non_null(own);
	for (int i = 0; i < 3; i++) {
		struct pg_batch *batch = pg_batch_new(fixture->arena);
		size_t index = pg_add(batch, &session_pid, 0, NULL);

		assert_int_equal(pg_execute_on(own, batch, &fixture->error), FAULT_NONE);
		pids[i] = pg_value(batch, index, 0);
		batch = pg_batch_new(fixture->arena);
		pg_add_text(batch, i == 0 ? "deallocate all" : "select 1", 0, NULL);
		assert_int_equal(pg_execute_on(own, batch, &fixture->error), FAULT_NONE);
	}
	assert_string_equal(pids[0], pids[1]);
	assert_string_equal(pids[0], pids[2]);
	assert_true(pg_alive(own));
	backing_sql(fixture->backing, "select pg_terminate_backend(%s, 60000)", pids[0]);
	assert_false(pg_alive(own));
	pg_close(own);
}

static void a_connection_that_was_closed_is_made_anew(void **state)
{
	struct fixture *fixture = *state;
	const char *first;
	const char *second;

	assert_int_equal(run(fixture, "select pg_backend_pid()", &first), FAULT_NONE);
	backing_sql(fixture->backing, "select pg_terminate_backend(%s, 60000)", first);
	assert_int_equal(run(fixture, "select pg_backend_pid()", &second), FAULT_NONE);
	assert_string_not_equal(first, second);
}

static void faults_point_and_keep_rows_to_themselves(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(run(fixture, THING, NULL), FAULT_NONE);
	assert_int_equal(thing_add(fixture, "0", "nobody's business"), FAULT_INVALID);
	assert_string_equal(fixture->error.pointer, "/a");
	assert_string_equal(fixture->error.rule, "positive");
	assert_string_equal(fixture->error.statement, "add_thing");
	assert_null(fixture->error.detail);
	assert_null(strstr(fixture->error.message, "nobody's business"));
	assert_int_equal(thing_add(fixture, "1", "one"), FAULT_NONE);
	assert_int_equal(thing_add(fixture, "1", "nobody's business"), FAULT_DUPLICATE);
	assert_string_equal(fixture->error.detail, "Key (a)=(1) already exists.");
	assert_int_equal(things(fixture), 1);
}

#define INTERNAL_ERROR(message) "do $$ begin raise exception using errcode = 'XX000', message = '" message "'; end $$"

/* An internal error is ours to look at, but for the one that only says that a transaction met another. */
static void who_met_one_undone_may_try_again(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(run(fixture, INTERNAL_ERROR("cache lookup failed"), NULL), FAULT_INTERNAL);
	assert_int_equal(
		run(fixture, INTERNAL_ERROR("new multixact has more than one updating member: 0 2[7, 8]"), NULL),
		FAULT_BUSY);
}

static void arrays_hold_any_text(void **state)
{
	static const char *const items[] = { "", "NULL", "a,b", "{}", "\"", "\\", "\\\"", " x ", "line\nline\t",
		"\xC3\xA8" };
	const size_t count = sizeof(items) / sizeof(items[0]);
	struct fixture *fixture = *state;
	struct text array = text_new(fixture->arena, 1024);
	struct text none = text_new(fixture->arena, 16);
	struct pg_batch *batch = pg_batch_new(fixture->arena);
	size_t index;
	size_t empty;

	for (size_t i = 0; i < count; i++)
		pg_array_add(&array, items[i]);
	index = pg_add_text(batch, "select item from unnest($1::text[]) with ordinality as t (item, n) order by n",
		PG_VALUES(pg_array_end(&array)));
	empty = pg_add_text(batch, "select cardinality($1::text[])", PG_VALUES(pg_array_end(&none)));
	assert_int_equal(pg_execute(fixture->pool, batch, &fixture->error), FAULT_NONE);
	assert_int_equal(PQntuples(pg_result(batch, index)), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(PQgetvalue(pg_result(batch, index), (int)i, 0), items[i]);
	assert_string_equal(pg_value(batch, empty, 0), "0");
}

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

/* A program has as many named statements as its tables make: no number of them is a limit. */
static void statements_are_prepared_however_many_there_are(void **state)
{
	struct fixture *fixture = *state;
	struct statement *many = arena_array(fixture->arena, MANY_STATEMENTS, sizeof(*many));

	for (int i = 0; i < MANY_STATEMENTS; i++)
		many[i] = (struct statement){ arena_printf(fixture->arena, "many_%d", i),
			arena_printf(fixture->arena, "select %d", i), 0 };
	for (int round = 0; round < 2; round++) {
		struct pg_batch *batch = pg_batch_new(fixture->arena);

		for (int i = 0; i < MANY_STATEMENTS; i++)
			pg_add(batch, &many[i], 0, NULL);
		assert_int_equal(pg_execute(fixture->pool, batch, &fixture->error), FAULT_NONE);
		for (int i = 0; i < MANY_STATEMENTS; i++)
			assert_string_equal(pg_value(batch, (size_t)i, 0), arena_printf(fixture->arena, "%d", i));
	}
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
		cmocka_unit_test_setup_teardown(a_fault_undoes_all, start, stop),
		cmocka_unit_test_setup_teardown(stale_statements_are_prepared_again, start, stop),
		cmocka_unit_test_setup_teardown(what_is_prepared_others_run_by_its_name, start, stop),
		cmocka_unit_test_setup_teardown(a_session_of_ones_own_outlives_stale_statements, start, stop),
		cmocka_unit_test_setup_teardown(a_connection_that_was_closed_is_made_anew, start, stop),
		cmocka_unit_test_setup_teardown(faults_point_and_keep_rows_to_themselves, start, stop),
		cmocka_unit_test_setup_teardown(who_met_one_undone_may_try_again, start, stop),
		cmocka_unit_test_setup_teardown(arrays_hold_any_text, start, stop),
		cmocka_unit_test_setup_teardown(whoever_waits_too_long_is_told, start, stop),
		cmocka_unit_test_setup_teardown(statements_are_prepared_however_many_there_are, start, stop),
		cmocka_unit_test_setup_teardown(all_who_wait_get_their_turn, start, stop),
		cmocka_unit_test_setup_teardown(what_goes_together_stays_apart, start, stop),
	};

	return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
