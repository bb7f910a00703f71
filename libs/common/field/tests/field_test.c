#include "field.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct field fields[] = {
	{ "name", FIELD_TEXT, EITHER, .max = 5 },
	{ "phone", FIELD_TEXT, EITHER, .max = 5 },
	{ "colour", FIELD_TEXT, 0, .pattern = "^#[0-9a-f]{6}$" },
	{ "state", FIELD_CHOICE, 0, .choices = "todo done cancelled", .given = "todo done" },
	{ "count", FIELD_INTEGER, 0, .min = -5, .max = 5000000000 },
	{ "roles", FIELD_TEXTS, REQUIRED, .choices = "one two" },
	{ "tags", FIELD_TEXTS, REQUIRED | EMPTY },
	{ "call_id", FIELD_ID, 0 },
	{ "asset_ids", FIELD_IDS, 0 },
	{ 0 },
};

/* The faults of a body as "pointer code; pointer code". */
static const char *faults_of(struct arena *arena, json_t *body, enum field_mode mode)
{
	struct fault_list faults = { .arena = arena };
	const char *told = "";

	if (field_check(fields, body, mode, &faults) == FAULT_NONE)
		return "";
	for (size_t i = 0; i < faults.count; i++)
		told = arena_printf(
			arena, "%s%s%s %s", told, i ? "; " : "", faults.items[i].pointer, faults.items[i].code);
	return told;
}

static const char *checked(struct arena *arena, const char *text, enum field_mode mode)
{
	const char *problem;

	return faults_of(arena, json_read(arena, text, strlen(text), &problem), mode);
}

static void one_of_several_must_be_there(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(checked(arena, "{\"roles\":[\"one\"],\"tags\":[]}", FIELD_CREATE), "/name required");
	assert_string_equal(
		checked(arena, "{\"name\":null,\"roles\":[\"one\"],\"tags\":[]}", FIELD_CREATE), "/name required");
	assert_string_equal(checked(arena, "{\"phone\":\"1\",\"roles\":[\"one\"],\"tags\":[]}", FIELD_CREATE), "");
	assert_string_equal(checked(arena, "{}", FIELD_CHANGE), "");
	arena_free(arena);
}

static void required_lists_have_items(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(checked(arena, "{\"roles\":[],\"tags\":[]}", FIELD_CHANGE), "/roles length");
	assert_string_equal(checked(arena, "{\"roles\":[\"three\"]}", FIELD_CHANGE), "/roles/0 choice");
	arena_free(arena);
}

static void texts_have_their_form(void **state)
{
	static const char *const wrong[] = { "#12345", "#1234567", "x#123456", "#12345g", "#123456\\n" };
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(checked(arena, "{\"colour\":\"#09af00\"}", FIELD_CHANGE), "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_string_equal(checked(arena, arena_printf(arena, "{\"colour\":\"%s\"}", wrong[i]), FIELD_CHANGE),
			"/colour format");
	arena_free(arena);
}

/* What bodies may say is less than what rows show and lists filter by. */
static void choices_of_bodies(void **state)
{
	struct arena *arena = arena_new();
	struct fault_list faults = { .arena = arena };

	(void)state;
	assert_string_equal(checked(arena, "{\"state\":\"done\"}", FIELD_CHANGE), "");
	assert_string_equal(checked(arena, "{\"state\":\"cancelled\"}", FIELD_CHANGE), "/state choice");
	assert_true(field_check_text(field_find(fields, "state"), "cancelled", "state", &faults));
	arena_free(arena);
}

static void whole_numbers_however_they_are_written(void **state)
{
	static const char *const good[] = { "3", "3.0", "0.3e1", "-5.0", "5e9" };
	static const char *const bad[] = { "3.5", "1e300", "-1e300", "1e16", "\"3\"", "true" };
	struct arena *arena = arena_new();
	const char *problem;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *text = arena_printf(arena, "{\"count\":%s}", good[i]);
		json_t *body = json_read(arena, text, strlen(text), &problem);

		assert_string_equal(faults_of(arena, body, FIELD_CHANGE), "");
		assert_true(json_is_integer(json_object_get(body, "count"))); /* as PostgreSQL takes it */
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(
			checked(arena, arena_printf(arena, "{\"count\":%s}", bad[i]), FIELD_CHANGE), "/count type");
	assert_string_equal(checked(arena, "{\"count\":6e9}", FIELD_CHANGE), "/count range");
	arena_free(arena);
}

/* PostgreSQL compares texts where ids are kept within JSON. */
static void ids_get_one_spelling(void **state)
{
	static const char text[] = "{\"call_id\":\"0193A5D2-7C1E-7D3A-9B1F-2F6C8E4A1B00\","
				   "\"asset_ids\":[\"0193A5D2-7C1E-7D3A-9B1F-2F6C8E4A1B01\"]}";
	struct arena *arena = arena_new();
	const char *problem;
	json_t *body = json_read(arena, text, strlen(text), &problem);

	(void)state;
	assert_string_equal(faults_of(arena, body, FIELD_CHANGE), "");
	assert_string_equal(json_string_at(body, "call_id"), "0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00");
	assert_string_equal(json_string_value(json_array_get(json_object_get(body, "asset_ids"), 0)),
		"0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b01");
	assert_string_equal(checked(arena, "{\"asset_ids\":[\"0193A5D2\"]}", FIELD_CHANGE), "/asset_ids/0 format");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_several_must_be_there),
		cmocka_unit_test(required_lists_have_items),
		cmocka_unit_test(texts_have_their_form),
		cmocka_unit_test(choices_of_bodies),
		cmocka_unit_test(whole_numbers_however_they_are_written),
		cmocka_unit_test(ids_get_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
