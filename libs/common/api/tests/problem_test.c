#include "arena.h"
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_problem_has_a_detail) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
