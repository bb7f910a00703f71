/* The inbox between a real Kafka and a real PostgreSQL. */
#include "arena.h"
#include "backing.h"
#include "clock.h"
#include "inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define SUM    "select coalesce(sum(times), 0) from thing"
#define DEAD   "select count(*) from dead_letter"

struct fixture {
	struct backing *backing;
	const char *other; /* a second topic */
	struct bus_producer *producer;
	struct inbox_handler handlers[4];
	struct inbox_options options;
};

static const struct statement thing_keep = {
	"thing_keep",
	"insert into thing (tenant_id, id, name, number, revision, times) values "
	"(current_setting('app.tenant')::uuid, $1, $2, "
	"$3::int, $4::bigint, 1) on conflict (tenant_id, id) do update set name = excluded.name, "
	"number = excluded.number, revision = excluded.revision, times = thing.times + 1",
};

static enum fault thing_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	const char *name = json_string_at(event->data, "name");

	if (!name) {
		*problem = "a thing needs a name";
		return FAULT_INVALID;
	}
	pg_add(batch, &thing_keep,
		PG_VALUES(event->subject, name, json_string_at(event->data, "number"),
			arena_printf(event->arena, "%lld", (long long)event->revision)));
	return FAULT_NONE;
}

static int start(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	struct backing *backing = backing_start();
	const char *problem = NULL;

	fixture->backing = backing;
	fixture->other = arena_printf(backing->arena, "%s-other", backing->topic);
	backing_topic(backing, fixture->other);
	backing_topic(backing, arena_printf(backing->arena, "%s.dlq", fixture->other));
	backing_sql(backing,
		"create table thing (tenant_id uuid, id text, name text, number int, revision bigint, times "
		"int not null,"
		" primary key (tenant_id, id)); alter table thing owner to %1$s_owner;"
		" grant select, insert, update on thing to %1$s_worker",
		backing->service);
	fixture->handlers[0] = (struct inbox_handler){ backing->topic, "aftercare.thing.", thing_apply };
	fixture->handlers[1] =
		(struct inbox_handler){ fixture->other, "aftercare.thing.changed.v1", thing_apply };
	fixture->options = (struct inbox_options){ backing->service, backing->cluster, backing->worker,
		fixture->handlers };
	assert_int_equal(bus_producer_new(backing->arena, &backing->cluster, &fixture->producer, &problem),
		FAULT_NONE);
	*state = fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;

	bus_producer_abort(fixture->producer);
	backing_stop(fixture->backing);
	test_free(fixture);
	return 0;
}

static void send_raw(struct fixture *fixture, const struct bus_message *message)
{
	assert_int_equal(bus_produce(fixture->producer, message, NULL), FAULT_NONE);
}

static void send_value(
	struct fixture *fixture, const char *topic, const char *id, const char *subject, const char *value)
{
	const struct bus_header headers[] = {
		{ "ce_specversion", "1.0" },
		{ "ce_id", id },
		{ "ce_source", "test" },
		{ "ce_type", "aftercare.thing.changed.v1" },
		{ "ce_subject", subject },
		{ "ce_tenant", TENANT },
	};

	send_raw(fixture, &(struct bus_message){ .topic = topic,
				  .key = subject,
				  .value = value,
				  .length = strlen(value),
				  .headers = headers,
				  .header_count = 6 });
}

static void send_thing(
	struct fixture *fixture, const char *topic, const char *id, const char *subject, int revision)
{
	send_value(fixture, topic, id, subject,
		arena_printf(fixture->backing->arena,
			"{\"data\":{\"name\":\"r%d\",\"number\":\"%d\"},\"revision\":%d}", revision, revision,
			revision));
}

static void send_many(struct fixture *fixture, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		const char *id = arena_printf(fixture->backing->arena, "%d", i);

		send_thing(fixture, fixture->backing->topic, id, id, 1);
	}
	assert_int_equal(bus_flush(fixture->producer, BACKING_WAIT_MS), FAULT_NONE);
}

static void flush(struct fixture *fixture)
{
	assert_int_equal(bus_flush(fixture->producer, BACKING_WAIT_MS), FAULT_NONE);
}

/* Sends a last event and waits until it is applied: all before it in its partition are dealt with. */
static void settle(struct fixture *fixture, const char *topic, const char *key)
{
	static int number;
	const char *id = arena_printf(fixture->backing->arena, "settle %d", ++number);

	send_thing(fixture, topic, id, key, 1000000 + number);
	flush(fixture);
	assert_true(backing_until(fixture->backing, "1",
		arena_printf(
			fixture->backing->arena, "select count(*) from inbox where event_id = '%s'", id)));
}

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
		backing_sql(backing, "select string_agg(event_id, ' ' order by received_at) from inbox"),
		"new next");
	inbox_stop(inbox);
}

static void what_nobody_wants_is_passed_over(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);
	const struct bus_header headers[] = { { "ce_type", "aftercare.other.changed.v1" } };

	send_raw(fixture, &(struct bus_message){ .topic = backing->topic,
				  .key = "thing 1",
				  .value = "not JSON",
				  .length = 8,
				  .headers = headers,
				  .header_count = 1 });
	settle(fixture, backing->topic, "thing 1");
	assert_string_equal(backing_sql(backing, DEAD), "0");
	inbox_stop(inbox);
}

/* One of each kind of what can never be applied; returns how many. */
static int send_poison(struct fixture *fixture)
{
	const char *topic = fixture->backing->topic;
	const struct bus_header no_tenant[] = { { "ce_id", "p6" }, { "ce_source", "test" },
		{ "ce_type", "aftercare.thing.changed.v1" }, { "ce_subject", "thing 1" },
		{ "ce_tenant", "nobody" } };

	send_value(fixture, topic, "p1", "thing 1", "not JSON");
	send_value(fixture, topic, "p2", "thing 1", "{\"data\":{},\"data\":{},\"revision\":1}");
	send_value(fixture, topic, "p3", "thing 1", "{\"data\":{\"name\":\"x\"}}");
	send_value(fixture, topic, "p4", "thing 1", "{\"data\":{},\"revision\":1}");
	send_value(fixture, topic, "p5", "thing 1",
		"{\"data\":{\"name\":\"x\",\"number\":\"seven\"},\"revision\":1}");
	send_raw(fixture, &(struct bus_message){ .topic = topic,
				  .key = "thing 1",
				  .value = "{}",
				  .length = 2,
				  .headers = no_tenant,
				  .header_count = 5 });
	send_raw(fixture, &(struct bus_message){
				  .topic = topic, .key = "thing 1", .value = "\xff\x00\xfe", .length = 3 });
	send_raw(fixture, &(struct bus_message){ .topic = topic, .key = "thing 1" });
	return 8;
}

static void poison_goes_to_the_dead_letters_and_holds_up_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	const char *const dlq[] = { arena_printf(backing->arena, "%s.dlq", backing->topic), NULL };
	struct inbox *inbox = inbox_start(&fixture->options);
	struct bus_consumer *reader = NULL;
	const struct bus_message *message = NULL;
	const char *problem = NULL;
	int poisons = send_poison(fixture);

	settle(fixture, backing->topic, "thing 1");
	assert_int_equal(inbox_dead_letters(inbox), poisons);
	assert_int_equal(atoi(backing_sql(backing, DEAD)), poisons);
	assert_string_equal(
		backing_sql(backing, "select count(*) from dead_letter where tenant_id is null"), "3");
	assert_string_equal(
		backing_sql(backing, "select error from dead_letter where headers ->> 'ce_id' = 'p4'"),
		"a thing needs a name");
	assert_string_equal(
		backing_sql(backing,
			"select substr(error, 1, 5) from dead_letter where headers ->> 'ce_id' = 'p5'"),
		"22P02");
	assert_string_equal(
		backing_sql(backing, "select value from dead_letter where value like 'base64url:%%'"),
		"base64url:_wD-");
	assert_int_equal(
		bus_consumer_new(backing->arena, &backing->cluster, "reader", dlq, &reader, &problem),
		FAULT_NONE);
	for (int64_t deadline = clock_monotonic() + BACKING_WAIT_MS;
		poisons && clock_monotonic() < deadline;) {
		(void)!bus_poll(reader, backing->arena, 100, &message);
		if (!message)
			continue;
		poisons--;
		assert_string_equal(bus_header_value(message, "aftercare_topic"), backing->topic);
		assert_string_equal(bus_header_value(message, "aftercare_consumer"), backing->service);
		assert_non_null(bus_header_value(message, "aftercare_offset"));
		assert_true(strlen(bus_header_value(message, "aftercare_error")) > 5);
	}
	assert_int_equal(poisons, 0);
	bus_consumer_free(reader);
	inbox_stop(inbox);
}

static void dead_letters_are_replayed(void **state)
{
	struct fixture *fixture = *state;
	struct backing *backing = fixture->backing;
	struct inbox *inbox = inbox_start(&fixture->options);
	const char *problem = "";
	int count = -1;

	backing_sql(backing, "alter table thing add constraint small check (number < 5)");
	for (int i = 1; i <= 9; i++) {
		const char *id = arena_printf(backing->arena, "thing %d", i);

		send_thing(fixture, backing->topic, id, id, i);
	}
	flush(fixture);
	assert_true(backing_until(backing, "5", DEAD));
	assert_true(backing_until(backing, "4", SUM));
	backing_sql(backing, "alter table thing drop constraint small");
	assert_int_equal(inbox_replay(backing->arena, &fixture->options,
				 "018f0000-0000-7000-8000-000000000002", NULL, &count, &problem),
		FAULT_NONE);
	assert_int_equal(count, 0);
	assert_int_equal(inbox_replay(backing->arena, &fixture->options, NULL,
				 backing_sql(backing,
					 "select id from dead_letter where headers ->> 'ce_id' = 'thing 9'"),
				 &count, &problem),
		FAULT_NONE);
	assert_int_equal(count, 1);
	assert_true(backing_until(backing, "5", SUM));
	assert_int_equal(
		inbox_replay(backing->arena, &fixture->options, TENANT, NULL, &count, &problem), FAULT_NONE);
	assert_int_equal(count, 4);
	assert_true(backing_until(backing, "9", SUM));
	assert_int_equal(
		inbox_replay(backing->arena, &fixture->options, NULL, NULL, &count, &problem), FAULT_NONE);
	assert_int_equal(count, 0);
	assert_string_equal(
		backing_sql(backing, "select count(*) from dead_letter where replayed_at is not null"), "5");
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
		cmocka_unit_test_setup_teardown(what_nobody_wants_is_passed_over, start, stop),
		cmocka_unit_test_setup_teardown(
			poison_goes_to_the_dead_letters_and_holds_up_nothing, start, stop),
		cmocka_unit_test_setup_teardown(dead_letters_are_replayed, start, stop),
		cmocka_unit_test_setup_teardown(while_postgresql_is_away_everything_waits, start, stop),
		cmocka_unit_test_setup_teardown(a_lock_held_long_is_waited_for, start, stop),
		cmocka_unit_test_setup_teardown(replicas_share_and_lose_nothing, start, stop),
		cmocka_unit_test_setup_teardown(stopping_is_quick_and_forgets_nothing, start, stop),
	};

	return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
