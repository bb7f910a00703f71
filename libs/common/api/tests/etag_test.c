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
	assert_string_equal(etags_versions(arena, "\"3-0123456789abcdef\", \"4-\", \"5x\""), "{3,4}");
	assert_string_equal(etags_versions(arena, "\"x\", \"\", \"-1\", \"1234567890\", \"1,2\""), "{}");
	arena_free(arena);
}

static void a_version_is_named_whatever_was_shown(void **state)
{
	(void)state;
	assert_true(etags_name_version("*", "3"));
	assert_true(etags_name_version("\"2\", \"3\"", "3"));
	assert_true(etags_name_version("\"3-0123456789abcdef\"", "3"));
	assert_false(etags_name_version("\"2\", W/\"3\"", "3"));
	assert_false(etags_name_version("\"33\", \"\", \"13-3\"", "3"));
}

static void a_tag_is_named(void **state)
{
	(void)state;
	assert_true(etags_name("*", "\"3\""));
	assert_true(etags_name("\"2\", \"3\"", "\"3\""));
	assert_true(etags_name("\"2\", W/\"3\"", "\"3\""));
	assert_false(etags_name("\"33\", \"\"", "\"3\""));
	assert_false(etags_name("\"3\"", "\"3-0123456789abcdef\""));
}

/* The digest is SipHash-2-4 with a key of zeros: the same in every replica, and after a start. */
static void a_tag_tells_version_and_what_is_shown(void **state)
{
	struct arena *arena = arena_new();
	const char *etag = etag_of(arena, "3", "{}");

	(void)state;
	assert_string_equal(etag, "\"3-2c22a4d6a1ced63a\"");
	assert_true(etags_valid(etag));
	assert_string_not_equal(etag, etag_of(arena, "3", "{ }"));
	assert_string_not_equal(etag, etag_of(arena, "4", "{}"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_tags),
		cmocka_unit_test(versions_are_compared_strongly),
		cmocka_unit_test(a_version_is_named_whatever_was_shown),
		cmocka_unit_test(a_tag_is_named),
		cmocka_unit_test(a_tag_tells_version_and_what_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
