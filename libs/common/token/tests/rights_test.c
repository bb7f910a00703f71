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

static void names_come_back(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int i = 1; i < SCOPE_COUNT; i++) {
		bool unknown = true;

		assert_true(scopes_parse(scope_name((enum scope)i), &unknown) == SCOPE_BIT(i));
		assert_false(unknown);
		assert_string_equal(scope_list(arena, SCOPE_BIT(i)), scope_name((enum scope)i));
	}
	for (int i = 0; i < ROLE_COUNT; i++) {
		assert_true(role_parse(role_name((enum role)i)) == ROLE_BIT(i));
		assert_true(roles_parse(role_list(arena, ROLE_BIT(i))) == ROLE_BIT(i));
	}
	arena_free(arena);
}

static void lists_of_names(void **state)
{
	const role_mask both = ROLE_BIT(ROLE_MANAGER) | ROLE_BIT(ROLE_PORTAL);
	bool unknown;

	(void)state;
	assert_true(roles_parse(" manager  portal ") == both);
	assert_true(roles_parse("manager nobody portal") == both);
	assert_true(scopes_parse("calls:read customers:read", &unknown) ==
		(SCOPE_BIT(SCOPE_CALLS_READ) | SCOPE_BIT(SCOPE_CUSTOMERS_READ)));
	assert_false(unknown);
	assert_true(scopes_parse("calls:read calls:rea calls:reads", &unknown) == SCOPE_BIT(SCOPE_CALLS_READ));
	assert_true(unknown);
	assert_true(scopes_parse(NULL, &unknown) == 0 && !unknown);
	assert_true(scopes_parse("", NULL) == 0 && roles_parse(NULL) == 0 && role_parse("") == 0);
}

/* The last scopes lie past the bits of a common integer, once there are more than 64. */
static void every_scope_is_a_bit_of_its_own(void **state)
{
	scope_mask all = 0;

	(void)state;
	for (int i = 1; i < SCOPE_COUNT; i++) {
		assert_true((all & SCOPE_BIT(i)) == 0);
		all |= SCOPE_BIT(i);
	}
	assert_true(SCOPE_BIT(127) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tenants_have_all_roles_but_the_platforms),
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(lists_of_names),
		cmocka_unit_test(every_scope_is_a_bit_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
