/* Keys and tokens that are kept, and what a caller may by his token. */
#include "token_fixture.h"

#include <unistd.h>

static void unknown_key_is_asked_for_once_in_a_while(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ""))), FAULT_NONE);
	assert_int_equal(fixture->fetches, 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(verify(fixture, sign(fixture, stranger_key, claims_of(fixture, OURS, ""))),
			FAULT_UNAUTHENTICATED);
	assert_int_equal(fixture->fetches, 1); /* asked a moment ago; token_keys_test moves the clock */
}

static void unreachable_keys_are_another_fault(void **state)
{
	struct fixture *fixture = *state;

	fixture->down = true;
	assert_int_equal(verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ""))), FAULT_UNAVAILABLE);
	assert_null(fixture->reason);
}

static void good_token_is_cached_until_forgotten(void **state)
{
	struct fixture *fixture = *state;
	const char *compact = sign(fixture, our_key, claims_of(fixture, OURS, ",\"jti\":\"j\",\"name\":\"Anna\""));
	struct caller first;

	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	first = fixture->caller;
	fixture->published = stranger_key;
	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	assert_int_equal(fixture->fetches, 1);
	assert_string_equal(fixture->caller.token, compact);
	assert_string_equal(fixture->caller.id, "j");
	assert_string_equal(fixture->caller.name, "Anna");
	assert_string_equal(fixture->caller.subject, first.subject);
	assert_string_equal(fixture->caller.tenant, first.tenant);
	assert_null(fixture->caller.technician_id);
	assert_true(fixture->caller.scopes == first.scopes && fixture->caller.expires == first.expires);
	assert_ptr_not_equal(fixture->caller.subject, first.subject);
}

static void cached_token_still_expires(void **state)
{
	struct fixture *fixture = *state;
	const char *compact = sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":%lld}", 3 - TOKEN_LEEWAY_SECONDS);
	int64_t started = clock_monotonic();

	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	while (verify(fixture, compact) == FAULT_NONE) {
		assert_true(clock_monotonic() - started < 30000);
		usleep(20000);
	}
	assert_string_equal(fixture->reason, "the token has expired");
}

static void many_tokens_do_not_mix(void **state)
{
	struct fixture *fixture = *state;
	const char *tokens[40];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 40; i++) {
			char more[64];

			snprintf(more, sizeof(more), ",\"jti\":\"number %d\"", i);
			if (round == 0)
				tokens[i] = sign(fixture, our_key, claims_of(fixture, OURS, more));
			assert_int_equal(verify(fixture, tokens[i]), FAULT_NONE);
			snprintf(more, sizeof(more), "number %d", i);
			assert_string_equal(fixture->caller.id, more);
		}
	}
}

static void issuer_speaks_for_its_tenants_only(void **state)
{
	struct fixture *fixture = *state;
	const char *claims = arena_printf(fixture->arena,
		"{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"admin\","
		"\"platform\"],"
		"\"tenant\":\"0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4f\"}",
		FOREIGN, AUDIENCE);

	assert_refused(fixture, sign(fixture, foreign_key, claims), "the issuer may not speak for this tenant");
	/* Its own tenant, but the role that makes tenants is not its to give. */
	claims = arena_printf(fixture->arena,
		"{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"operator\","
		"\"platform\"],"
		"\"tenant\":\"%s\"}",
		FOREIGN, AUDIENCE, OTHER);
	assert_int_equal(verify(fixture, sign(fixture, foreign_key, claims)), FAULT_NONE);
	assert_int_equal(fixture->caller.roles, ROLE_BIT(ROLE_OPERATOR));
	assert_false(fixture->caller.scopes & SCOPE_BIT(SCOPE_TENANTS_WRITE));
}

static void only_platform_needs_no_tenant(void **state)
{
	static const char platform[] = "{\"iss\":\"" OURS "\",\"aud\":\"" AUDIENCE
				       "\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"platform\"]}";
	static const char both[] = "{\"iss\":\"" OURS "\",\"aud\":\"" AUDIENCE
				   "\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"platform\",\"admin\"]}";
	static const char foreign[] = "{\"iss\":\"" FOREIGN "\",\"aud\":\"" AUDIENCE
				      "\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"platform\"]}";
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture, sign(fixture, our_key, platform)), FAULT_NONE);
	assert_null(fixture->caller.tenant);
	assert_true(fixture->caller.scopes == SCOPE_BIT(SCOPE_TENANTS_WRITE));
	assert_refused(fixture, sign(fixture, our_key, both), "the token names no tenant");
	assert_refused(fixture, sign(fixture, foreign_key, foreign), "the token names no tenant");
}

static void scope_narrows_and_never_widens(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture,
				 sign(fixture, our_key,
					 claims_of(fixture, OURS,
						 ",\"scope\":\"calls:read  accounts:write "
						 "unknown:thing customers:read\""))),
		FAULT_NONE);
	assert_true(fixture->caller.scopes == (SCOPE_BIT(SCOPE_CALLS_READ) | SCOPE_BIT(SCOPE_CUSTOMERS_READ)));
	assert_int_equal(
		verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ",\"scope\":\"\""))), FAULT_NONE);
	assert_true(fixture->caller.scopes == 0);
}

static void unknown_roles_are_ignored(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture,
				 sign_at(fixture,
					 "{\"iss\":\"" OURS "\",\"aud\":\"" AUDIENCE
					 "\",\"exp\":%lld,\"sub\":\"x\",\"tenant\":\"" TENANT
					 "\",\"roles\":[\"wizard\",\"sales\",\"\"]}",
					 60)),
		FAULT_NONE);
	assert_int_equal(fixture->caller.roles, ROLE_BIT(ROLE_SALES));
}

static void ill_typed_claims_are_refused(void **state)
{
	static const char *const more[] = { ",\"name\":1", ",\"jti\":{}", ",\"technician_id\":\"7\"",
		",\"customer_id\":\"\"", ",\"scope\":[\"calls:read\"]", ",\"technician_id\":null" };
	static const char *const whole[] = {
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"tenant\":\"" TENANT "\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"\",\"tenant\":\"" TENANT
		"\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"x\",\"tenant\":\"demo\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"x\",\"tenant\":\"" TENANT
		"\",\"roles\":\"admin\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"x\",\"tenant\":\"" TENANT
		"\",\"roles\":[1]}",
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		assert_refused(fixture, sign(fixture, our_key, claims_of(fixture, OURS, more[i])),
			"a claim of the token misses or has the wrong type");
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		assert_refused(
			fixture, sign(fixture, our_key, whole[i]), "a claim of the token misses or has the wrong type");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unknown_key_is_asked_for_once_in_a_while),
		TEST(unreachable_keys_are_another_fault),
		TEST(good_token_is_cached_until_forgotten),
		TEST(cached_token_still_expires),
		TEST(many_tokens_do_not_mix),
		TEST(issuer_speaks_for_its_tenants_only),
		TEST(only_platform_needs_no_tenant),
		TEST(scope_narrows_and_never_widens),
		TEST(unknown_roles_are_ignored),
		TEST(ill_typed_claims_are_refused),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
