/* Timers on a real PostgreSQL. */
#include "arena.h"
#include "backing.h"
#include "clock.h"
#include "timer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define LEFT   "select count(*) from timer"

static const struct statement fired_note = {
	"fired_note",
	"insert into fired (tenant_id, subject) values (current_setting('app.tenant')::uuid, $1)",
};

static const struct statement forget = { "forget", "delete from timer where subject = $1" };

static const struct statement work_slow = { "work_slow", "select pg_sleep(0.05)" };

static const struct statement work_refused = { "work_refused", "select 1 / 0" };

/* The subject says what happens. */
static enum fault fire(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	if (strcmp(timer->subject, "unfit") == 0) {
		*problem = "no such thing";
		return FAULT_INVALID;
	}
	if (strcmp(timer->subject, "twice") == 0 && timer->attempts == 0) {
		pg_add(batch, &work_refused, 0, NULL);
		return FAULT_NONE;
	}
	if (strcmp(timer->subject, "forgotten") == 0)
		pg_add(batch, &forget, PG_VALUES(timer->subject));
	pg_add(batch, &work_slow, 0, NULL);
	pg_add(batch, &fired_note, PG_VALUES(timer->subject));
	return FAULT_NONE;
}

static const struct timer_handler handlers[] = { { "remind", fire }, { NULL, NULL } };

static int start(void **state)
{
	struct backing *backing = backing_start();

	backing_sql(backing,
		"create table fired (tenant_id uuid, subject text, at timestamptz default clock_timestamp());"
		"alter table fired owner to %1$s_owner; grant select, insert on fired to %1$s_worker",
		backing->service);
	*state = backing;
	return 0;
}

static int stop(void **state)
{
	backing_stop(*state);
	return 0;
}

static struct timers *timers_of(struct backing *backing)
{
	const struct timers_options options = { backing->service, backing->worker, handlers };

	return timers_start(&options);
}

static void set(struct backing *backing, const char *kind, const char *subject, const char *in)
{
	backing_sql(backing,
		"insert into timer (tenant_id, kind, subject, due_at) values ('" TENANT
		"', '%s', '%s', base.clock() + '%s')",
		kind, subject, in);
}

static void what_is_due_fires_and_goes(void **state)
{
	struct backing *backing = *state;
	struct timers *timers = timers_of(backing);

	set(backing, "remind", "now", "0s");
	set(backing, "remind", "soon", "1500ms");
	set(backing, "remind", "tomorrow", "1 day");
	set(backing, "another", "now", "0s");
	assert_true(backing_until(backing, "2", "select count(*) from fired"));
	assert_true(backing_until(backing, "2", LEFT));
	assert_string_equal(backing_sql(backing, "select string_agg(subject, ' ' order by at) from fired"), "now soon");
	assert_string_equal(backing_sql(backing, "select distinct tenant_id from fired"), TENANT);
	assert_string_equal(
		backing_sql(backing, "select string_agg(kind || ' ' || subject, ', ' order by kind) from timer"),
		"another now, remind tomorrow");
	assert_int_equal(timers_failed(timers), 0);
	timers_stop(timers);
}

static void what_is_done_may_remove_its_timer(void **state)
{
	struct backing *backing = *state;
	struct timers *timers = timers_of(backing);

	set(backing, "remind", "forgotten", "0s");
	assert_true(backing_until(backing, "1", "select count(*) from fired"));
	assert_true(backing_until(backing, "0", LEFT));
	assert_int_equal(timers_failed(timers), 0);
	timers_stop(timers);
}

static void replicas_fire_each_once(void **state)
{
	struct backing *backing = *state;
	struct timers *timers[3];

	for (int i = 0; i < 120; i++)
		set(backing, "remind", arena_printf(backing->arena, "%d", i), "0s");
	for (int i = 0; i < 3; i++)
		timers[i] = timers_of(backing);
	backing_sql(backing, "select pg_sleep(1)");
	backing_sql(backing,
		"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '%s_worker'",
		backing->service);
	assert_true(backing_until(backing, "0", LEFT));
	assert_string_equal(backing_sql(backing, "select count(*) from fired"), "120");
	assert_string_equal(backing_sql(backing, "select count(distinct subject) from fired"), "120");
	for (int i = 0; i < 3; i++)
		timers_stop(timers[i]);
}

static void what_moves_meanwhile_is_not_done(void **state)
{
	struct backing *backing = *state;
	struct timers *timers;

	set(backing, "remind", "moved", "0s");
	/* Someone moves the timer in a transaction that is open when it is found due. */
	backing_sql(backing, "begin; update timer set due_at = base.clock() + interval '1 day'");
	timers = timers_of(backing);
	backing_sql(backing, "select pg_sleep(1)");
	backing_sql(backing, "commit");
	backing_sql(backing, "select pg_sleep(1)");
	assert_string_equal(backing_sql(backing, "select count(*) from fired"), "0");
	assert_string_equal(backing_sql(backing, LEFT), "1");
	assert_int_equal(timers_failed(timers), 0);
	timers_stop(timers);
}

static void a_failed_one_waits_and_holds_up_nothing(void **state)
{
	struct backing *backing = *state;
	struct timers *timers = timers_of(backing);

	set(backing, "remind", "unfit", "-2s");
	set(backing, "remind", "twice", "-1s");
	set(backing, "remind", "fine", "0s");
	assert_true(backing_until(backing, "1", "select count(*) from fired"));
	assert_true(
		backing_until(backing, "2", "select count(*) from timer where attempts = 1 and due_at > base.clock()"));
	assert_int_equal(timers_failed(timers), 2);
	backing_sql(backing, "update timer set due_at = base.clock()");
	assert_true(backing_until(backing, "2", "select count(*) from fired"));
	assert_true(backing_until(backing, "unfit 2", "select string_agg(subject || ' ' || attempts, ',') from timer"));
	assert_string_equal(backing_sql(backing, "select due_at - base.clock() > interval '6 s' from timer"), "t");
	timers_stop(timers);
}

/* Whether a text stands in a file that is being written. */
static bool file_has(FILE *file, const char *text)
{
	char line[4096];
	bool found = false;

	rewind(file);
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, text) != NULL;
	return found;
}

static void why_timers_wait_is_what_postgresql_said(void **state)
{
	struct backing *backing = *state;
	struct timers *timers;
	FILE *log = tmpfile();
	int kept = dup(STDERR_FILENO);
	int64_t deadline = clock_monotonic() + BACKING_WAIT_MS;
	bool told = false;

	assert_non_null(log);
	assert_int_equal(fcntl(fileno(log), F_SETFL, O_APPEND), 0); /* who reads moves the place */
	assert_true(dup2(fileno(log), STDERR_FILENO) >= 0);
	backing_sql(backing, "revoke update on timer from %s_worker", backing->service);
	set(backing, "remind", "unfit", "0s");
	timers = timers_of(backing);
	while (!told && clock_monotonic() < deadline) {
		backing_sql(backing, "select pg_sleep(0.02)");
		told = file_has(log, "\"message\":\"timers wait\",\"why\":\"42501 permission denied");
	}
	timers_stop(timers);
	dup2(kept, STDERR_FILENO);
	close(kept);
	fclose(log);
	assert_true(told);
}

static void while_postgresql_is_away_timers_wait(void **state)
{
	struct backing *backing = *state;
	struct timers *timers = timers_of(backing);

	set(backing, "remind", "first", "0s");
	assert_true(backing_until(backing, "1", "select count(*) from fired"));
	backing_cut(backing);
	set(backing, "remind", "second", "0s");
	backing_sql(backing, "select pg_sleep(1)");
	backing_mend(backing);
	assert_true(backing_until(backing, "2", "select count(*) from fired"));
	assert_int_equal(timers_failed(timers), 0);
	timers_stop(timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_due_fires_and_goes, start, stop),
		cmocka_unit_test_setup_teardown(what_is_done_may_remove_its_timer, start, stop),
		cmocka_unit_test_setup_teardown(replicas_fire_each_once, start, stop),
		cmocka_unit_test_setup_teardown(what_moves_meanwhile_is_not_done, start, stop),
		cmocka_unit_test_setup_teardown(a_failed_one_waits_and_holds_up_nothing, start, stop),
		cmocka_unit_test_setup_teardown(why_timers_wait_is_what_postgresql_said, start, stop),
		cmocka_unit_test_setup_teardown(while_postgresql_is_away_timers_wait, start, stop),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
