/* The producer, and what of the consumer needs no broker: against librdkafka's own mock cluster. */
#include "arena.h"
#include "bus.h"
#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <string.h>

#define FLUSH_MS 10000
#define NOWHERE  "127.0.0.1:1" /* refuses connections */

/* Numbers of requests in Kafka's protocol */
#define API_PRODUCE          0
#define API_INIT_PRODUCER_ID 22

struct fixture {
	struct arena *arena;
	rd_kafka_t *host; /* a client only to hang the mock cluster on */
	rd_kafka_mock_cluster_t *mock;
	struct bus_cluster cluster;
	struct bus_producer *producer;
};

static int start(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	const char *problem = NULL;

	fixture->arena = arena_new();
	fixture->host = rd_kafka_new(RD_KAFKA_PRODUCER, NULL, NULL, 0);
	fixture->mock = rd_kafka_mock_cluster_new(fixture->host, 1);
	rd_kafka_mock_topic_create(fixture->mock, "t", 1, 1);
	fixture->cluster.brokers = rd_kafka_mock_cluster_bootstraps(fixture->mock);
	assert_int_equal(bus_producer_new(fixture->arena, &fixture->cluster, &fixture->producer, &problem), FAULT_NONE);
	*state = fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;

	bus_producer_abort(fixture->producer);
	rd_kafka_mock_cluster_destroy(fixture->mock);
	rd_kafka_destroy(fixture->host);
	arena_free(fixture->arena);
	test_free(fixture);
	return 0;
}

static struct bus_message message_of(const char *value)
{
	return (struct bus_message){ .topic = "t", .key = "k", .value = value, .length = strlen(value) };
}

static struct bus_consumer *consumer_of(struct fixture *fixture)
{
	const char *const topics[] = { "t", NULL };
	struct bus_consumer *consumer = NULL;
	const char *problem = NULL;

	assert_int_equal(
		bus_consumer_new(fixture->arena, &fixture->cluster, "g", topics, &consumer, &problem), FAULT_NONE);
	return consumer;
}

static const struct bus_message *next(struct fixture *fixture, struct bus_consumer *consumer)
{
	const struct bus_message *message = NULL;
	int64_t deadline = clock_monotonic() + FLUSH_MS;

	while (!message && clock_monotonic() < deadline)
		(void)!bus_poll(consumer, fixture->arena, 200, &message);
	assert_non_null(message);
	return message;
}

static void produce(struct fixture *fixture, const char *const values[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bus_message message = message_of(values[i]);

		assert_int_equal(bus_produce(fixture->producer, &message, NULL), FAULT_NONE);
	}
	assert_int_equal(bus_flush(fixture->producer, FLUSH_MS), FAULT_NONE);
}

static void a_message_arrives_as_it_was_sent(void **state)
{
	struct fixture *fixture = *state;
	const struct bus_header headers[] = { { "ce_id", "first" }, { "ce_id", "1" }, { "empty", "" },
		{ "none", NULL } };
	struct bus_message sent = message_of("{\"a\":1}");
	struct bus_receipt receipt;
	struct bus_consumer *consumer;
	const struct bus_message *read;

	sent.headers = headers;
	sent.header_count = 4;
	assert_int_equal(bus_produce(fixture->producer, &sent, &receipt), FAULT_NONE);
	assert_int_equal(bus_flush(fixture->producer, FLUSH_MS), FAULT_NONE);
	assert_int_equal(receipt.delivery, BUS_DELIVERED);
	consumer = consumer_of(fixture);
	read = next(fixture, consumer);
	assert_string_equal(read->topic, "t");
	assert_string_equal(read->key, "k");
	assert_string_equal(read->value, "{\"a\":1}");
	assert_int_equal(read->length, 7);
	assert_int_equal(read->offset, 0);
	assert_int_equal(read->header_count, 4);
	assert_string_equal(bus_header_value(read, "ce_id"), "1");
	assert_string_equal(bus_header_value(read, "empty"), "");
	assert_null(bus_header_value(read, "none"));
	assert_null(bus_header_value(read, "absent"));
	assert_true(read->timestamp > clock_now() - 60000);
	bus_consumer_free(consumer);
}

static void a_tombstone_has_no_value(void **state)
{
	struct fixture *fixture = *state;
	struct bus_message sent = { .topic = "t", .key = "k" };
	struct bus_consumer *consumer = consumer_of(fixture);

	assert_int_equal(bus_produce(fixture->producer, &sent, NULL), FAULT_NONE);
	assert_int_equal(bus_flush(fixture->producer, FLUSH_MS), FAULT_NONE);
	assert_null(next(fixture, consumer)->value);
	bus_consumer_free(consumer);
}

static void receipts_tell_which_message_failed(void **state)
{
	struct fixture *fixture = *state;
	struct bus_message message = message_of("x");
	struct bus_receipt receipts[2];

	assert_int_equal(bus_produce(fixture->producer, &message, &receipts[0]), FAULT_NONE);
	assert_int_equal(bus_flush(fixture->producer, FLUSH_MS), FAULT_NONE);
	rd_kafka_mock_push_request_errors(fixture->mock, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	assert_int_equal(bus_produce(fixture->producer, &message, &receipts[1]), FAULT_NONE);
	assert_int_equal(bus_flush(fixture->producer, FLUSH_MS), FAULT_UNAVAILABLE);
	assert_int_equal(receipts[0].delivery, BUS_DELIVERED);
	assert_int_equal(receipts[1].delivery, BUS_FAILED);
	assert_string_not_equal(bus_producer_problem(fixture->producer), "");
}

static void a_passing_failure_is_repeated_within(void **state)
{
	struct fixture *fixture = *state;
	struct bus_message message = message_of("x");
	struct bus_receipt receipt;

	rd_kafka_mock_push_request_errors(fixture->mock, API_PRODUCE, 2, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
	assert_int_equal(bus_produce(fixture->producer, &message, &receipt), FAULT_NONE);
	assert_int_equal(bus_flush(fixture->producer, FLUSH_MS), FAULT_NONE);
	assert_int_equal(receipt.delivery, BUS_DELIVERED);
}

static void a_fatal_producer_says_so_until_it_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct bus_message message = message_of("x");
	struct bus_producer *fatal = NULL;
	const char *problem = NULL;

	/* Wait until the fixture's producer has its identity, so that the refusal meets the new one. */
	produce(fixture, (const char *const[]){ "a" }, 1);
	rd_kafka_mock_push_request_errors(
		fixture->mock, API_INIT_PRODUCER_ID, 1, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
	assert_int_equal(bus_producer_new(fixture->arena, &fixture->cluster, &fatal, &problem), FAULT_NONE);
	assert_int_equal(bus_produce(fatal, &message, NULL), FAULT_NONE);
	assert_int_equal(bus_flush(fatal, FLUSH_MS), FAULT_UNAVAILABLE);
	assert_string_not_equal(bus_producer_problem(fatal), "");
	assert_int_equal(bus_produce(fatal, &message, NULL), FAULT_UNAVAILABLE);
	bus_producer_abort(fatal);
	produce(fixture, (const char *const[]){ "b" }, 1);
}

static void too_large_a_message_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct bus_message message = { .topic = "t", .length = BUS_MESSAGE_MAX_BYTES + 1 };

	message.value = arena_alloc(fixture->arena, message.length);
	assert_int_equal(bus_produce(fixture->producer, &message, NULL), FAULT_TOO_LARGE);
}

static void aborting_without_kafka_is_quick_and_fails_what_waits(void **state)
{
	struct fixture *fixture = *state;
	const struct bus_cluster nowhere = { .brokers = NOWHERE };
	struct bus_message message = message_of("x");
	struct bus_receipt receipts[10];
	struct bus_producer *producer = NULL;
	const char *problem = NULL;
	int64_t began;

	assert_int_equal(bus_producer_new(fixture->arena, &nowhere, &producer, &problem), FAULT_NONE);
	for (int i = 0; i < 10; i++)
		assert_int_equal(bus_produce(producer, &message, &receipts[i]), FAULT_NONE);
	assert_int_equal(bus_flush(producer, 200), FAULT_GATEWAY_TIMEOUT);
	for (int i = 0; i < 10; i++)
		assert_int_equal(receipts[i].delivery, BUS_PENDING);
	began = clock_monotonic();
	bus_producer_abort(producer);
	assert_in_range(clock_monotonic() - began, 0, 2000);
	for (int i = 0; i < 10; i++)
		assert_int_equal(receipts[i].delivery, BUS_FAILED);
}

static void a_full_queue_is_busy(void **state)
{
	struct fixture *fixture = *state;
	const struct bus_cluster nowhere = { .brokers = NOWHERE };
	struct bus_message message = message_of("x");
	struct bus_producer *producer = NULL;
	const char *problem = NULL;

	assert_int_equal(bus_producer_new(fixture->arena, &nowhere, &producer, &problem), FAULT_NONE);
	for (int i = 0; i < BUS_QUEUE_MESSAGES; i++)
		assert_int_equal(bus_produce(producer, &message, NULL), FAULT_NONE);
	assert_int_equal(bus_produce(producer, &message, NULL), FAULT_BUSY);
	bus_producer_abort(producer);
}

static void wrong_options_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct bus_cluster cluster = fixture->cluster;
	struct bus_producer *producer = NULL;
	const char *problem = NULL;

	cluster.options = "no.such.property=1";
	assert_int_equal(bus_producer_new(fixture->arena, &cluster, &producer, &problem), FAULT_INVALID);
	assert_non_null(strstr(problem, "no.such.property"));
	cluster.options = "client.id";
	assert_int_equal(bus_producer_new(fixture->arena, &cluster, &producer, &problem), FAULT_INVALID);
	assert_non_null(strstr(problem, "client.id"));
	assert_null(producer);
	cluster.options = "client.id=calls; linger.ms=1;";
	assert_int_equal(bus_producer_new(fixture->arena, &cluster, &producer, &problem), FAULT_NONE);
	bus_producer_abort(producer);
}

static void what_is_put_back_comes_first_again(void **state)
{
	struct fixture *fixture = *state;
	const char *const values[] = { "0", "1", "2", "3" };
	struct bus_consumer *consumer = consumer_of(fixture);
	const struct bus_message *message;

	produce(fixture, values, 4);
	message = next(fixture, consumer);
	bus_store_and_commit(consumer, message);
	message = next(fixture, consumer);
	assert_string_equal(message->value, "1");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bus_retry_later(consumer, message), FAULT_NONE);
		assert_int_equal(bus_poll(consumer, fixture->arena, 100, &message), FAULT_NONE);
		assert_null(message);
		assert_int_equal(bus_resume(consumer), FAULT_NONE);
		message = next(fixture, consumer);
		assert_string_equal(message->value, "1");
	}
	assert_string_equal(next(fixture, consumer)->value, "2");
	assert_string_equal(next(fixture, consumer)->value, "3");
	bus_consumer_free(consumer);
}

static void nothing_frees_nothing(void **state)
{
	(void)state;
	bus_producer_abort(NULL);
	bus_consumer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_arrives_as_it_was_sent, start, stop),
		cmocka_unit_test_setup_teardown(a_tombstone_has_no_value, start, stop),
		cmocka_unit_test_setup_teardown(receipts_tell_which_message_failed, start, stop),
		cmocka_unit_test_setup_teardown(a_passing_failure_is_repeated_within, start, stop),
		cmocka_unit_test_setup_teardown(a_fatal_producer_says_so_until_it_is_replaced, start, stop),
		cmocka_unit_test_setup_teardown(too_large_a_message_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(aborting_without_kafka_is_quick_and_fails_what_waits, start, stop),
		cmocka_unit_test_setup_teardown(a_full_queue_is_busy, start, stop),
		cmocka_unit_test_setup_teardown(wrong_options_are_told, start, stop),
		cmocka_unit_test_setup_teardown(what_is_put_back_comes_first_again, start, stop),
		cmocka_unit_test(nothing_frees_nothing),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
