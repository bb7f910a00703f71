#include "text.h"

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

static void grows_to_its_maximum(void **state)
{
	struct text text = text_new(*state, 1000);

	assert_string_equal(text_c(&text), "");
	for (int i = 0; i < 100; i++)
		text_add(&text, "0123456789");
	assert_false(text.full);
	assert_int_equal(text.length, 1000);
	text_add(&text, "");
	assert_false(text.full);
	text_add_char(&text, 'x');
	assert_true(text.full);
	assert_int_equal(text.length, 1000);
	assert_int_equal(strlen(text_c(&text)), 1000);
}

static void what_does_not_fit_changes_nothing_nor_does_what_follows(void **state)
{
	struct text text = text_new(*state, 8);

	text_add(&text, "12345");
	text_addf(&text, "%d", 6789);
	assert_true(text.full);
	text_add_char(&text, 'x');
	text_addf(&text, "%s", "y");
	assert_string_equal(text_c(&text), "12345");
	text_clear(&text);
	assert_string_equal(text_c(&text), "");
	text_addf(&text, "%s-%03d", "abcd", 7);
	assert_false(text.full);
	assert_string_equal(text_c(&text), "abcd-007");
}

static void json_strings_of_rfc_8259(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *json;
	} vectors[] = {
		{ "", 0, "\"\"" },
		{ "plain/\x7F", 7, "\"plain/\x7F\"" },
		{ "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
		{ "\b\f\n\r\t\x1F", 6, "\"\\u0008\\u000c\\n\\r\\t\\u001f\"" },
		{ "a\0b", 3, "\"a\\u0000b\"" },
		{ " !#[]~", 6, "\" !#[]~\"" },
		{ "\xC3\xA8\xE2\x82\xAC\xF0\x9F\x98\x80", 9, "\"\xC3\xA8\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
		{ "\xC0\x80", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },
		{ "x\xC3", 2, "\"x\xEF\xBF\xBD\"" },
		{ "\xED\xA0\x80x", 4, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx\"" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct text text = text_new(*state, 100);

		text_add_json_bytes(&text, vectors[i].bytes, vectors[i].length);
		assert_string_equal(text_c(&text), vectors[i].json);
	}
}

static void json_null(void **state)
{
	struct text text = text_new(*state, 100);

	text_add_json(&text, NULL);
	text_add_json(&text, "x");
	assert_string_equal(text_c(&text), "null\"x\"");
}

static void csv_fields_of_rfc_4180(void **state)
{
	static const char *const vectors[][2] = { { "", "" }, { "plain", "plain" }, { "a b", "a b" },
		{ "a,b", "\"a,b\"" }, { "say \"hi\"", "\"say \"\"hi\"\"\"" }, { "two\nlines", "\"two\nlines\"" },
		{ "\r", "\"\r\"" }, { " lead", "\" lead\"" }, { "trail ", "\"trail \"" }, { "a;b", "a;b" } };

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct text text = text_new(*state, 100);

		text_add_csv(&text, vectors[i][0], strlen(vectors[i][0]));
		assert_string_equal(text_c(&text), vectors[i][1]);
	}
}

static void utf8_of_rfc_3629(void **state)
{
	static const struct {
		const char *bytes;
		long characters;
	} vectors[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "\x7F", 1 },
		{ "\xC2\x80", 1 },
		{ "\xDF\xBF", 1 },
		{ "\xE0\xA0\x80", 1 },
		{ "\xED\x9F\xBF", 1 }, /* the last before the surrogates */
		{ "\xEE\x80\x80", 1 }, /* the first behind them */
		{ "\xEF\xBF\xBF", 1 },
		{ "\xF0\x90\x80\x80", 1 },
		{ "\xF4\x8F\xBF\xBF", 1 },
		{ "perch\xC3\xA9", 6 },
		{ "\x80", -1 },
		{ "\xBF", -1 },
		{ "\xC0\xAF", -1 },         /* overlong */
		{ "\xC1\xBF", -1 },         /* overlong */
		{ "\xE0\x9F\xBF", -1 },     /* overlong */
		{ "\xF0\x8F\xBF\xBF", -1 }, /* overlong */
		{ "\xED\xA0\x80", -1 },     /* a surrogate */
		{ "\xED\xBF\xBF", -1 },     /* a surrogate */
		{ "\xF4\x90\x80\x80", -1 }, /* past U+10FFFF */
		{ "\xF5\x80\x80\x80", -1 },
		{ "\xFE", -1 },
		{ "\xFF", -1 },
		{ "\xC3", -1 }, /* cut */
		{ "\xE2\x82", -1 },
		{ "\xF0\x9F\x98", -1 },
		{ "\xC3x", -1 },
		{ "\xE2\x28\xA1", -1 },
		{ "\xF0\x9F\x28\x80", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(text_utf8_length(vectors[i].bytes, strlen(vectors[i].bytes)), vectors[i].characters);
	assert_int_equal(text_utf8_length("a\0b", 3), -1);
}

static void base64url_of_rfc_4648(void **state)
{
	static const char *const vectors[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xFB\xFF\xBF", "-_-_" },
		{ "\x14\xFB\x9C\x03\xD9\x7E", "FPucA9l-" } };

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t length = strlen(vectors[i][0]);
		size_t decoded;

		assert_string_equal(text_base64url(*state, vectors[i][0], length), vectors[i][1]);
		assert_string_equal(text_base64url_decode(*state, vectors[i][1], &decoded), vectors[i][0]);
		assert_int_equal(decoded, length);
	}
}

static void base64url_that_is_none(void **state)
{
	static const char *const bad[] = { "A", "AAAAA", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n",
		"Z\xC3\xA8g" };
	size_t length = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(text_base64url_decode(*state, bad[i], &length));
	assert_int_equal(length, 7);
}

static void hexadecimal(void **state)
{
	static const char *const bad[] = { "0", "000", "0g", "g0", "0x", " 0", "-1" };
	size_t length = 9;

	assert_string_equal(text_hex(*state, "\x00\x1F\xFF", 3), "001fff");
	assert_string_equal(text_hex(*state, "", 0), "");
	assert_memory_equal(text_unhex(*state, "001fFf", &length), "\x00\x1F\xFF", 4);
	assert_int_equal(length, 3);
	assert_string_equal(text_unhex(*state, "", &length), "");
	assert_int_equal(length, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(text_unhex(*state, bad[i], &length));
}

static void comparisons(void **state)
{
	(void)state;
	assert_true(text_starts("abc", "ab") && text_starts("abc", "") && text_starts("abc", "abc"));
	assert_false(text_starts("abc", "abcd") || text_starts("", "a"));
	assert_true(text_ends("abc", "bc") && text_ends("abc", "") && text_ends("abc", "abc"));
	assert_false(text_ends("bc", "abc") || text_ends("abc", "b"));
	assert_true(text_same("a", "a") && text_same(NULL, NULL));
	assert_false(text_same("a", "b") || text_same("a", NULL) || text_same(NULL, "a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_cut_leaves_whole_characters(void **state)
{
	(void)state;
	assert_int_equal(text_utf8_cut("", 0), 0);
	assert_int_equal(text_utf8_cut("abc", 5), 3);
	assert_int_equal(text_utf8_cut("abc", 3), 3);
	assert_int_equal(text_utf8_cut("abc", 2), 2);
	assert_int_equal(text_utf8_cut("a€b", 4), 4);
	assert_int_equal(text_utf8_cut("a€b", 3), 1);
	assert_int_equal(text_utf8_cut("a€b", 2), 1);
	assert_int_equal(text_utf8_cut("€", 2), 0);
}

/* The vectors of its authors. */
static void hashes_are_fnv_1a(void **state)
{
	(void)state;
	assert_true(text_hash(TEXT_HASH, "", 0) == 0xCBF29CE484222325U);
	assert_true(text_hash(TEXT_HASH, "a", 1) == 0xAF63DC4C8601EC8CU);
	assert_true(text_hash(TEXT_HASH, "foobar", 6) == 0x85944171F73967E8U);
	assert_true(text_hash(text_hash(TEXT_HASH, "foo", 3), "bar", 3) == 0x85944171F73967E8U);
}

static void letters_of_ascii_have_a_lower_case(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(text_lower(arena, "GET @[`{ \xC3\x89z"), "get @[`{ \xC3\x89z");
	assert_null(text_lower(arena, NULL));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_leaves_whole_characters),
		cmocka_unit_test(hashes_are_fnv_1a),
		cmocka_unit_test(letters_of_ascii_have_a_lower_case),
		TEST(grows_to_its_maximum),
		TEST(what_does_not_fit_changes_nothing_nor_does_what_follows),
		TEST(json_strings_of_rfc_8259),
		TEST(json_null),
		TEST(csv_fields_of_rfc_4180),
		TEST(utf8_of_rfc_3629),
		TEST(base64url_of_rfc_4648),
		TEST(base64url_that_is_none),
		TEST(hexadecimal),
		TEST(comparisons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
