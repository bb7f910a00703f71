#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct {
	const char *text;
	const char *utc; /* NULL: not a time */
} instants[] = {
	/* the examples of RFC 3339 section 5.8 */
	{ "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z" },
	{ "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z" },
	{ "1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z" },
	{ "1990-12-31T23:59:60Z", NULL }, /* a leap second: PostgreSQL and POSIX have none */
					  /* fractions, offsets, spellings */
	{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
	{ "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
	{ "2026-11-24T07:02:19.1239999Z", "2026-11-24T07:02:19.123Z" },
	{ "2026-11-24t07:02:19z", "2026-11-24T07:02:19.000Z" },
	{ "2026-11-24 07:02:19Z", "2026-11-24T07:02:19.000Z" },
	{ "2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z" },
	{ "2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z" },
	{ "2026-01-01T00:30:00-00:00", "2026-01-01T00:30:00.000Z" },
	/* leap years */
	{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z" },
	{ "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z" },
	{ "1900-02-29T00:00:00Z", NULL },
	{ "2100-02-29T00:00:00Z", NULL },
	{ "2023-02-29T00:00:00Z", NULL },
	/* the bounds */
	{ "1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z" },
	{ "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
	{ "1899-12-31T23:59:59Z", NULL },
	{ "1900-01-01T00:00:00+00:01", NULL },
	{ "9999-12-31T23:59:59-00:01", NULL },
	/* no times */
	{ "", NULL },
	{ "2026-11-24", NULL },
	{ "2026-11-24T07:02:19", NULL },
	{ "2026-11-24T07:02Z", NULL },
	{ "2026-11-24T07:02:19.Z", NULL },
	{ "2026-11-24T07:02:19+0200", NULL },
	{ "2026-11-24T07:02:19.123456789-15:59", "2026-11-24T23:01:19.123Z" },
	{ "2026-11-24T07:02:19.1234567890Z", NULL },
	{ "2026-11-24T07:02:19+16:00", NULL },
	{ "2026-11-24T07:02:19+24:00", NULL },
	{ "2026-11-24T07:02:19+02:60", NULL },
	{ "2026-11-24T24:00:00Z", NULL },
	{ "2026-11-24T07:60:00Z", NULL },
	{ "2026-13-01T00:00:00Z", NULL },
	{ "2026-00-01T00:00:00Z", NULL },
	{ "2026-01-00T00:00:00Z", NULL },
	{ "2026-04-31T00:00:00Z", NULL },
	{ "2026-11-24T07:02:19Zx", NULL },
	{ "+2026-11-24T07:02:19Z", NULL },
	{ "26-11-24T07:02:19Z", NULL },
	{ " 2026-11-24T07:02:19Z", NULL },
};

static void instants_of_rfc_3339(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
		int64_t milliseconds = -42;
		char text[CLOCK_TEXT];
		bool good = clock_parse(instants[i].text, &milliseconds);

		if (good != (instants[i].utc != NULL))
			fail_msg("%s was %s", instants[i].text, good ? "taken" : "refused");
		if (good)
			assert_string_equal(clock_format(milliseconds, text), instants[i].utc);
		else
			assert_int_equal(milliseconds, -42);
	}
}

static void known_instants(void **state)
{
	int64_t milliseconds;
	char text[CLOCK_TEXT];

	(void)state;
	assert_true(clock_parse("2001-09-09T01:46:40Z", &milliseconds));
	assert_true(milliseconds == 1000000000000);
	assert_string_equal(clock_format(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(clock_format(-1000, text), "1969-12-31T23:59:59.000Z");
	assert_string_equal(clock_format(0, text), "1970-01-01T00:00:00.000Z");
}

static void dates(void **state)
{
	static const char *const good[] = { "2026-11-24", "2024-02-29", "1900-01-01", "9999-12-31", "2000-02-29" };
	static const char *const bad[] = { "", "2026-11-24T00:00:00Z", "2026-11-31", "2023-02-29", "1900-02-29",
		"1899-12-31", "2026-1-1", "20261124", "2026-11-24 ", "2026/11/24", "10000-01-01" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(clock_date_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(clock_date_valid(bad[i]));
}

static void clocks_go_on(void **state)
{
	int64_t before = clock_monotonic_us();
	const struct timespec pause = { .tv_nsec = 2000000 };

	(void)state;
	nanosleep(&pause, NULL);
	assert_true(clock_monotonic_us() - before >= 2000);
	assert_true(clock_monotonic() >= before / 1000 + 2);
	assert_true(clock_now() / 1000 - (int64_t)time(NULL) <= 1);
	assert_true((int64_t)time(NULL) - clock_now() / 1000 <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants_of_rfc_3339),
		cmocka_unit_test(known_instants),
		cmocka_unit_test(dates),
		cmocka_unit_test(clocks_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
