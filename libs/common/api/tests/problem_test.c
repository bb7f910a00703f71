#include "arena.h"
#include "request.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LONG_DETAIL ((size_t)10000)

/* Many show a problem by its detail alone. */
static void every_problem_has_a_detail(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
		struct request request = {
			.arena = arena, .path = "/v1/calls", .id = "x", .faults = { .arena = arena }, .italian = i % 2
		};
		const char *problem;
		const json_t *json;

		problem_write(&request, (enum fault)i);
		json = json_read(arena, request.response.body, request.response.length, &problem);
		assert_non_null(json);
		assert_true(json_string_length(json_object_get(json, "detail")) > 0);
	}
	arena_free(arena);
}

/* A detail may hold what the client sent: what is cut of it is whole characters. */
static void a_long_detail_is_cut_at_a_character(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int before = 0; before < 2; before++) {
		struct request request = {
			.arena = arena, .path = "/v1/calls", .id = "x", .faults = { .arena = arena }
		};
		struct text detail = text_new(arena, LONG_DETAIL);

		text_add(&detail, before ? "." : "");
		while (!detail.full)
			text_add(&detail, "\xC3\xA8");
		request.detail = text_c(&detail);
		problem_write(&request, FAULT_INVALID);
		assert_null(strstr(request.response.body, "\xEF\xBF\xBD"));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_problem_has_a_detail),
		cmocka_unit_test(a_long_detail_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
