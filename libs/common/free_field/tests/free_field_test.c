/* free_field: values checked by definitions, and bulk lines gathered into x. */
#include "free_field.h"

#include "arena.h"
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES                                                                                                        \
	"[{\"code\": \"gold\", \"label\": \"Gold\", \"active\": true}, "                                               \
	"{\"code\": \"iron\", \"label\": \"Iron\", \"active\": false}]"

/* Rows of free_field_read: slot, label, type, choices, max_length, decimals, required, active, revision. */
static const char *const rows[][9] = {
	{ "1", "Zone", "text", NULL, "5", NULL, "f", "t", "1" },
	{ "2", "Size", "number", NULL, NULL, "2", "f", "t", "3" },
	{ "3", "Since", "date", NULL, NULL, NULL, "f", "t", "1" },
	{ "4", "Loyal", "boolean", NULL, NULL, NULL, "f", "t", "1" },
	{ "5", "Class", "choice", CHOICES, NULL, NULL, "f", "t", "1" },
	{ "6", "Needed", "text", NULL, NULL, NULL, "t", "t", "1" },
	{ "7", "Old", "text", NULL, NULL, NULL, "t", "f", "1" },
	{ "8", "Twin", "text", NULL, NULL, NULL, "f", "t", "1" },
	{ "12", "Twin", "text", NULL, NULL, NULL, "f", "t", "1" },
};

#define ROWS    ((int)(sizeof(rows) / sizeof(rows[0])))
#define COLUMNS 9

static void result_clear(void *result)
{
	PQclear(result);
}

static const struct free_fields *definitions(struct arena *arena)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[COLUMNS] = { 0 };

	for (int i = 0; i < COLUMNS; i++)
		columns[i].name = "column";
	assert_int_equal(PQsetResultAttrs(result, COLUMNS, columns), 1);
	for (int i = 0; i < ROWS; i++)
		for (int j = 0; j < COLUMNS; j++)
			assert_int_equal(
				PQsetvalue(result, i, j, (char *)rows[i][j], rows[i][j] ? (int)strlen(rows[i][j]) : -1),
				1);
	arena_defer(arena, result_clear, result);
	return free_fields_make(arena, "customer", result);
}

static json_t *read(struct arena *arena, const char *text)
{
	const char *problem = NULL;
	json_t *json = json_read(arena, text, strlen(text), &problem);

	assert_non_null(json);
	return json;
}

/* What the check leaves, or the one fault as "POINTER CODE". */
static const char *checked(struct arena *arena, enum field_mode mode, const char *text)
{
	struct fault_list faults = { .arena = arena };
	json_t *x = read(arena, text);

	if (free_fields_check(definitions(arena), x, mode, &faults))
		return json_write(arena, x);
	assert_int_equal(faults.count, 1);
	return arena_printf(arena, "%s %s", faults.items[0].pointer, faults.items[0].code);
}

static void values_are_checked_by_their_type(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"1\": \"Milan\"}", "{\"1\":\"Milan\"}" },
		{ "{\"1\": \"Milano\"}", "/x/1 length" },
		{ "{\"1\": true}", "/x/1 type" },
		{ "{\"2\": \"1.50\"}", "{\"2\":\"1.5\"}" },
		{ "{\"2\": \"-0.00\"}", "{\"2\":\"0\"}" },
		{ "{\"2\": \"100\"}", "{\"2\":\"100\"}" },
		{ "{\"2\": \"1.505\"}", "/x/2 format" },
		{ "{\"2\": \"12345678901234567\"}", "/x/2 format" },
		{ "{\"3\": \"2026-02-28\"}", "{\"3\":\"2026-02-28\"}" },
		{ "{\"3\": \"2026-02-30\"}", "/x/3 format" },
		{ "{\"4\": false}", "{\"4\":false}" },
		{ "{\"4\": \"false\"}", "/x/4 type" },
		{ "{\"5\": \"gold\"}", "{\"5\":\"gold\"}" },
		{ "{\"5\": \"iron\"}", "/x/5 choice" },
		{ "{\"6\": null}", "/x/6 required" },
		{ "{\"7\": \"a\"}", "/x/7 inactive" },
		{ "{\"7\": null}", "/x/7 inactive" },
		{ "{\"9\": \"a\"}", "/x/9 unknown" },
		{ "{\"1\": null, \"2\": null}", "{\"1\":null,\"2\":null}" },
		{ "{}", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();

		assert_string_equal(checked(arena, FIELD_CHANGE, cases[i][0]), cases[i][1]);
		arena_free(arena);
	}
}

static void creation_needs_what_is_required_and_keeps_no_nulls(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(checked(arena, FIELD_CREATE, "{}"), "/x/6 required");
	assert_string_equal(checked(arena, FIELD_CREATE, "{\"6\": \"a\", \"1\": null}"), "{\"6\":\"a\"}");
	arena_free(arena);
}

static void filters_find_what_is_not_taken_any_more(void **state)
{
	struct arena *arena = arena_new();
	const struct free_fields *fields = definitions(arena);
	struct fault_list faults = { .arena = arena };

	(void)state;
	assert_true(field_check_text(&free_field_find(fields, "5")->searched, "iron", "x.5", &faults));
	assert_true(
		field_check_text(&free_field_find(fields, "2")->searched, "123456789012345678.123456", "x.2", &faults));
	assert_false(field_check_text(&free_field_find(fields, "2")->searched, "1.1234567", "x.2", &faults));
	assert_null(free_field_find(fields, "9"));
	assert_null(free_field_find(fields, "01"));
	arena_free(arena);
}

static void labels_name_what_they_name_alone(void **state)
{
	struct arena *arena = arena_new();
	const struct free_fields *fields = definitions(arena);

	(void)state;
	assert_int_equal(free_field_labelled(fields, "Zone")->slot, 1);
	assert_null(free_field_labelled(fields, "zone"));
	assert_null(free_field_labelled(fields, "Twin"));
	assert_null(free_field_labelled(fields, "Old"));
	arena_free(arena);
}

static void lines_are_gathered(void **state)
{
	static const struct field own[] = { { "name", FIELD_TEXT }, { "Size", FIELD_TEXT }, { "x", FIELD_FREE },
		{ 0 } };
	static const char *const cases[][2] = {
		{ "{\"name\": \"n\", \"Zone\": \"z\", \"x.3\": null}",
			"{\"name\":\"n\",\"x\":{\"1\":\"z\",\"3\":null}}" },
		{ "{\"x\": {\"2\": \"1\"}, \"Zone\": \"z\"}", "{\"x\":{\"2\":\"1\",\"1\":\"z\"}}" },
		{ "{\"Size\": \"own\", \"Twin\": \"t\", \"Old\": \"o\"}",
			"{\"Size\":\"own\",\"Twin\":\"t\",\"Old\":\"o\"}" },
		{ "{\"x.0\": 1, \"x.100\": 2, \"x.\": 3, \"x.a\": 4}", "{\"x.0\":1,\"x.100\":2,\"x.\":3,\"x.a\":4}" },
		{ "{\"x\": 5, \"Zone\": \"z\"}", "{\"x\":5,\"Zone\":\"z\"}" },
		{ "{\"name\": \"n\"}", "{\"name\":\"n\"}" },
	};
	struct arena *arena = arena_new();
	struct fault_list faults = { .arena = arena };
	json_t *twice = read(arena, "{\"x\": {\"1\": \"a\"}, \"x.1\": \"b\"}");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *line = read(arena, cases[i][0]);

		free_fields_gather(definitions(arena), own, line, &faults);
		assert_string_equal(json_write(arena, line), cases[i][1]);
	}
	assert_int_equal(faults.count, 0);
	free_fields_gather(definitions(arena), own, twice, &faults);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].pointer, "/x/1");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_checked_by_their_type),
		cmocka_unit_test(creation_needs_what_is_required_and_keeps_no_nulls),
		cmocka_unit_test(filters_find_what_is_not_taken_any_more),
		cmocka_unit_test(labels_name_what_they_name_alone),
		cmocka_unit_test(lines_are_gathered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
