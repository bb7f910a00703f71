#include "uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* The 48 bits of time in front: 8 digits, a dash, 4 digits. */
static long long milliseconds_of(const struct uuid *uuid)
{
	char digits[13];

	memcpy(digits, uuid->text, 8);
	memcpy(digits + 8, uuid->text + 9, 4);
	digits[12] = '\0';
	return strtoll(digits, NULL, 16);
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void layout_of_rfc_9562_version_7(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		long long before = now();
		struct uuid uuid = uuid_new();
		long long after = now();

		assert_true(uuid_valid(uuid.text));
		assert_int_equal(uuid.text[14], '7');
		assert_non_null(strchr("89ab", uuid.text[19]));
		assert_true(before <= milliseconds_of(&uuid) && milliseconds_of(&uuid) <= after);
		for (int at = 0; uuid.text[at]; at++)
			assert_false(uuid.text[at] >= 'A' && uuid.text[at] <= 'F');
	}
}

static void each_is_behind_those_before_it(void **state)
{
	enum { COUNT = 500 };
	struct uuid many[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		many[i] = uuid_new();
	for (int i = 1; i < COUNT; i++)
		assert_true(strcmp(many[i - 1].text, many[i].text) < 0);
}

static void canonical_form_only(void **state)
{
	static const char *const good[] = { "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "00000000-0000-0000-0000-000000000000",
		"ffffffff-ffff-ffff-ffff-ffffffffffff" };
	static const char *const bad[] = { "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
		"{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", " 017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e-279b0-7cc3-98c4-dc0c0c07398f", "------------------------------------" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(uuid_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(uuid_valid(bad[i]));
}

static void nodes_are_told(void **state)
{
	static const char *const nodes[] = { "gateway", "calls", "offers", "contracts", "inventory", "scheduling" };
	const int count = sizeof(nodes) / sizeof(nodes[0]);

	(void)state;
	for (int i = 0; i < count; i++) {
		struct uuid uuid = uuid_new_of(nodes[i]);
		struct uuid again = uuid_new_of(nodes[i]);

		assert_true(uuid_valid(uuid.text));
		assert_int_equal(uuid.text[14], '7');
		assert_string_not_equal(uuid.text, again.text);
		for (int j = 0; j < count; j++)
			assert_int_equal(uuid_of(uuid.text, nodes[j]), i == j);
	}
	assert_false(uuid_of("", "calls"));
	assert_false(uuid_of("17f22e2", "calls"));
}

static void told_in_lower_case(void **state)
{
	(void)state;
	assert_string_equal(
		uuid_lower("0193A5D2-7C1E-7D3a-9B1F-2F6C8E4A1B00").text, "0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_of_rfc_9562_version_7),
		cmocka_unit_test(each_is_behind_those_before_it),
		cmocka_unit_test(canonical_form_only),
		cmocka_unit_test(nodes_are_told),
		cmocka_unit_test(told_in_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
