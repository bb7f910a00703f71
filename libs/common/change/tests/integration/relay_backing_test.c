/* The relay between a real PostgreSQL and a real Kafka. */
#include "arena.h"
#include "backing.h"
#include "clock.h"
#include "relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define UNSENT "select count(*) from change_waiting"
#define GAPS   "select count(*) - max(seq) from change_sent" /* 0 when seq is 1 … n */
#define ROOTS  10
#define KEEP                                                                                                           \
	{                                                                                                              \
		.answers = 7, .sent = 30, .dead_letters = 90                                                           \
	}

static int start(void **state)
{
	*state = backing_start();
	return 0;
}

static int stop(void **state)
{
	backing_stop(*state);
	return 0;
}

static struct relay *relay_of(struct backing *backing)
{
	const struct relay_options options = { backing->service, backing->cluster, backing->worker, KEEP };

	return relay_start(&options);
}

/* Changes of ROOTS aggregates in turn, each with revisions counting up. */
static void write_changes(struct backing *backing, int from, int count)
{
	backing_sql(backing,
		"insert into change (tenant_id, aggregate, aggregate_id, resource, resource_id, type, "
		"revision, data, changed,"
		" traceparent) select '" TENANT "', 'thing', id, 'thing', id, 'thing.changed', 1 + n / %d,"
		" json_build_object('id', id, 'n', n), array['n'], '00-1-2-01'"
		" from (select n, ('00000000-0000-0000-0000-' || lpad((n %% %d)::text, 12, '0'))::uuid as id"
		" from generate_series(%d, %d) n) s order by n",
		ROOTS, ROOTS, from, from + count - 1);
}

struct reader {
	struct bus_consumer *consumer;
	int *times;         /* how often n was read */
	int count;          /* different ones */
	int highest[ROOTS]; /* of those read for the first time */
};

static void reader_open(struct backing *backing, struct reader *reader, int total)
{
	const char *const topics[] = { backing->topic, NULL };
	const char *problem = NULL;

	*reader = (struct reader){ .times = arena_array(backing->arena, (size_t)total, sizeof(int)) };
	memset(reader->highest, -1, sizeof(reader->highest));
	assert_int_equal(bus_consumer_new(backing->arena, &backing->cluster, backing->service, topics,
				 &reader->consumer, &problem),
		FAULT_NONE);
}

/* Reads until `total` different ones came; first comings of an aggregate must be in order. */
static void read_all(struct reader *reader, int total)
{
	int64_t deadline = clock_monotonic() + BACKING_WAIT_MS;

	while (reader->count < total && clock_monotonic() < deadline) {
		struct arena *arena = arena_new();
		const struct bus_message *message = NULL;
		const char *value;

		if (bus_poll(reader->consumer, arena, 100, &message) == FAULT_NONE && message) {
			int n;

			value = strstr(message->value, "\"n\" : ");
			assert_non_null(value);
			n = atoi(value + 6);
			assert_in_range(n, 0, total - 1);
			if (reader->times[n]++ == 0) {
				assert_true(reader->highest[n % ROOTS] < n);
				reader->highest[n % ROOTS] = n;
				reader->count++;
			}
		}
		arena_free(arena);
	}
	assert_int_equal(reader->count, total);
}

static void a_change_becomes_a_cloud_event(void **state)
{
	struct backing *backing = *state;
	struct relay *relay = relay_of(backing);
	const char *const topics[] = { backing->topic, NULL };
	const struct bus_message *message = NULL;
	struct bus_consumer *consumer = NULL;
	const char *problem = NULL;
	int64_t at;

	write_changes(backing, 3, 1);
	relay_wake(relay);
	assert_int_equal(
		bus_consumer_new(backing->arena, &backing->cluster, "g", topics, &consumer, &problem), FAULT_NONE);
	for (int64_t deadline = clock_monotonic() + BACKING_WAIT_MS; !message && clock_monotonic() < deadline;)
		(void)!bus_poll(consumer, backing->arena, 100, &message);
	assert_non_null(message);
	assert_string_equal(message->key, TENANT "/00000000-0000-0000-0000-000000000003");
	assert_string_equal(bus_header_value(message, "ce_specversion"), "1.0");
	assert_string_equal(bus_header_value(message, "ce_id"), "1");
	assert_string_equal(bus_header_value(message, "ce_source"), backing->topic);
	assert_string_equal(bus_header_value(message, "ce_type"), "aftercare.thing.changed.v1");
	assert_string_equal(bus_header_value(message, "ce_subject"), "00000000-0000-0000-0000-000000000003");
	assert_string_equal(bus_header_value(message, "ce_tenant"), TENANT);
	assert_string_equal(bus_header_value(message, "content-type"), "application/json");
	assert_string_equal(bus_header_value(message, "traceparent"), "00-1-2-01");
	assert_true(clock_parse(bus_header_value(message, "ce_time"), &at));
	assert_string_equal(message->value,
		"{\"data\":{\"id\" : \"00000000-0000-0000-0000-000000000003\", \"n\" : 3},"
		"\"revision\":1,\"changed\":[\"n\"]}");
	assert_true(backing_until(backing, "0", UNSENT));
	assert_string_equal(backing_sql(backing, "select seq from change_sent"), "1");
	bus_consumer_free(consumer);
	relay_stop(relay);
}

static void many_changes_arrive_in_order_and_numbered(void **state)
{
	struct backing *backing = *state;
	struct relay *relay;
	struct reader reader;

	write_changes(backing, 0, 10000);
	relay = relay_of(backing);
	reader_open(backing, &reader, 10000);
	read_all(&reader, 10000);
	assert_true(backing_until(backing, "0", UNSENT));
	assert_string_equal(backing_sql(backing, GAPS), "0");
	for (int i = 0; i < 10000; i++)
		assert_int_equal(reader.times[i], 1);
	assert_int_equal(relay_age_ms(relay) < 60000, 1);
	bus_consumer_free(reader.consumer);
	relay_stop(relay);
}

static void what_commits_late_is_not_passed_over(void **state)
{
	struct backing *backing = *state;
	struct relay *relay = relay_of(backing);
	struct reader reader;
	PGconn *late;
	const char *problem = NULL;

	late = pg_connect(backing->arena, &backing->admin, &problem);
	assert_non_null(late);
	PQclear(PQexec(late, arena_printf(backing->arena, "begin; set search_path = %s_data, base", backing->service)));
	PQclear(PQexec(late,
		"insert into change (tenant_id, aggregate, aggregate_id, resource, resource_id, "
		"type, revision,"
		" data) select '" TENANT "', 'thing', id, 'thing', id, 'thing.created', 1,"
		" json_build_object('n', 0) from (select gen_random_uuid() as id) s"));
	write_changes(backing, 1, 5);
	relay_wake(relay);
	assert_true(backing_until(backing, "5", "select count(*) from change_sent"));
	PQclear(PQexec(late, "commit"));
	PQfinish(late);
	relay_wake(relay);
	assert_true(backing_until(backing, "0", UNSENT));
	assert_string_equal(backing_sql(backing, "select seq from change_sent order by id limit 1"), "6");
	reader_open(backing, &reader, 6);
	read_all(&reader, 6);
	bus_consumer_free(reader.consumer);
	relay_stop(relay);
}

static void nothing_is_lost_when_sessions_end(void **state)
{
	struct backing *backing = *state;
	struct relay *relays[2] = { relay_of(backing), relay_of(backing) };
	struct reader reader;

	for (int i = 0; i < 20; i++) {
		write_changes(backing, i * 500, 500);
		relay_wake(relays[0]);
		relay_wake(relays[1]);
		if (i % 4 == 2)
			backing_sql(backing,
				"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename "
				"= '%s_worker'",
				backing->service);
	}
	reader_open(backing, &reader, 10000);
	read_all(&reader, 10000);
	assert_true(backing_until(backing, "0", UNSENT));
	assert_string_equal(backing_sql(backing, GAPS), "0");
	assert_string_equal(backing_sql(backing, "select last_seq from relay_state"), "10000");
	bus_consumer_free(reader.consumer);
	relay_stop(relays[0]);
	relay_stop(relays[1]);
}

static void one_relays_and_another_takes_over(void **state)
{
	struct backing *backing = *state;
	struct relay *first = relay_of(backing);
	struct relay *second;

	assert_true(backing_until(backing, "1",
		"select count(*) from pg_locks where locktype = 'advisory' and granted"
		" and database = (select oid from pg_database where datname = 'aftercare')"
		" and pid in (select pid from pg_stat_activity where usename ="
		" replace(current_schema, '_data', '_worker'))"));
	write_changes(backing, 0, 1);
	assert_true(backing_until(backing, "0", UNSENT));
	second = relay_of(backing);
	write_changes(backing, 1, 100);
	assert_true(backing_until(backing, "0", UNSENT));
	assert_int_equal(relay_waiting(second), -1);
	assert_true(relay_waiting(first) >= 0);
	relay_stop(first);
	write_changes(backing, 101, 100);
	assert_true(backing_until(backing, "0", UNSENT));
	assert_string_equal(backing_sql(backing, GAPS), "0");
	relay_stop(second);
}

static void without_kafka_changes_wait_and_are_counted(void **state)
{
	struct backing *backing = *state;
	const struct relay_options nowhere = { backing->service, { "127.0.0.1:1", NULL }, backing->worker, KEEP };
	struct relay *relay = relay_start(&nowhere);
	int64_t began;

	write_changes(backing, 0, 300);
	for (int64_t deadline = clock_monotonic() + BACKING_WAIT_MS;
		relay_waiting(relay) != 300 && clock_monotonic() < deadline;)
		backing_sql(backing, "select pg_sleep(0.02)");
	assert_int_equal(relay_waiting(relay), 300);
	assert_true(relay_age_ms(relay) > 0);
	began = clock_monotonic();
	relay_stop(relay);
	assert_in_range(clock_monotonic() - began, 0, 2 * RELAY_STOP_MS);
	assert_string_equal(backing_sql(backing, UNSENT), "300");
	relay = relay_of(backing);
	assert_true(backing_until(backing, "0", UNSENT));
	relay_stop(relay);
}

static void long_changes_go_in_small_rounds(void **state)
{
	struct backing *backing = *state;
	struct relay *relay;

	backing_sql(backing,
		"insert into change (tenant_id, aggregate, aggregate_id, resource, resource_id, type, "
		"revision,"
		" data) select '" TENANT "', 'thing', gen_random_uuid(), 'thing', gen_random_uuid(),"
		" 'thing.created', 1, json_build_object('text', repeat('x', 1500000))"
		" from generate_series(1, 40)");
	relay = relay_of(backing);
	assert_true(backing_until(backing, "0", UNSENT));
	assert_string_equal(backing_sql(backing, GAPS), "0");
	assert_true(atoi(backing_sql(backing, "select count(distinct sent_at) from change_sent")) >= 5);
	relay_stop(relay);
}

static void what_is_old_is_tidied_up(void **state)
{
	struct backing *backing = *state;
	struct relay *relay;

	backing_sql(backing,
		"insert into inbox (source, event_id, received_at) select 's', n::text, "
		"base.clock() - n * interval '1 day'"
		" from generate_series(25, 35) n; insert into idempotency (tenant_id, key, "
		"hash, status, resource, change_id,"
		" created_at) select '" TENANT "', n::text, '', 201, '', 1, base.clock() - n * interval '1 day'"
		" from generate_series(1, 10) n; do $$ begin execute 'drop table ' || (select "
		"max(inhrelid::regclass::text) from pg_inherits"
		" where inhparent = 'change'::regclass and inhrelid::regclass::text <> "
		"'change_default'); end $$");
	relay = relay_of(backing);
	assert_true(backing_until(backing, "5", "select count(*) from inbox"));
	assert_true(backing_until(backing, "6", "select count(*) from idempotency"));
	assert_true(
		backing_until(backing, "4", "select count(*) from pg_inherits where inhparent = 'change'::regclass"));
	relay_stop(relay);
}

/* Ages in days around what is kept; nothing of what guards against older events goes. */
static void what_was_sent_and_dead_letters_go_after_their_days(void **state)
{
	struct backing *backing = *state;
	struct relay *relay;

	backing_sql(backing,
		"insert into change_sent (seq, id, at, sent_at) select n, n, t.at, t.at from generate_series(1, 10) n,"
		" lateral (select base.clock() - (35.5 - n) * interval '1 day' as at) t;"
		" update relay_state set last_seq = 10;"
		" insert into dead_letter (id, topic, kafka_partition, kafka_offset, headers, error, failed_at, replayed_at)"
		" select gen_random_uuid(), 't', 0, n, '{}', '', t.at, case when n %% 2 = 0 then t.at end"
		" from generate_series(1, 10) n, lateral (select base.clock() - (95.5 - n) * interval '1 day' as at) t;"
		" insert into inbox_revision (source, subject, revision) select 's', n::text, n from generate_series(1, 10) n");
	relay = relay_of(backing);
	assert_true(backing_until(backing, "6/10", "select min(seq) || '/' || max(seq) from change_sent"));
	assert_true(backing_until(
		backing, "6/10", "select min(kafka_offset) || '/' || max(kafka_offset) from dead_letter"));
	assert_string_equal(backing_sql(backing, "select count(*) from inbox_revision"), "10");
	write_changes(backing, 0, 1);
	assert_true(backing_until(backing, "11", "select max(seq) from change_sent"));
	relay_stop(relay);
}

static void what_is_kept_for_ever_stays(void **state)
{
	struct backing *backing = *state;
	const struct relay_options options = { backing->service, backing->cluster, backing->worker, { .answers = 7 } };
	struct relay *relay;

	backing_sql(backing,
		"insert into change_sent (seq, id, at, sent_at) values (1, 1, '2001-01-01', '2001-01-01');"
		" insert into dead_letter (id, topic, kafka_partition, kafka_offset, headers, error, failed_at)"
		" values (gen_random_uuid(), 't', 0, 1, '{}', '', '2001-01-01');"
		" insert into idempotency (tenant_id, key, hash, status, resource, change_id, created_at)"
		" values ('" TENANT "', 'old', '', 201, '', 1, '2001-01-01')");
	relay = relay_start(&options);
	assert_true(backing_until(backing, "0", "select count(*) from idempotency"));
	relay_stop(relay);
	assert_string_equal(backing_sql(backing, "select count(*) from change_sent"), "1");
	assert_string_equal(backing_sql(backing, "select count(*) from dead_letter"), "1");
}

/* More comes of it in a quarter of an hour of a busy service than is removed at once. */
static void much_that_is_old_is_tidied_up_too(void **state)
{
	struct backing *backing = *state;
	struct relay *relay;

	backing_sql(backing,
		"insert into idempotency (tenant_id, key, hash, status, resource, change_id, created_at) select '" TENANT
		"', n::text, '', 201, '', 1, base.clock() - interval '30 days' from generate_series(1, 15000) n");
	relay = relay_of(backing);
	assert_true(backing_until(backing, "0", "select count(*) from idempotency"));
	relay_stop(relay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_change_becomes_a_cloud_event, start, stop),
		cmocka_unit_test_setup_teardown(many_changes_arrive_in_order_and_numbered, start, stop),
		cmocka_unit_test_setup_teardown(what_commits_late_is_not_passed_over, start, stop),
		cmocka_unit_test_setup_teardown(nothing_is_lost_when_sessions_end, start, stop),
		cmocka_unit_test_setup_teardown(one_relays_and_another_takes_over, start, stop),
		cmocka_unit_test_setup_teardown(without_kafka_changes_wait_and_are_counted, start, stop),
		cmocka_unit_test_setup_teardown(long_changes_go_in_small_rounds, start, stop),
		cmocka_unit_test_setup_teardown(what_is_old_is_tidied_up, start, stop),
		cmocka_unit_test_setup_teardown(what_was_sent_and_dead_letters_go_after_their_days, start, stop),
		cmocka_unit_test_setup_teardown(what_is_kept_for_ever_stays, start, stop),
		cmocka_unit_test_setup_teardown(much_that_is_old_is_tidied_up_too, start, stop),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
