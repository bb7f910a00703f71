#include "bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

/* Every test has a limit of its own: two a second, ten at once. */
static int set_up(void **state)
{
	*state = buckets_new(2, 10);
	return 0;
}

static int tear_down(void **state)
{
	buckets_free(*state);
	return 0;
}

static void take_all(struct buckets *buckets, const char *key, int64_t now)
{
	for (int i = 0; i < 10; i++)
		assert_int_equal(bucket_take(buckets, key, now), 0);
	assert_int_equal(bucket_take(buckets, key, now), 1);
}

static void a_burst_then_as_many_as_flow_in(void **state)
{
	take_all(*state, "a", 0);
	assert_int_equal(bucket_take(*state, "a", SECOND / 2 - 1), 1);
	assert_int_equal(bucket_take(*state, "a", SECOND / 2), 0);
	assert_int_equal(bucket_take(*state, "a", SECOND / 2), 1);
	assert_int_equal(bucket_take(*state, "a", SECOND), 0);
	assert_int_equal(bucket_take(*state, "a", SECOND), 1);
}

static void a_bucket_never_holds_more_than_its_burst(void **state)
{
	take_all(*state, "a", 0);
	take_all(*state, "a", 3600 * SECOND);
}

static void each_key_has_its_own(void **state)
{
	take_all(*state, "a", 0);
	assert_int_equal(bucket_take(*state, "b", 0), 0);
	assert_int_equal(bucket_take(*state, "", 0), 0);
}

static void a_look_takes_nothing(void **state)
{
	for (int i = 0; i < 100; i++)
		assert_int_equal(bucket_peek(*state, "a", 0), 0);
	take_all(*state, "a", 0);
	assert_int_equal(bucket_peek(*state, "a", 0), 1);
}

static void the_wait_is_told_in_whole_seconds(void **state)
{
	struct buckets *slow = buckets_new(0.1, 1);
	struct buckets *slowest = buckets_new(1e-9, 1);

	(void)state;
	assert_int_equal(bucket_take(slow, "a", 0), 0);
	assert_int_equal(bucket_take(slow, "a", 0), 10);
	assert_int_equal(bucket_take(slow, "a", SECOND / 2), 10);
	assert_int_equal(bucket_take(slow, "a", 9 * SECOND), 1);
	assert_int_equal(bucket_take(slow, "a", 10 * SECOND), 0);
	assert_int_equal(bucket_take(slowest, "a", 0), 0);
	assert_int_equal(bucket_take(slowest, "a", 0), 3600); /* no client waits longer */
	buckets_free(slow);
	buckets_free(slowest);
}

static void nothing_a_second_is_no_limit(void **state)
{
	struct buckets *none = buckets_new(0, 0);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(bucket_take(none, "a", 0), 0);
	buckets_free(none);
}

static void one_passes_where_the_burst_is_less(void **state)
{
	struct buckets *buckets = buckets_new(0.5, 0.5);

	(void)state;
	assert_int_equal(bucket_take(buckets, "a", 0), 0);
	assert_int_equal(bucket_take(buckets, "a", 0), 2);
	buckets_free(buckets);
}

/* An attacker with many addresses can't get his own empty bucket forgotten: the fullest give way first. */
static void many_keys_push_out_the_full_ones(void **state)
{
	take_all(*state, "guesser", 0);
	for (int i = 0; i < 4 * BUCKET_SETS * BUCKET_WAYS; i++) {
		char key[32];

		snprintf(key, sizeof(key), "key %d", i);
		assert_int_equal(bucket_take(*state, key, 0), 0);
	}
	assert_int_equal(bucket_take(*state, "guesser", 0), 1);
}

static void a_clock_that_stands_still_gives_nothing(void **state)
{
	take_all(*state, "a", SECOND);
	assert_int_equal(bucket_take(*state, "a", SECOND), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_burst_then_as_many_as_flow_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bucket_never_holds_more_than_its_burst, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_key_has_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_look_takes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_wait_is_told_in_whole_seconds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_a_second_is_no_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_passes_where_the_burst_is_less, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_keys_push_out_the_full_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_clock_that_stands_still_gives_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
