#include "fault.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_fault_has_a_row_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < FAULT_COUNT; i++) {
		const struct fault_kind *kind = fault_kind((enum fault)i);

		assert_non_null(kind->code);
		assert_non_null(kind->title);
		assert_non_null(kind->title_it);
		assert_true(kind->code[0] && kind->title[0] && kind->title_it[0]);
		assert_int_equal(strspn(kind->code, "abcdefghijklmnopqrstuvwxyz-"), strlen(kind->code));
		assert_int_equal(fault_by_code(kind->code), i); /* which also says that no two codes are alike */
		if (i != FAULT_NONE && i != FAULT_REPLAY)
			assert_in_range(kind->status, 400, 599);
	}
}

static void statuses_are_those_of_the_rfcs(void **state)
{
	static const struct {
		enum fault fault;
		int status;
	} rows[] = { { FAULT_NONE, 200 }, { FAULT_MALFORMED, 400 }, { FAULT_UNAUTHENTICATED, 401 },
		{ FAULT_FORBIDDEN, 403 }, { FAULT_NOT_FOUND, 404 }, { FAULT_METHOD, 405 }, { FAULT_CONFLICT, 409 },
		{ FAULT_STALE, 412 }, { FAULT_TOO_LARGE, 413 }, { FAULT_URI_TOO_LONG, 414 }, { FAULT_MEDIA_TYPE, 415 },
		{ FAULT_INVALID, 422 }, { FAULT_PRECONDITION_REQUIRED, 428 }, { FAULT_TOO_MANY_REQUESTS, 429 },
		{ FAULT_HEADERS_TOO_LARGE, 431 }, { FAULT_INTERNAL, 500 }, { FAULT_BAD_GATEWAY, 502 },
		{ FAULT_UNAVAILABLE, 503 }, { FAULT_GATEWAY_TIMEOUT, 504 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(fault_kind(rows[i].fault)->status, rows[i].status);
}

static void unknown_ones_are_internal(void **state)
{
	(void)state;
	assert_ptr_equal(fault_kind((enum fault)FAULT_COUNT), fault_kind(FAULT_INTERNAL));
	assert_ptr_equal(fault_kind((enum fault) - 1), fault_kind(FAULT_INTERNAL));
	assert_int_equal(fault_by_code("no-such-code"), FAULT_INTERNAL);
	assert_int_equal(fault_by_code(""), FAULT_INTERNAL);
}

static void retry_after_is_told_where_waiting_helps(void **state)
{
	(void)state;
	assert_true(fault_kind(FAULT_UNAVAILABLE)->retry_after > 0);
	assert_true(fault_kind(FAULT_BUSY)->retry_after > 0);
	assert_true(fault_kind(FAULT_TOO_MANY_REQUESTS)->retry_after > 0);
	assert_true(fault_kind(FAULT_UNKNOWN_REFERENCE)->retry_after > 0);
	assert_int_equal(fault_kind(FAULT_INVALID)->retry_after, 0);
}

static void details_are_copied_and_counted(void **state)
{
	struct fault_list list = { .arena = arena_new() };
	char pointer[] = "/a/0";

	(void)state;
	fault_add(&list, pointer, "range", "must be at most %d", 7);
	fault_add_parameter(&list, "limit", "type", "must be a number");
	pointer[1] = 'X';
	assert_string_equal(list.items[0].pointer, "/a/0");
	assert_null(list.items[0].parameter);
	assert_string_equal(list.items[0].detail, "must be at most 7");
	assert_string_equal(list.items[1].parameter, "limit");
	assert_null(list.items[1].pointer);
	for (int i = 2; i < FAULT_LIST_MAX + 10; i++)
		fault_add(&list, "/x", "x", "%d", i);
	assert_int_equal(list.count, FAULT_LIST_MAX + 10);
	assert_string_equal(list.items[FAULT_LIST_MAX - 1].detail, "63");
	arena_free(list.arena);
}

static void a_long_detail_is_cut_at_a_character(void **state)
{
	struct fault_list list = { .arena = arena_new() };
	char words[FAULT_DETAIL_MAX + 100];

	(void)state;
	for (size_t blanks = 0; blanks < 3; blanks++) {
		const char *detail;

		memset(words, ' ', sizeof(words));
		for (size_t i = blanks; i + 3 < sizeof(words); i += 3)
			memcpy(words + i, "€", 3);
		words[sizeof(words) - 1] = '\0';
		fault_add_parameter(&list, "state", "choice", "%s", words);
		detail = list.items[blanks].detail;
		assert_in_range(strlen(detail), FAULT_DETAIL_MAX - 2, FAULT_DETAIL_MAX);
		assert_string_equal(detail + strlen(detail) - strlen("€…"), "€…");
	}
	words[FAULT_DETAIL_MAX] = '\0';
	fault_add(&list, "/state", "choice", "%s", words);
	assert_string_equal(list.items[3].detail, words);
	arena_free(list.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_a_row_of_its_own),
		cmocka_unit_test(statuses_are_those_of_the_rfcs),
		cmocka_unit_test(unknown_ones_are_internal),
		cmocka_unit_test(retry_after_is_told_where_waiting_helps),
		cmocka_unit_test(details_are_copied_and_counted),
		cmocka_unit_test(a_long_detail_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
