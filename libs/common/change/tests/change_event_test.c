/* A row of the change log as a message: without PostgreSQL. */
#include "arena.h"
#include "event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static PGresult *row_of(const char *const values[EVENT_AGE + 1])
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[EVENT_AGE + 1];
	char name[] = "c";

	memset(columns, 0, sizeof(columns));
	for (int i = 0; i <= EVENT_AGE; i++)
		columns[i].name = name;
	assert_true(PQsetResultAttrs(result, EVENT_AGE + 1, columns));
	for (int i = 0; i <= EVENT_AGE; i++)
		assert_true(PQsetvalue(
			result, 0, i, (char *)(uintptr_t)values[i], values[i] ? (int)strlen(values[i]) : -1));
	return result;
}

static void a_change_has_its_changed_fields_and_trace(void **state)
{
	const char *const values[] = { "42", "tenant", "root", "subject", "call.changed", "3", "{ \"a\" : 1}",
		"[\"a\"]", "00-1-2-01", "2026-11-24T07:02:19.123Z", "2026-11-24 07:02:19.123+00", "5" };
	struct arena *arena = arena_new();
	PGresult *row = row_of(values);
	const struct bus_message *message = event_message(arena, "aftercare.calls", row, 0);

	(void)state;
	assert_string_equal(message->topic, "aftercare.calls");
	assert_string_equal(message->key, "tenant/root");
	assert_string_equal(message->value, "{\"data\":{ \"a\" : 1},\"revision\":3,\"changed\":[\"a\"]}");
	assert_int_equal(message->length, strlen(message->value));
	assert_string_equal(bus_header_value(message, "ce_specversion"), "1.0");
	assert_string_equal(bus_header_value(message, "ce_id"), "42");
	assert_string_equal(bus_header_value(message, "ce_source"), "aftercare.calls");
	assert_string_equal(bus_header_value(message, "ce_type"), "aftercare.call.changed.v1");
	assert_string_equal(bus_header_value(message, "ce_subject"), "subject");
	assert_string_equal(bus_header_value(message, "ce_time"), "2026-11-24T07:02:19.123Z");
	assert_string_equal(bus_header_value(message, "ce_tenant"), "tenant");
	assert_string_equal(bus_header_value(message, "content-type"), "application/json");
	assert_string_equal(bus_header_value(message, "traceparent"), "00-1-2-01");
	PQclear(row);
	arena_free(arena);
}

static void a_creation_has_neither(void **state)
{
	const char *const values[] = { "1", "tenant", "root", "subject", "call.created", "1", "{}", NULL, NULL, "t",
		"t", "0" };
	struct arena *arena = arena_new();
	PGresult *row = row_of(values);
	const struct bus_message *message = event_message(arena, "aftercare.calls", row, 0);

	(void)state;
	assert_string_equal(message->value, "{\"data\":{},\"revision\":1}");
	assert_null(bus_header_value(message, "traceparent"));
	assert_int_equal(message->header_count, 8);
	PQclear(row);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_has_its_changed_fields_and_trace),
		cmocka_unit_test(a_creation_has_neither),
	};

	return cmocka_run_group_tests_name("change events", tests, NULL, NULL);
}
