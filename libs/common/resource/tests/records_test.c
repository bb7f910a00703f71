#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The bytes of the first record, told at once and byte by byte. */
static size_t first(bool csv, const char *text)
{
	struct records whole = { .csv = csv };
	struct records split = { .csv = csv };
	size_t length = strlen(text);
	size_t at_once = records_next(&whole, text, length);
	size_t taken = 0;

	while (taken < length) {
		taken++;
		if (records_next(&split, text + taken - 1, 1)) {
			assert_int_equal(at_once, taken);
			assert_int_equal(whole.lines, split.lines);
			return at_once;
		}
	}
	assert_int_equal(at_once, 0);
	return 0;
}

static size_t count(bool csv, const char *text)
{
	struct records records = { .csv = csv };

	records_skip(&records, text, strlen(text));
	records_end(&records);
	return records.records;
}

static void lines_end_where_they_end(void **state)
{
	(void)state;
	assert_int_equal(first(false, ""), 0);
	assert_int_equal(first(false, "{}"), 0);
	assert_int_equal(first(false, "{}\n{}\n"), 3);
	assert_int_equal(first(false, "\n{}\n"), 1);
	assert_int_equal(first(false, "{\"a\":\"\r\n"), 8);
}

static void quoted_cells_hold_line_ends(void **state)
{
	(void)state;
	assert_int_equal(first(true, "a,b\r\nc"), 5);
	assert_int_equal(first(true, "\"a\nb\",c\nd\n"), 8);
	assert_int_equal(first(true, "\"a\"\"\nb\",c\nd\n"), 10);
	assert_int_equal(first(true, "\"\",\"\"\"\"\nd"), 8);
	assert_int_equal(first(true, "\"\"\"\n\"\n"), 6);
	assert_int_equal(first(true, "a\"b\nc\"\n"), 4); /* no quote inside an unquoted cell */
	assert_int_equal(first(true, "a,\"b\nc\",d\n"), 10);
	assert_int_equal(first(true, "\"open\n"), 0);
}

static void records_are_counted_without_empty_lines(void **state)
{
	(void)state;
	assert_int_equal(count(false, ""), 0);
	assert_int_equal(count(false, "\n\r\n\n"), 0);
	assert_int_equal(count(false, "{}\n\n{}"), 2);
	assert_int_equal(count(true, "h\r\n\"a\n\nb\"\r\n\r\nc"), 3);
	assert_int_equal(count(true, "\"open\n\n"), 1);
}

static void a_mark_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(records_mark("\xEF\xBB\xBFx", 4), 3);
	assert_int_equal(records_mark("\xEF\xBB", 2), 0);
	assert_int_equal(records_mark("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_where_they_end),
		cmocka_unit_test(quoted_cells_hold_line_ends),
		cmocka_unit_test(records_are_counted_without_empty_lines),
		cmocka_unit_test(a_mark_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
