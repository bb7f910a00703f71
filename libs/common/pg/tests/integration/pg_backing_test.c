/* Batches on a real PostgreSQL: all or nothing, what is tried again, what a fault tells and what it keeps to itself. */
#include "one_connection.h"
#include "text.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MANY_STATEMENTS 3000

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

/* An index takes 2,704 bytes of a value, however they are packed: digests can't be. */
#define LONG_VALUE "select string_agg(sha512(i::text::bytea)::text, '') from generate_series(1, 40) i"

static void what_is_too_long_is_a_fault_of_who_sent_it(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		run(fixture, "create table wide (value text, constraint wide__value__unique unique (value))", NULL),
		FAULT_NONE);
	assert_int_equal(run(fixture, "insert into wide " LONG_VALUE, NULL), FAULT_INVALID);
	assert_string_equal(fixture->error.sqlstate, "54000");
	assert_string_equal(fixture->error.pointer, "/value");
	assert_string_equal(fixture->error.rule, "length");
}

/* Who reads the log knows why; the next only that it was so. */
static void why_there_is_no_connection_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct pg_options options = fixture->backing->worker;
	struct pg_pool *pool;

	options.conninfo = arena_printf(fixture->arena, "%s dbname=nowhere", options.conninfo);
	pool = pg_pool_new(&options);
	for (int i = 0; i < 2; i++) {
		struct pg_batch *batch = pg_batch_new(fixture->arena);

		pg_add(batch, &session_pid, 0, NULL);
		assert_int_equal(pg_execute(pool, batch, &fixture->error), FAULT_UNAVAILABLE);
		assert_string_equal(fixture->error.sqlstate, "08001");
		assert_non_null(strstr(fixture->error.message, i == 0 ? "\"nowhere\" does not exist" : "a moment ago"));
	}
	pg_pool_free(pool);
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

static void ignore(int signal)
{
	(void)signal;
}

static void a_signal_ends_no_wait(void **state)
{
	const struct sigaction action = { .sa_handler = ignore };
	struct fixture *fixture = *state;

	assert_int_equal(run(fixture, "select 1", NULL), FAULT_NONE); /* connecting is libpq's */
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	assert_int_equal(run(fixture, "select pg_sleep(1.2)", NULL), FAULT_NONE);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_fault_undoes_all, start, stop),
		cmocka_unit_test_setup_teardown(stale_statements_are_prepared_again, start, stop),
		cmocka_unit_test_setup_teardown(what_is_prepared_others_run_by_its_name, start, stop),
		cmocka_unit_test_setup_teardown(a_session_of_ones_own_outlives_stale_statements, start, stop),
		cmocka_unit_test_setup_teardown(a_connection_that_was_closed_is_made_anew, start, stop),
		cmocka_unit_test_setup_teardown(faults_point_and_keep_rows_to_themselves, start, stop),
		cmocka_unit_test_setup_teardown(what_is_too_long_is_a_fault_of_who_sent_it, start, stop),
		cmocka_unit_test_setup_teardown(why_there_is_no_connection_is_told, start, stop),
		cmocka_unit_test_setup_teardown(who_met_one_undone_may_try_again, start, stop),
		cmocka_unit_test_setup_teardown(a_signal_ends_no_wait, start, stop),
		cmocka_unit_test_setup_teardown(arrays_hold_any_text, start, stop),
		cmocka_unit_test_setup_teardown(statements_are_prepared_however_many_there_are, start, stop),
	};

	return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
