#include "csv.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EMPTY_LINES ((size_t)256 * 1024)
#define HEAD        "code,label\n"

static const struct field fields[] = { { "code", FIELD_TEXT }, { "label", FIELD_TEXT }, { 0 } };

struct taken {
	size_t count;
	size_t line; /* of the last */
	const json_t *object;
};

static bool take(void *context, size_t line, json_t *object)
{
	struct taken *taken = context;

	taken->count++;
	taken->line = line;
	taken->object = object;
	return true;
}

static struct taken read_all(struct arena *arena, const char *bytes, size_t length)
{
	struct taken taken = { 0 };
	const char *problem = NULL;

	assert_int_equal(csv_objects(arena, fields, bytes, length, NULL, take, &taken, &problem), FAULT_NONE);
	return taken;
}

static void lines_become_objects(void **state)
{
	static const char text[] = HEAD "a,b\r\n\n\"c\n\"\"\",\n";
	struct arena *arena = arena_new();
	struct taken taken = read_all(arena, text, strlen(text));

	(void)state;
	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.line, 4);
	assert_string_equal(json_string_at(taken.object, "code"), "c\n\"");
	assert_null(json_string_at(taken.object, "label"));
	arena_free(arena);
}

/* As spreadsheets write it where the comma is the decimal point. */
static void a_header_of_semicolons_separates_by_them(void **state)
{
	static const char text[] = "code;label\r\n9,50;\"c;d\"\r\n";
	static const char commas[] = HEAD "a;b,c\n";
	struct arena *arena = arena_new();
	struct taken taken = read_all(arena, text, strlen(text));

	(void)state;
	assert_int_equal(taken.count, 1);
	assert_string_equal(json_string_at(taken.object, "code"), "9,50");
	assert_string_equal(json_string_at(taken.object, "label"), "c;d");
	taken = read_all(arena, commas, strlen(commas));
	assert_string_equal(json_string_at(taken.object, "code"), "a;b");
	arena_free(arena);
}

static void empty_lines_cost_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct arena *bytes = arena_new();
	char *text = arena_alloc(bytes, sizeof(HEAD) + EMPTY_LINES + 3);
	struct taken taken;

	(void)state;
	memcpy(text, HEAD, strlen(HEAD));
	memset(text + strlen(HEAD), '\n', EMPTY_LINES);
	memcpy(text + strlen(HEAD) + EMPTY_LINES, "x,y", 3);
	taken = read_all(arena, text, strlen(text));
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.line, EMPTY_LINES + 2);
	assert_string_equal(json_string_at(taken.object, "label"), "y");
	assert_in_range(arena_used(arena), 1, (size_t)64 * 1024);
	arena_free(bytes);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_objects),
		cmocka_unit_test(a_header_of_semicolons_separates_by_them),
		cmocka_unit_test(empty_lines_cost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
