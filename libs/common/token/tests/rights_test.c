#include "rights.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void tenants_have_all_roles_but_the_platforms(void **state)
{
	struct arena *arena = arena_new();
	role_mask all = ROLE_BIT(ROLE_COUNT) - 1;

	(void)state;
	assert_string_equal(ROLES_OF_TENANTS, role_list(arena, all & ~ROLE_BIT(ROLE_PLATFORM)));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tenants_have_all_roles_but_the_platforms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
