/* Reading messages as events: without Kafka. */
#include "arena.h"
#include "read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define OTHER  "018f0000-0000-7000-8000-000000000002"
#define VALUE  "{\"data\":{\"b\":1,\"a\":\"x\"},\"revision\":7}"

static const struct bus_header good[] = {
	{ "ce_id", "1" },
	{ "ce_source", "aftercare.calls" },
	{ "ce_type", "aftercare.call.opened.v1" },
	{ "ce_subject", "s" },
	{ "ce_tenant", TENANT },
	{ "ce_time", "2026-11-24T07:02:19.123Z" },
};

#define GOOD_COUNT (sizeof(good) / sizeof(good[0]))

static int start(void **state)
{
	*state = arena_new();
	return 0;
}

static int stop(void **state)
{
	arena_free(*state);
	return 0;
}

static struct bus_message message_of(const char *topic, const char *value)
{
	return (struct bus_message){
		.topic = topic, .value = value, .length = strlen(value), .headers = good, .header_count = GOOD_COUNT
	};
}

static void a_good_message_is_read(void **state)
{
	const struct bus_message message = message_of("aftercare.calls", VALUE);
	struct inbox_event event = { 0 };
	const char *problem = NULL;

	assert_true(read_event(*state, &message, &event, &problem));
	assert_string_equal(event.id, "1");
	assert_string_equal(event.source, "aftercare.calls");
	assert_string_equal(event.type, "aftercare.call.opened.v1");
	assert_string_equal(event.subject, "s");
	assert_string_equal(event.tenant, TENANT);
	assert_string_equal(event.time, "2026-11-24T07:02:19.123Z");
	assert_int_equal(event.revision, 7);
	assert_string_equal(event.data_text, "{\"b\":1,\"a\":\"x\"}");
	assert_string_equal(json_string_at(event.data, "a"), "x");
}

static void each_required_header_is_missed(void **state)
{
	struct bus_header headers[GOOD_COUNT];
	struct bus_message message = message_of("aftercare.calls", VALUE);

	message.headers = headers;
	for (size_t missing = 0; missing < 5; missing++) {
		struct inbox_event event = { 0 };
		const char *problem = NULL;

		memcpy(headers, good, sizeof(headers));
		headers[missing].value = "";
		assert_false(read_event(*state, &message, &event, &problem));
		assert_non_null(strstr(problem, good[missing].name));
		headers[missing].value = NULL;
		assert_false(read_event(*state, &message, &event, &problem));
	}
}

static void a_name_has_a_limit(void **state)
{
	struct bus_header headers[GOOD_COUNT];
	struct bus_message message = message_of("aftercare.calls", VALUE);
	struct inbox_event event = { 0 };
	const char *problem = NULL;
	char *name = arena_alloc(*state, INBOX_NAME_MAX + 2);

	memcpy(headers, good, sizeof(headers));
	message.headers = headers;
	headers[0].value = memset(name, 'x', INBOX_NAME_MAX);
	assert_true(read_event(*state, &message, &event, &problem));
	name[INBOX_NAME_MAX] = 'x';
	assert_false(read_event(*state, &message, &event, &problem));
	assert_string_equal(problem, "the header ce_id is too long");
}

static void values_that_are_no_events_are_refused(void **state)
{
	static const char *const values[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"data\":{}}",
		"{\"revision\":1}",
		"{\"data\":[],\"revision\":1}",
		"{\"data\":{},\"revision\":\"1\"}",
		"{\"data\":{},\"revision\":1.5}",
		"{\"data\":{},\"revision\":1}x",
		"{\"data\":{\"a\":\"\\u0000\"},\"revision\":1}",
		"{\"data\":{\"a\":\"\xff\"},\"revision\":1}",
		"{\"data\":{},\"revision\":99999999999999999999}",
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const struct bus_message message = message_of("aftercare.calls", values[i]);
		struct inbox_event event = { 0 };
		const char *problem = NULL;

		assert_false(read_event(*state, &message, &event, &problem));
		assert_non_null(problem);
	}
}

static void a_tombstone_is_no_event(void **state)
{
	const struct bus_message message = { .topic = "t", .headers = good, .header_count = GOOD_COUNT };
	struct inbox_event event = { 0 };
	const char *problem = NULL;

	assert_false(read_event(*state, &message, &event, &problem));
}

static void the_tenant_of_a_tenants_topic_is_its_name(void **state)
{
	const struct bus_message own = message_of("aftercare.erp." OTHER, VALUE);
	const struct bus_message shared = message_of("aftercare.calls", VALUE);

	(void)state;
	assert_string_equal(read_tenant(&own), OTHER);
	assert_string_equal(read_tenant(&shared), TENANT);
}

/* Two tenants, or two kinds of rows of one, may have the same keys. */
static void what_a_tenants_topic_tells_is_known_by_its_name(void **state)
{
	const struct bus_message own = message_of("aftercare.erp." OTHER, VALUE);
	const struct bus_message shared = message_of("aftercare.calls", VALUE);
	struct inbox_event event = { 0 };
	const char *problem = NULL;

	assert_true(read_event(*state, &own, &event, &problem));
	assert_string_equal(event.known_source, "aftercare.erp." OTHER " aftercare.calls");
	assert_string_equal(event.known_subject, "aftercare.call.opened.v1 s");
	assert_string_equal(event.subject, "s");
	assert_true(read_event(*state, &shared, &event, &problem));
	assert_string_equal(event.known_source, "aftercare.calls");
	assert_string_equal(event.known_subject, "s");
}

static enum fault first(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	(void)event;
	(void)batch;
	(void)problem;
	return FAULT_NONE;
}

static void handlers_match_by_topic_and_type(void **state)
{
	const struct inbox_handler handlers[] = {
		{ .topic = "other", .type = "aftercare.call.", .apply = first },
		{ .topic = "aftercare.calls", .type = "aftercare.call", .apply = first },
		{ .topic = "aftercare.calls", .type = "aftercare.call.opened.v1", .apply = first },
		{ .topic = "aftercare.calls", .type = "aftercare.call.", .apply = first },
		{ .topic = NULL },
	};
	struct bus_message message = message_of("aftercare.calls", VALUE);

	(void)state;
	assert_ptr_equal(read_handler(handlers, &message), &handlers[2]);
	assert_ptr_equal(read_handler(handlers + 3, &message), &handlers[3]);
	message.topic = "elsewhere";
	assert_null(read_handler(handlers, &message));
	message.topic = "aftercare.calls";
	message.header_count = 2; /* no type */
	assert_null(read_handler(handlers, &message));
}

static void a_handler_of_tenants_topics_takes_those_alone(void **state)
{
	const struct inbox_handler handlers[] = {
		{ .topic = "aftercare.erp.", .type = "aftercare.call.", .apply = first },
		{ .topic = NULL },
	};
	static const char dead[] = "aftercare.erp." TENANT ".dlq";
	static const char *const others[] = { "aftercare.erp.", dead, "aftercare.erp.other", "aftercare.erp",
		"x.aftercare.erp." TENANT };
	struct bus_message message = message_of("aftercare.erp." TENANT, VALUE);

	(void)state;
	assert_ptr_equal(read_handler(handlers, &message), &handlers[0]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		message.topic = others[i];
		assert_null(read_handler(handlers, &message));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_message_is_read, start, stop),
		cmocka_unit_test_setup_teardown(each_required_header_is_missed, start, stop),
		cmocka_unit_test_setup_teardown(a_name_has_a_limit, start, stop),
		cmocka_unit_test_setup_teardown(values_that_are_no_events_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(a_tombstone_is_no_event, start, stop),
		cmocka_unit_test_setup_teardown(the_tenant_of_a_tenants_topic_is_its_name, start, stop),
		cmocka_unit_test_setup_teardown(what_a_tenants_topic_tells_is_known_by_its_name, start, stop),
		cmocka_unit_test_setup_teardown(handlers_match_by_topic_and_type, start, stop),
		cmocka_unit_test_setup_teardown(a_handler_of_tenants_topics_takes_those_alone, start, stop),
	};

	return cmocka_run_group_tests_name("reading events", tests, NULL, NULL);
}
