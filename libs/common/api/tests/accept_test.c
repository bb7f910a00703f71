#include "accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct weighed {
	const char *header;
	const char *wanted;
	int weight;
};

#define EXAMPLE "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/html;level=1, */*;q=0.5"

static void media_types(void **state)
{
	static const struct weighed cases[] = {
		{ NULL, "text/csv", 1000 },
		{ "", "text/csv", 1000 },
		{ "*/*", "text/csv", 1000 },
		{ "text/csv", "application/json", 0 },
		{ "TEXT/CSV ; charset=utf-8", "text/csv", 1000 },
		{ "text/csv;q=0", "text/csv", 0 },
		{ "application/json, text/csv;q=0", "text/csv", 0 },
		{ "text/csv;q=0, */*", "text/csv", 0 },
		{ "*/*;q=0.1,text/*;q=0.25,text/html", "text/csv", 250 },
		{ "text/html, application/xhtml+xml, */*;q=0.8", "application/json", 800 },
		{ "x/text/csv, text/csvx, text", "text/csv", 0 },
		{ "a/b;c=\"x, text/csv\"", "text/csv", 0 },
		{ "a/b;c=\"\\\", text/csv", "text/csv", 0 },
		{ "text/csv;q=1.1", "text/csv", 0 },
		{ "text/csv;q=0.1234", "text/csv", 0 },
		{ "text/csv;q=", "text/csv", 0 },
		{ "text/csv;q=x, */*;q=0.2", "text/csv", 200 },
		{ "text/csv; Q=1.000", "text/csv", 1000 },
		{ " ,, text/csv ,", "text/csv", 1000 },
		/* RFC 9110 section 12.5.1, without levels and flows */
		{ EXAMPLE, "text/plain", 1000 },
		{ EXAMPLE, "text/css", 300 },
		{ EXAMPLE, "image/png", 500 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (accept_type(cases[i].header, cases[i].wanted) != cases[i].weight)
			fail_msg("%s: %s weighs %d", cases[i].header, cases[i].wanted,
				accept_type(cases[i].header, cases[i].wanted));
}

static void codings(void **state)
{
	(void)state;
	assert_int_equal(accept_coding(NULL, "gzip"), 0);
	assert_int_equal(accept_coding("", "gzip"), 0);
	assert_int_equal(accept_coding("deflate, GZIP;q=0.5", "gzip"), 500);
	assert_int_equal(accept_coding("gzip;q=0, *", "gzip"), 0);
	assert_int_equal(accept_coding("br, *;q=0.1", "gzip"), 100);
	assert_int_equal(accept_coding("xgzip", "gzip"), 0);
}

static void languages(void **state)
{
	(void)state;
	assert_int_equal(accept_language(NULL, "it"), 0);
	assert_int_equal(accept_language("it-IT, it;q=0.9", "it"), 900);
	assert_int_equal(accept_language("fr, it-CH;q=0.4, en;q=0.3", "it"), 400);
	assert_int_equal(accept_language("italian, ita, i", "it"), 0);
	assert_int_equal(accept_language("de, *;q=0.2", "en"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(media_types),
		cmocka_unit_test(codings),
		cmocka_unit_test(languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
