/* The bus against a real Kafka, at AFTERCARE_TEST_KAFKA. */
#include "arena.h"
#include "bus.h"
#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS    60000
#define PARTITIONS 4
#define ALONE_MS   4000 /* within which a consumer of no topic has heard so from the broker */

struct fixture {
	struct arena *arena;
	struct bus_cluster cluster;
	const char *topic; /* of this test alone */
	struct bus_producer *producer;
};

static int start(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	const char *problem = "";
	struct bus_topic topic = { .partitions = PARTITIONS, .replication = 1, .retention_ms = 3600000 };

	fixture->cluster.brokers = getenv("AFTERCARE_TEST_KAFKA");
	if (!fixture->cluster.brokers)
		fail_msg("AFTERCARE_TEST_KAFKA must name a broker, host:port");
	fixture->arena = arena_new();
	fixture->topic = arena_printf(fixture->arena, "test.%lld.%d", (long long)clock_monotonic_us(), getpid());
	topic.name = fixture->topic;
	assert_int_equal(bus_topics_create(fixture->arena, &fixture->cluster, &topic, 1, &problem), FAULT_NONE);
	assert_int_equal(bus_producer_new(fixture->arena, &fixture->cluster, &fixture->producer, &problem), FAULT_NONE);
	*state = fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;

	bus_producer_abort(fixture->producer);
	arena_free(fixture->arena);
	test_free(fixture);
	return 0;
}

static struct bus_consumer *join(struct fixture *fixture)
{
	const char *const topics[] = { fixture->topic, NULL };
	struct bus_consumer *consumer = NULL;
	const char *problem = NULL;

	assert_int_equal(
		bus_consumer_new(fixture->arena, &fixture->cluster, fixture->topic, topics, &consumer, &problem),
		FAULT_NONE);
	return consumer;
}

/* Messages "0", "1", … spread over 16 keys. */
static void produce(struct fixture *fixture, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		const char *value = arena_printf(fixture->arena, "%d", i);
		const struct bus_message message = {
			.topic = fixture->topic,
			.key = arena_printf(fixture->arena, "key %d", i % 16),
			.value = value,
			.length = strlen(value),
		};

		assert_int_equal(bus_produce(fixture->producer, &message, NULL), FAULT_NONE);
	}
	assert_int_equal(bus_flush(fixture->producer, WAIT_MS), FAULT_NONE);
}

static const struct bus_message *poll_once(struct fixture *fixture, struct bus_consumer *consumer, int timeout_ms)
{
	const struct bus_message *message = NULL;

	if (bus_poll(consumer, fixture->arena, timeout_ms, &message))
		return NULL;
	return message;
}

static const struct bus_message *next(struct fixture *fixture, struct bus_consumer *consumer)
{
	int64_t deadline = clock_monotonic() + WAIT_MS;
	const struct bus_message *message = NULL;

	while (!message && clock_monotonic() < deadline)
		message = poll_once(fixture, consumer, 100);
	assert_non_null(message);
	return message;
}

/* Polls both until they share the partitions evenly. */
static void settle(struct fixture *fixture, struct bus_consumer *a, struct bus_consumer *b, char *seen)
{
	int64_t deadline = clock_monotonic() + WAIT_MS;

	while (clock_monotonic() < deadline &&
		(bus_partitions(a) != PARTITIONS / 2 || bus_partitions(b) != PARTITIONS / 2)) {
		struct bus_consumer *const both[] = { a, b };

		for (int i = 0; i < 2; i++) {
			const struct bus_message *message = poll_once(fixture, both[i], 20);

			if (message) {
				seen[atoi(message->value)]++;
				bus_store_and_commit(both[i], message);
			}
		}
	}
	assert_int_equal(bus_partitions(a), PARTITIONS / 2);
	assert_int_equal(bus_partitions(b), PARTITIONS / 2);
}

static void a_topic_is_made_once(void **state)
{
	struct fixture *fixture = *state;
	const char *problem = NULL;
	const struct bus_topic again = { fixture->topic, PARTITIONS, 1, 0 };
	const struct bus_topic unfit = { "no such:name", 1, 1, 0 };

	assert_int_equal(bus_topics_create(fixture->arena, &fixture->cluster, &again, 1, &problem), FAULT_NONE);
	assert_int_equal(bus_topics_create(fixture->arena, &fixture->cluster, &unfit, 1, &problem), FAULT_UNAVAILABLE);
	assert_non_null(strstr(problem, "no such:name"));
}

static void order_is_kept_for_each_key(void **state)
{
	struct fixture *fixture = *state;
	struct bus_consumer *consumer = join(fixture);
	int last[16];

	memset(last, -1, sizeof(last));
	produce(fixture, 0, 2000);
	for (int i = 0; i < 2000; i++) {
		const struct bus_message *message = next(fixture, consumer);
		int number = atoi(message->value);

		assert_true(last[number % 16] < number);
		last[number % 16] = number;
		bus_store_and_commit(consumer, message);
	}
	bus_consumer_free(consumer);
}

/* The lag is known once every partition was fetched from. */
static void lag_settle(struct bus_consumer *consumer, int64_t *lag)
{
	int64_t deadline = clock_monotonic() + WAIT_MS;

	while (bus_lag(consumer, lag) && clock_monotonic() < deadline)
		;
	assert_int_equal(bus_lag(consumer, lag), FAULT_NONE);
}

static void what_is_done_does_not_come_again(void **state)
{
	struct fixture *fixture = *state;
	struct bus_consumer *consumer = join(fixture);
	int64_t lag = -1;

	produce(fixture, 0, 100);
	for (int i = 0; i < 60; i++)
		bus_store_and_commit(consumer, next(fixture, consumer));
	bus_consumer_free(consumer);
	consumer = join(fixture);
	for (int i = 0; i < 40; i++) {
		const struct bus_message *message = next(fixture, consumer);

		if (i == 0) {
			lag_settle(consumer, &lag);
			assert_int_equal(lag, 40);
		}
		bus_store_and_commit(consumer, message);
	}
	for (int64_t deadline = clock_monotonic() + WAIT_MS; lag && clock_monotonic() < deadline;) {
		assert_null(poll_once(fixture, consumer, BUS_COMMIT_MS));
		assert_int_equal(bus_lag(consumer, &lag), FAULT_NONE);
	}
	assert_int_equal(lag, 0);
	bus_consumer_free(consumer);
}

static void what_is_not_done_comes_again_after_a_crash(void **state)
{
	struct fixture *fixture = *state;
	struct bus_consumer *consumer = join(fixture);
	const struct bus_message *message;
	int got = 0;

	produce(fixture, 0, 10);
	for (int i = 0; i < 10; i++)
		(void)next(fixture, consumer);
	bus_consumer_free(consumer);
	consumer = join(fixture);
	while (got < 10 && (message = next(fixture, consumer)))
		got++;
	assert_int_equal(got, 10);
	bus_consumer_free(consumer);
}

static void putting_back_loses_nothing_in_any_partition(void **state)
{
	struct fixture *fixture = *state;
	struct bus_consumer *consumer = join(fixture);
	char seen[400] = { 0 };
	int tries = 0;

	produce(fixture, 0, 400);
	for (int done = 0; done < 400;) {
		const struct bus_message *message = next(fixture, consumer);
		int number = atoi(message->value);

		if (number % 50 == 7 && tries++ % 3 != 2) {
			assert_int_equal(bus_retry_later(consumer, message), FAULT_NONE);
			assert_null(poll_once(fixture, consumer, 20));
			assert_int_equal(bus_resume(consumer), FAULT_NONE);
			continue;
		}
		assert_int_equal(seen[number]++, 0);
		bus_store_and_commit(consumer, message);
		done++;
	}
	assert_null(poll_once(fixture, consumer, 200));
	bus_consumer_free(consumer);
}

static void a_rebalance_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct bus_consumer *a = join(fixture);
	struct bus_consumer *b;
	const struct bus_message *held;
	char seen[1200] = { 0 };
	unsigned generation;

	produce(fixture, 0, 600);
	for (int i = 0; i < 100; i++) {
		const struct bus_message *message = next(fixture, a);

		seen[atoi(message->value)]++;
		bus_store_and_commit(a, message);
	}
	/* One is put back and paused while the other consumer joins: nobody has handled it. */
	held = next(fixture, a);
	generation = bus_generation(a);
	assert_int_equal(bus_retry_later(a, held), FAULT_NONE);
	b = join(fixture);
	settle(fixture, a, b, seen);
	assert_int_not_equal(bus_generation(a), generation);
	assert_int_equal(bus_resume(a), FAULT_NONE);
	produce(fixture, 600, 600);
	for (int64_t deadline = clock_monotonic() + WAIT_MS; clock_monotonic() < deadline;) {
		struct bus_consumer *const both[] = { a, b };

		for (int i = 0; i < 2; i++) {
			const struct bus_message *message = poll_once(fixture, both[i], 10);

			if (message) {
				seen[atoi(message->value)]++;
				bus_store_and_commit(both[i], message);
			}
		}
		if (!memchr(seen, 0, sizeof(seen)))
			break;
	}
	for (int i = 0; i < 1200; i++)
		assert_in_range(seen[i], 1, 2);
	bus_consumer_free(a);
	bus_consumer_free(b);
}

static void an_unknown_topic_is_a_fault_not_a_hang(void **state)
{
	struct fixture *fixture = *state;
	const struct bus_message message = { .topic = "test.absent", .value = "x", .length = 1 };
	struct bus_receipt receipt;
	const char *problem = NULL;
	struct bus_cluster cluster = fixture->cluster;
	struct bus_producer *producer = NULL;

	cluster.options = "topic.metadata.propagation.max.ms=500;message.timeout.ms=3000";
	assert_int_equal(bus_producer_new(fixture->arena, &cluster, &producer, &problem), FAULT_NONE);
	assert_int_equal(bus_produce(producer, &message, &receipt), FAULT_NONE);
	assert_int_equal(bus_flush(producer, WAIT_MS), FAULT_UNAVAILABLE);
	assert_int_equal(receipt.delivery, BUS_FAILED);
	bus_producer_abort(producer);
}

/* In silence, while there is none. */
static void an_expression_waits_for_its_topics(void **state)
{
	struct fixture *fixture = *state;
	const char *late = arena_printf(fixture->arena, "%s.late", fixture->topic);
	const char *const topics[] = { arena_printf(fixture->arena, "^%s$", late), NULL };
	const struct bus_topic topic = { .name = late, .partitions = 1, .replication = 1, .retention_ms = 3600000 };
	const struct bus_message message = { .topic = late, .value = "x", .length = 1 };
	const struct bus_message *found = NULL;
	struct bus_consumer *consumer = NULL;
	const char *problem = NULL;

	assert_int_equal(
		bus_consumer_new(fixture->arena, &fixture->cluster, late, topics, &consumer, &problem), FAULT_NONE);
	for (int64_t deadline = clock_monotonic() + ALONE_MS; clock_monotonic() < deadline;) {
		assert_int_equal(bus_poll(consumer, fixture->arena, 100, &found), FAULT_NONE);
		assert_null(found);
	}
	assert_int_equal(bus_topics_create(fixture->arena, &fixture->cluster, &topic, 1, &problem), FAULT_NONE);
	assert_int_equal(bus_produce(fixture->producer, &message, NULL), FAULT_NONE);
	assert_int_equal(bus_flush(fixture->producer, WAIT_MS), FAULT_NONE);
	assert_string_equal(next(fixture, consumer)->topic, late);
	bus_consumer_free(consumer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_topic_is_made_once, start, stop),
		cmocka_unit_test_setup_teardown(order_is_kept_for_each_key, start, stop),
		cmocka_unit_test_setup_teardown(what_is_done_does_not_come_again, start, stop),
		cmocka_unit_test_setup_teardown(what_is_not_done_comes_again_after_a_crash, start, stop),
		cmocka_unit_test_setup_teardown(putting_back_loses_nothing_in_any_partition, start, stop),
		cmocka_unit_test_setup_teardown(a_rebalance_loses_nothing, start, stop),
		cmocka_unit_test_setup_teardown(an_unknown_topic_is_a_fault_not_a_hang, start, stop),
		cmocka_unit_test_setup_teardown(an_expression_waits_for_its_topics, start, stop),
	};

	return cmocka_run_group_tests_name("bus on Kafka", tests, NULL, NULL);
}
