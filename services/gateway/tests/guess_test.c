#include "bucket.h"
#include "fixture.h"
#include "gateway.h"
#include "guess.h"
#include "pg.h"

static const char *digest(struct fixture *fixture, const char *tenant, const char *name)
{
	return guess_of(&fixture->request, tenant, name).digest;
}

static void a_guess_is_counted_by_what_is_guessed(void **state)
{
	struct fixture *fixture = *state;
	const char *one = digest(fixture, "demo", "anna@example.com");

	assert_int_equal(strlen(one), 64);
	assert_string_equal(one, digest(fixture, "demo", "anna@example.com"));
	assert_string_not_equal(one, digest(fixture, "other", "anna@example.com"));
	assert_string_not_equal(one, digest(fixture, "demo", "anna@example.org"));
	assert_string_not_equal(one, digest(fixture, NULL, "anna@example.com"));
}

/* Accounts are found in any case; guesses must not start anew with each spelling. */
static void spelling_in_another_case_is_the_same_guess(void **state)
{
	assert_string_equal(digest(*state, "demo", "anna@example.com"), digest(*state, "DEMO", "Anna@Example.COM"));
}

static void tenant_and_name_are_not_run_together(void **state)
{
	assert_string_not_equal(digest(*state, "demo", "xanna"), digest(*state, "demox", "anna"));
}

static void an_address_that_guessed_wrong_too_often_waits(void **state)
{
	static const char *const variables[] = { NULL };
	struct fixture *fixture = *state;
	struct request *request = &fixture->request;
	struct gateway gateway = { .guesses = buckets_new(2.0 / 60, 2) };
	struct guess guess = guess_of(request, "demo", "anna@example.com");

	fixture_configure(fixture, variables);
	fixture->app.own = &gateway;
	for (int i = 0; i < 2; i++) {
		/* Right guesses cost nothing, so looking takes nothing. */
		assert_int_equal(guess_begin(request, pg_batch_new(fixture->arena), &guess), FAULT_NONE);
		assert_int_equal(guess_begin(request, pg_batch_new(fixture->arena), &guess), FAULT_NONE);
		guess_wrong(request);
	}
	assert_int_equal(guess_begin(request, pg_batch_new(fixture->arena), &guess), FAULT_TOO_MANY_REQUESTS);
	assert_string_equal(fixture_answered(fixture, "Retry-After"), "30");
	request->client = "198.51.100.7";
	assert_int_equal(guess_begin(request, pg_batch_new(fixture->arena), &guess), FAULT_NONE);
	buckets_free(gateway.guesses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_guess_is_counted_by_what_is_guessed),
		TEST(spelling_in_another_case_is_the_same_guess),
		TEST(tenant_and_name_are_not_run_together),
		TEST(an_address_that_guessed_wrong_too_often_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
