#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The bytes of the first record, told at once and byte by byte. */
static size_t first(char separator, const char *text)
{
	struct records whole = { .separator = separator };
	struct records split = { .separator = separator };
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

static size_t count(char separator, const char *text)
{
	struct records records = { .separator = separator };

	records_skip(&records, text, strlen(text));
	records_end(&records);
	return records.records;
}

static void lines_end_where_they_end(void **state)
{
	(void)state;
	assert_int_equal(first('\0', ""), 0);
	assert_int_equal(first('\0', "{}"), 0);
	assert_int_equal(first('\0', "{}\n{}\n"), 3);
	assert_int_equal(first('\0', "\n{}\n"), 1);
	assert_int_equal(first('\0', "{\"a\":\"\r\n"), 8);
}

static void quoted_cells_hold_line_ends(void **state)
{
	(void)state;
	assert_int_equal(first(',', "a,b\r\nc"), 5);
	assert_int_equal(first(',', "\"a\nb\",c\nd\n"), 8);
	assert_int_equal(first(',', "\"a\"\"\nb\",c\nd\n"), 10);
	assert_int_equal(first(',', "\"\",\"\"\"\"\nd"), 8);
	assert_int_equal(first(',', "\"\"\"\n\"\n"), 6);
	assert_int_equal(first(',', "a\"b\nc\"\n"), 4); /* no quote inside an unquoted cell */
	assert_int_equal(first(',', "a,\"b\nc\",d\n"), 10);
	assert_int_equal(first(',', "\"open\n"), 0);
	assert_int_equal(first(';', "a;\"b\nc\";d\n"), 10);
	assert_int_equal(first(';', "a,\"b\nc\"\n"), 5);
}

static void semicolons_separate_where_the_header_has_no_comma(void **state)
{
	static const char both[] = "a;b,c\n";
	static const char later[] = "a;b\n1,2\n";

	(void)state;
	assert_int_equal(records_separator("", 0), ',');
	assert_int_equal(records_separator("a", 1), ',');
	assert_int_equal(records_separator("a;b", 3), ';');
	assert_int_equal(records_separator(both, strlen(both)), ',');
	assert_int_equal(records_separator(later, strlen(later)), ';');
}

static void records_are_counted_without_empty_lines(void **state)
{
	(void)state;
	assert_int_equal(count('\0', ""), 0);
	assert_int_equal(count('\0', "\n\r\n\n"), 0);
	assert_int_equal(count('\0', "{}\n\n{}"), 2);
	assert_int_equal(count(',', "h\r\n\"a\n\nb\"\r\n\r\nc"), 3);
	assert_int_equal(count(',', "\"open\n\n"), 1);
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
		cmocka_unit_test(semicolons_separate_where_the_header_has_no_comma),
		cmocka_unit_test(records_are_counted_without_empty_lines),
		cmocka_unit_test(a_mark_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
