#include "arena.h"
#include "request.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_was_cut_is_no_answer(void **state)
{
	struct arena *arena = arena_new();
	struct request request = { .arena = arena };
	struct text body = text_new(arena, 2);

	(void)state;
	text_add(&body, "{}");
	assert_int_equal(response_text(&request, 201, &body), FAULT_NONE);
	assert_int_equal(request.response.status, 201);
	assert_string_equal(request.response.body, "{}");
	text_add(&body, "}");
	assert_int_equal(response_text(&request, 200, &body), FAULT_INTERNAL);
	assert_string_equal(request.detail, "The answer would be longer than 2 bytes.");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_cut_is_no_answer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
