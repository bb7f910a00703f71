#include "beside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_program_lies_beside_itself(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_true(beside(path, "beside_test"));
	assert_string_equal(strrchr(path, '/'), "/beside_test");
	assert_int_equal(path[0], '/');
}

static void what_is_not_there_is_told(void **state)
{
	char path[PATH_MAX];
	char longest[PATH_MAX];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(beside(path, "nothing of the kind"));
	assert_false(beside(path, longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_lies_beside_itself),
		cmocka_unit_test(what_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
