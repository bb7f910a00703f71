#include "json.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static json_t *read_text(struct arena *arena, const char *text)
{
	const char *problem = NULL;
	json_t *json = json_read(arena, text, strlen(text), &problem);

	assert_true((json == NULL) == (problem != NULL));
	return json;
}

static void what_is_read_is_written_alike(void **state)
{
	static const char *const texts[] = { "{}", "[]", "null", "true", "-0.5", "\"x\"", "9223372036854775807",
		"{\"z\":1,\"a\":[1,2,{\"b\":null}],\"\":\"\"}", "\"\xC3\xA8\"" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(json_write(*state, read_text(*state, texts[i])), texts[i]);
	assert_string_equal(json_write(*state, read_text(*state, " { \"a\" : \"\\u00e8\" } ")), "{\"a\":\"\xC3\xA8\"}");
}

static void what_is_not_json_is_refused(void **state)
{
	static const char *const texts[] = { "", " ", "{", "{}x", "{a:1}", "{'a':1}", "[1,]", "{\"a\":1,}", "01", "+1",
		".5", "1.", "NaN", "Infinity", "nul", "\"", "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\xFF\"",
		"\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "9223372036854775808", "1e999", "{} {}", "// x\n{}",
		"\xEF\xBB\xBF{}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (read_text(*state, texts[i]))
			fail_msg("taken: %s", texts[i]);
}

static void two_of_a_key_are_refused(void **state)
{
	assert_null(read_text(*state, "{\"a\":1,\"a\":1}"));
	assert_null(read_text(*state, "{\"x\":{\"a\":1,\"b\":2,\"\\u0061\":3}}"));
	assert_non_null(read_text(*state, "{\"a\":{\"a\":1},\"A\":1}"));
}

static void zero_characters_are_refused(void **state)
{
	const char *problem;

	assert_null(read_text(*state, "\"a\\u0000b\""));
	assert_null(read_text(*state, "{\"a\\u0000b\":1}"));
	assert_null(json_read(*state, "\"a\0b\"", 5, &problem));
	assert_null(json_read(*state, "{}\0", 3, &problem));
}

static void problems_say_where(void **state)
{
	const char *problem = NULL;

	assert_null(json_read(*state, "{\n \"a\": x}", 10, &problem));
	assert_non_null(strstr(problem, "line 2"));
}

/* depth brackets around nothing, or around a string full of brackets. */
static const char *nested(struct arena *arena, int depth, const char *middle)
{
	char *text = arena_alloc(arena, (size_t)depth * 2 + strlen(middle) + 1);

	memset(text, '[', (size_t)depth);
	strcat(text, middle);
	memset(text + strlen(text), ']', (size_t)depth);
	return text;
}

static void depth_is_bounded(void **state)
{
	assert_non_null(read_text(*state, nested(*state, JSON_DEPTH_MAX, "")));
	assert_null(read_text(*state, nested(*state, JSON_DEPTH_MAX + 1, "")));
	assert_null(read_text(*state, nested(*state, 100000, "")));
	assert_non_null(read_text(*state, nested(*state, JSON_DEPTH_MAX, "\"[[[[\\\"[[[[{{{{\"")));
	assert_null(read_text(*state, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
}

static void strings_of_objects(void **state)
{
	const json_t *json = read_text(*state, "{\"a\":\"x\",\"n\":1,\"z\":null}");

	assert_string_equal(json_string_at(json, "a"), "x");
	assert_null(json_string_at(json, "n"));
	assert_null(json_string_at(json, "z"));
	assert_null(json_string_at(json, "none"));
	assert_null(json_string_at(read_text(*state, "[]"), "a"));
	assert_null(json_string_at(NULL, "a"));
}

static void members_are_taken_out_at_any_depth(void **state)
{
	json_t *json = read_text(*state, "{\"a\":1,\"b\":{\"a\":2,\"c\":3},\"l\":[{\"a\":4,\"c\":5},null],\"n\":null}");
	const char *const paths[] = { "a", "b.a", "l.a", "n.a", "none.a", "none" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		json_less(json, paths[i]);
	assert_string_equal(json_write(*state, json), "{\"b\":{\"c\":3},\"l\":[{\"c\":5},null],\"n\":null}");
	json_less(NULL, "a.b");
}

static void kept_trees_end_with_the_arena(void **state)
{
	struct arena *arena = arena_new();
	json_t *mine = json_object();

	(void)state;
	assert_ptr_equal(json_keep(arena, json_incref(mine)), mine);
	assert_int_equal(mine->refcount, 2);
	arena_free(arena);
	assert_int_equal(mine->refcount, 1);
	json_decref(mine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_read_is_written_alike),
		TEST(what_is_not_json_is_refused),
		TEST(two_of_a_key_are_refused),
		TEST(zero_characters_are_refused),
		TEST(problems_say_where),
		TEST(depth_is_bounded),
		TEST(strings_of_objects),
		TEST(members_are_taken_out_at_any_depth),
		cmocka_unit_test(kept_trees_end_with_the_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
