/* The thread of a worker: without PostgreSQL. */
#include "arena.h"
#include "clock.h"
#include "worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define WAIT_MS 5000

struct counted {
	atomic_int steps;
	int wait_ms;
	bool database;
	atomic_int faults;
};

static int count(void *context, struct worker *worker)
{
	struct counted *counted = context;
	struct pg_error error = { 0 };
	struct pg_batch *batch = pg_batch_new(worker_arena(worker));

	pg_add_text(batch, "select 1", 0, NULL);
	if (counted->database && worker_execute(worker, batch, &error) == FAULT_UNAVAILABLE && error.message &&
		worker_session(worker) == 0)
		atomic_fetch_add(&counted->faults, 1);
	atomic_fetch_add(&counted->steps, 1);
	return counted->wait_ms;
}

static struct worker *start(struct counted *counted)
{
	const struct worker_options options = {
		.name = "test",
		.service = "test",
		.database = { .conninfo = "host=127.0.0.1 port=1 dbname=none", .application = "test" },
		.step = count,
		.context = counted,
	};
	struct worker *worker = worker_new(&options);

	worker_start(worker);
	return worker;
}

static bool reaches(atomic_int *number, int wanted)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int64_t deadline = clock_monotonic() + WAIT_MS;

	while (atomic_load(number) < wanted && clock_monotonic() < deadline)
		nanosleep(&pause, NULL);
	return atomic_load(number) >= wanted;
}

static void a_step_is_repeated_after_its_wait(void **state)
{
	struct counted counted = { .wait_ms = 20 };
	int64_t began = clock_monotonic();
	struct worker *worker = start(&counted);

	(void)state;
	assert_true(reaches(&counted.steps, 5));
	assert_true(clock_monotonic() - began >= 60);
	worker_stop(worker);
}

static void a_wake_and_the_end_cut_a_wait_short(void **state)
{
	struct counted counted = { .wait_ms = 3600000 };
	struct worker *worker = start(&counted);
	int64_t began = clock_monotonic();

	(void)state;
	assert_true(reaches(&counted.steps, 1));
	for (int i = 2; i < 10; i++) {
		worker_wake(worker);
		assert_true(reaches(&counted.steps, i));
	}
	worker_stop(worker);
	assert_true(clock_monotonic() - began < WAIT_MS);
}

static void without_postgresql_a_step_gets_a_fault_at_once(void **state)
{
	struct counted counted = { .wait_ms = 1, .database = true };
	struct worker *worker = start(&counted);

	(void)state;
	assert_true(reaches(&counted.faults, 20));
	worker_stop(worker);
}

static void waits_grow_to_their_limit(void **state)
{
	int wait_ms = worker_backoff(0);

	(void)state;
	assert_int_equal(wait_ms, WORKER_BACKOFF_FIRST_MS);
	for (int i = 0; i < 20; i++) {
		assert_true(worker_backoff(wait_ms) >= wait_ms);
		wait_ms = worker_backoff(wait_ms);
	}
	assert_int_equal(wait_ms, WORKER_BACKOFF_MAX_MS);
}

static void stopping_nothing_is_fine(void **state)
{
	(void)state;
	worker_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_is_repeated_after_its_wait),
		cmocka_unit_test(a_wake_and_the_end_cut_a_wait_short),
		cmocka_unit_test(without_postgresql_a_step_gets_a_fault_at_once),
		cmocka_unit_test(waits_grow_to_their_limit),
		cmocka_unit_test(stopping_nothing_is_fine),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
