/* What can never be applied: kept, told, sent again. */
#include "things.h"

#include "text.h"

#define LONG_CHARACTERS 1000 /* more than a dead letter keeps of what was said */

/* One of each kind of what can never be applied; returns how many. */
static int send_poison(struct fixture *fixture)
{
	const char *topic = fixture->backing->topic;
	const struct bus_header no_tenant[] = { { "ce_id", "p6" }, { "ce_source", "test" },
		{ "ce_type", "aftercare.thing.changed.v1" }, { "ce_subject", "thing 1" }, { "ce_tenant", "nobody" } };
	struct arena *arena = fixture->backing->arena;
	struct text euros = text_new(arena, LONG_CHARACTERS * strlen("€"));

	for (int i = 0; i < LONG_CHARACTERS; i++)
		text_add(&euros, "€");
	send_value(fixture, topic, "p1", "thing 1", "not JSON");
	send_value(fixture, topic, "p2", "thing 1", "{\"data\":{},\"data\":{},\"revision\":1}");
	send_value(fixture, topic, "p3", "thing 1", "{\"data\":{\"name\":\"x\"}}");
	send_value(fixture, topic, "p4", "thing 1", "{\"data\":{},\"revision\":1}");
	send_value(fixture, topic, "p5", "thing 1", "{\"data\":{\"name\":\"x\",\"number\":\"seven\"},\"revision\":1}");
	send_raw(fixture,
		&(struct bus_message){ .topic = topic,
			.key = "thing 1",
			.value = "{}",
			.length = 2,
			.headers = no_tenant,
			.header_count = 5 });
	send_raw(fixture,
		&(struct bus_message){ .topic = topic, .key = "thing 1", .value = "\xff\x00\xfe", .length = 3 });
	send_raw(fixture, &(struct bus_message){ .topic = topic, .key = "thing 1" });
	for (int blanks = 0; blanks < 2;
		blanks++) /* of one of them the end of what PostgreSQL says is cut in a character */
		send_value(fixture, topic, arena_printf(arena, "long %d", blanks), "thing 1",
			arena_printf(arena, "{\"data\":{\"name\":\"x\",\"number\":\"%*s%s\"},\"revision\":1}", blanks,
				"", text_c(&euros)));
	return 10;
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
	assert_string_equal(backing_sql(backing, "select count(*) from dead_letter where tenant_id is null"), "3");
	assert_string_equal(backing_sql(backing, "select error from dead_letter where headers ->> 'ce_id' = 'p4'"),
		"a thing needs a name");
	assert_string_equal(
		backing_sql(backing, "select substr(error, 1, 5) from dead_letter where headers ->> 'ce_id' = 'p5'"),
		"22P02");
	assert_string_equal(backing_sql(backing, "select value from dead_letter where value like 'base64url:%%'"),
		"base64url:_wD-");
	assert_int_equal(
		bus_consumer_new(backing->arena, &backing->cluster, "reader", dlq, &reader, &problem), FAULT_NONE);
	for (int64_t deadline = clock_monotonic() + BACKING_WAIT_MS; poisons && clock_monotonic() < deadline;) {
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
	assert_int_equal(inbox_replay(backing->arena, &fixture->options, "018f0000-0000-7000-8000-000000000002", NULL,
				 &count, &problem),
		FAULT_NONE);
	assert_int_equal(count, 0);
	assert_int_equal(
		inbox_replay(backing->arena, &fixture->options, NULL,
			backing_sql(backing, "select id from dead_letter where headers ->> 'ce_id' = 'thing 9'"),
			&count, &problem),
		FAULT_NONE);
	assert_int_equal(count, 1);
	assert_true(backing_until(backing, "5", SUM));
	assert_int_equal(inbox_replay(backing->arena, &fixture->options, TENANT, NULL, &count, &problem), FAULT_NONE);
	assert_int_equal(count, 4);
	assert_true(backing_until(backing, "9", SUM));
	assert_int_equal(inbox_replay(backing->arena, &fixture->options, NULL, NULL, &count, &problem), FAULT_NONE);
	assert_int_equal(count, 0);
	assert_string_equal(
		backing_sql(backing, "select count(*) from dead_letter where replayed_at is not null"), "5");
	inbox_stop(inbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(poison_goes_to_the_dead_letters_and_holds_up_nothing, start, stop),
		cmocka_unit_test_setup_teardown(dead_letters_are_replayed, start, stop),
	};

	return cmocka_run_group_tests_name("dead letters", tests, NULL, NULL);
}
