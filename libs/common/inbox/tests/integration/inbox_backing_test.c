/* The inbox between a real Kafka and a real PostgreSQL. */
#include "things.h"

static void a_duplicate_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);

	for (int i = 0; i < 5; i++) {
		send_thing(fixture, backing->topic, "a", "thing 1", 1);
		send_thing(fixture, backing->topic, "b", "thing 1", 2);
	}
	settle(fixture, backing->topic, "thing 1");
	/* The same event over another topic is the same event. */
	send_thing(fixture, fixture->other, "b", "thing 1", 2);
	settle(fixture, fixture->other, "thing 1");
	assert_string_equal(backing_sql(backing, "select times from thing where id = 'thing 1'"), "4");
	assert_string_equal(backing_sql(backing, "select tenant_id from thing"), TENANT);
	assert_int_equal(inbox_dead_letters(inbox), 0);
	inbox_stop(inbox);
}

static void an_older_revision_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);

	send_thing(fixture, backing->topic, "new", "thing 1", 7);
	flush(fixture);
	assert_true(backing_until(backing, "7", "select coalesce(max(revision), 0) from thing"));
	send_thing(fixture, fixture->other, "old", "thing 1", 6);
	send_thing(fixture, fixture->other, "same", "thing 1", 7);
	send_thing(fixture, fixture->other, "next", "thing 1", 8);
	flush(fixture);
	assert_true(backing_until(backing, "8", "select max(revision) from thing"));
	assert_string_equal(backing_sql(backing, "select times from thing"), "2");
	assert_string_equal(
		backing_sql(backing, "select string_agg(event_id, ' ' order by received_at) from inbox"), "new next");
	inbox_stop(inbox);
}

/* An event whose key is the same for all: they come in this order. */
static void send_behind(struct fixture *fixture, const char *type, const char *id, const char *subject, int revision)
{
	struct arena *arena = fixture->backing->arena;
	const char *value = arena_printf(arena, "{\"data\":{\"name\":\"x\"},\"revision\":%d}", revision);
	const struct bus_header headers[] = {
		{ "ce_id", id },
		{ "ce_source", "test" },
		{ "ce_type", arena_printf(arena, "aftercare.%s.changed.v1", type) },
		{ "ce_subject", subject },
		{ "ce_tenant", TENANT },
		{ "traceparent", id },
	};

	send_raw(fixture,
		&(struct bus_message){ .topic = fixture->backing->topic,
			.key = "one",
			.value = value,
			.length = strlen(value),
			.headers = headers,
			.header_count = 6 });
}

/* Parts are gathered from between others, whatever their trace; steps, each of a trace of its own, stay alone and in order. */
static void what_waits_together_is_applied_together(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox;

	send_behind(fixture, "part", "1", "a", 1);
	send_behind(fixture, "step", "2", "s", 1);
	send_behind(fixture, "part", "3", "b", 1);
	send_behind(fixture, "part", "4", "a", 3); /* the same subject again: behind all that is taken with its first */
	send_behind(fixture, "part", "4", "a", 3);
	send_behind(fixture, "part", "5", "a", 2);
	send_behind(fixture, "step", "6", "t", 1);
	send_behind(fixture, "part", "7", "c", 1);
	send_behind(fixture, "thing", "8", "d", 1);
	flush(fixture);
	inbox = inbox_start(&fixture->options);
	assert_true(backing_until(backing, "1", SUM));
	assert_string_equal(
		backing_sql(backing, "select string_agg(array_to_string(subjects, '+'), ' ' order by id) from lot"),
		"a+b+c s a t");
	assert_string_equal(
		backing_sql(backing, "select string_agg(event_id, ' ' order by event_id) from inbox"), "1 2 3 4 6 7 8");
	assert_string_equal(backing_sql(backing, "select revision from inbox_revision where subject = 'a'"), "3");
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inbox);
}

static void what_nobody_wants_is_passed_over(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);
	const struct bus_header headers[] = { { "ce_type", "aftercare.other.changed.v1" } };

	send_raw(fixture,
		&(struct bus_message){ .topic = backing->topic,
			.key = "thing 1",
			.value = "not JSON",
			.length = 8,
			.headers = headers,
			.header_count = 1 });
	settle(fixture, backing->topic, "thing 1");
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inbox);
}

static bool named_r2(const struct inbox_event *event)
{
	return strcmp(json_string_at(event->data, "name"), "r2") == 0;
}

static void what_its_handler_does_not_want_leaves_no_trace(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox;

	fixture->handlers[1].wants = named_r2;
	inbox = inbox_start(&fixture->options);
	send_thing(fixture, fixture->other, "one", "thing 1", 1);
	send_thing(fixture, fixture->other, "two", "thing 1", 2);
	send_thing(fixture, fixture->other, "three", "thing 2", 3);
	flush(fixture);
	settle(fixture, backing->topic, "thing 3");
	assert_true(backing_until(backing, "two", "select event_id from inbox where event_id not like 'settle%%'"));
	assert_true(backing_until(backing, "thing 1 r2", "select id || ' ' || name from thing where id <> 'thing 3'"));
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inbox);
}

static void while_postgresql_is_away_everything_waits(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);

	send_many(fixture, 0, 100);
	assert_true(backing_until(backing, "100", SUM));
	backing_cut(backing);
	send_many(fixture, 100, 400);
	backing_sql(backing, "select pg_sleep(3)");
	assert_string_equal(backing_sql(backing, SUM), "100");
	backing_mend(backing);
	assert_true(backing_until(backing, "500", SUM));
	for (int i = 0; i < 5; i++) {
		send_many(fixture, 500 + i * 100, 100);
		backing_sql(backing,
			"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = "
			"'%s_worker'",
			backing->service);
	}
	assert_true(backing_until(backing, "1000", SUM));
	assert_string_equal(backing_sql(backing, "select max(times) from thing"), "1");
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inbox);
}

static void a_lock_held_long_is_waited_for(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox;

	backing_sql(backing, "alter role %s_worker set lock_timeout = '100ms'", backing->service);
	inbox = inbox_start(&fixture->options);
	backing_sql(backing, "begin; lock table thing in access exclusive mode");
	send_many(fixture, 0, 10);
	backing_sql(backing, "select pg_sleep(2)");
	backing_sql(backing, "commit");
	assert_true(backing_until(backing, "10", SUM));
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inbox);
}

static void replicas_share_and_lose_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inboxes[3] = { inbox_start(&fixture->options), NULL, NULL };

	send_many(fixture, 0, 500);
	inboxes[1] = inbox_start(&fixture->options);
	send_many(fixture, 500, 500);
	assert_true(backing_until(backing, "1000", SUM));
	inboxes[2] = inbox_start(&fixture->options);
	send_many(fixture, 1000, 500);
	inbox_stop(inboxes[0]);
	send_many(fixture, 1500, 500);
	inbox_stop(inboxes[1]);
	assert_true(backing_until(backing, "2000", SUM));
	assert_string_equal(backing_sql(backing, "select max(times) from thing"), "1");
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inboxes[2]);
}

static void stopping_is_quick_and_forgets_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);
	int64_t began;

	send_many(fixture, 0, 50);
	assert_true(backing_until(backing, "50", SUM));
	began = clock_monotonic();
	inbox_stop(inbox);
	assert_in_range(clock_monotonic() - began, 0, 3000);
	inbox = inbox_start(&fixture->options);
	for (int64_t deadline = clock_monotonic() + BACKING_WAIT_MS;
		inbox_lag(inbox) != 0 && clock_monotonic() < deadline;)
		backing_sql(backing, "select pg_sleep(0.05)");
	assert_int_equal(inbox_lag(inbox), 0);
	assert_string_equal(backing_sql(backing, "select max(times) from thing"), "1");
	inbox_stop(inbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_duplicate_changes_nothing, start, stop),
		cmocka_unit_test_setup_teardown(an_older_revision_changes_nothing, start, stop),
		cmocka_unit_test_setup_teardown(what_waits_together_is_applied_together, start, stop),
		cmocka_unit_test_setup_teardown(what_nobody_wants_is_passed_over, start, stop),
		cmocka_unit_test_setup_teardown(what_its_handler_does_not_want_leaves_no_trace, start, stop),
		cmocka_unit_test_setup_teardown(while_postgresql_is_away_everything_waits, start, stop),
		cmocka_unit_test_setup_teardown(a_lock_held_long_is_waited_for, start, stop),
		cmocka_unit_test_setup_teardown(replicas_share_and_lose_nothing, start, stop),
		cmocka_unit_test_setup_teardown(stopping_is_quick_and_forgets_nothing, start, stop),
	};

	return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
