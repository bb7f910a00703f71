#include "etag.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void lists_of_tags(void **state)
{
	static const char *const good[] = { "*", "\"3\"", "W/\"3\"", "\"\"", "\"3\", \"4\"", "\"3\",W/\"4\"",
		",\"3\",,", "\"\xE8\"" };
	static const char *const bad[] = { "", " ", ",", "3", "\"3", "3\"", "w/\"3\"", "W/ \"3\"", "W/3", "**",
		"*, \"3\"", "\"3\" \"4\"", "\"3\"x", "\"3\"; \"4\"", "\"a b\"", "\"a\tb\"", "\"a\x7F\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(etags_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(etags_valid(bad[i]));
}

static void versions_are_compared_strongly(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_null(etags_versions(arena, "*"));
	assert_string_equal(etags_versions(arena, "\"3\""), "{3}");
	assert_string_equal(etags_versions(arena, "\"3\", W/\"4\" ,\"5\""), "{3,5}");
	assert_string_equal(etags_versions(arena, "W/\"3\""), "{}");
	assert_string_equal(etags_versions(arena, "\"x\", \"\", \"-1\", \"1234567890\", \"1,2\""), "{}");
	arena_free(arena);
}

static void a_tag_is_named(void **state)
{
	(void)state;
	assert_true(etags_name("*", "\"3\"", false));
	assert_true(etags_name("\"2\", \"3\"", "\"3\"", false));
	assert_false(etags_name("\"2\", W/\"3\"", "\"3\"", false));
	assert_true(etags_name("\"2\", W/\"3\"", "\"3\"", true));
	assert_false(etags_name("\"33\", \"\"", "\"3\"", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_tags),
		cmocka_unit_test(versions_are_compared_strongly),
		cmocka_unit_test(a_tag_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
