#include "fixture.h"
#include "text.h"
#include "upstream.h"

#define TEXT_MAX ((size_t)16 * 1024)

static struct upstreams *upstreams_of(struct fixture *fixture, const char *calls)
{
	const char *variables[] = { arena_printf(fixture->arena, "AFTERCARE_UPSTREAM_CALLS=%s", calls), NULL };

	fixture_configure(fixture, variables);
	return upstreams_new(fixture->app.config);
}

static struct upstreams *three(struct fixture *fixture)
{
	struct upstreams *upstreams = upstreams_of(fixture, "http://a:1,http://b:2, http://c:3/");

	assert_non_null(upstreams);
	assert_int_equal(upstream_count(upstreams, SERVICE_CALLS), 3);
	return upstreams;
}

static void assert_picked(struct upstreams *upstreams, int64_t now, const char *url)
{
	struct replica *replica = upstream_pick(upstreams, SERVICE_CALLS, now);

	assert_non_null(replica);
	assert_string_equal(replica_url(replica), url);
}

static void replicas_take_turns(void **state)
{
	struct upstreams *upstreams = three(*state);

	for (int i = 0; i < 3; i++) {
		assert_picked(upstreams, 0, "http://a:1");
		assert_picked(upstreams, 0, "http://b:2");
		assert_picked(upstreams, 0, "http://c:3");
	}
	upstreams_free(upstreams);
}

static void a_service_without_replicas_is_not_installed(void **state)
{
	struct upstreams *upstreams = three(*state);

	assert_int_equal(upstream_count(upstreams, SERVICE_OFFERS), 0);
	assert_null(upstream_pick(upstreams, SERVICE_OFFERS, 0));
	upstreams_free(upstreams);
}

static void lists_that_are_no_urls_are_refused(void **state)
{
	static const char *const lists[] = { "a:1", "ftp://a", "http://", "https:///", "http://a/path", "http://a?b",
		",http://a", "http://a,,http://b", "http://user@a", "http://a b", "http://a,b" };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_non_null(upstream_broken(lists[i]));
}

static void there_are_at_most_sixteen_replicas(void **state)
{
	struct fixture *fixture = *state;
	struct text list = text_new(fixture->arena, TEXT_MAX);
	struct upstreams *upstreams;

	for (int i = 0; i < UPSTREAM_REPLICAS_MAX; i++)
		text_addf(&list, "%shttp://h%d", i ? "," : "", i);
	upstreams = upstreams_of(fixture, text_c(&list));
	assert_non_null(upstreams);
	assert_int_equal(upstream_count(upstreams, SERVICE_CALLS), UPSTREAM_REPLICAS_MAX);
	upstreams_free(upstreams);
	text_add(&list, ",http://one.more");
	assert_non_null(upstream_broken(text_c(&list)));
}

static void one_that_is_ill_is_set_aside_and_tried_again(void **state)
{
	struct upstreams *upstreams = three(*state);
	struct replica *ill = upstream_pick(upstreams, SERVICE_CALLS, 1000);

	replica_ill(ill, 1000);
	for (int i = 0; i < 6; i++)
		assert_ptr_not_equal(upstream_pick(upstreams, SERVICE_CALLS, 1000 + UPSTREAM_ASIDE_MS - 1), ill);
	for (int i = 0; i < 3; i++)
		if (upstream_pick(upstreams, SERVICE_CALLS, 1000 + UPSTREAM_ASIDE_MS) == ill)
			ill = NULL;
	assert_null(ill);
	upstreams_free(upstreams);
}

static void the_wait_doubles_up_to_its_limit_and_begins_anew_when_it_is_well(void **state)
{
	struct upstreams *upstreams = upstreams_of(*state, "http://a");
	struct replica *only = upstream_pick(upstreams, SERVICE_CALLS, 0);
	int wait = UPSTREAM_ASIDE_MS;

	for (int i = 0; i < 8; i++) {
		replica_ill(only, 0);
		assert_null(upstream_pick(upstreams, SERVICE_CALLS, wait - 1));
		assert_ptr_equal(upstream_pick(upstreams, SERVICE_CALLS, wait), only);
		wait = wait * 2 < UPSTREAM_ASIDE_MAX_MS ? wait * 2 : UPSTREAM_ASIDE_MAX_MS;
	}
	assert_int_equal(wait, UPSTREAM_ASIDE_MAX_MS);
	replica_well(only, 10);
	assert_ptr_equal(upstream_pick(upstreams, SERVICE_CALLS, 0), only);
	replica_ill(only, 0);
	assert_ptr_equal(upstream_pick(upstreams, SERVICE_CALLS, UPSTREAM_ASIDE_MS), only);
	upstreams_free(upstreams);
}

static void all_ill_is_none(void **state)
{
	struct upstreams *upstreams = three(*state);

	for (int i = 0; i < 3; i++)
		replica_ill(upstream_pick(upstreams, SERVICE_CALLS, 0), 0);
	assert_null(upstream_pick(upstreams, SERVICE_CALLS, 0));
	upstreams_free(upstreams);
}

static void what_each_did_is_counted(void **state)
{
	struct fixture *fixture = *state;
	struct upstreams *upstreams = three(fixture);
	struct text out = text_new(fixture->arena, TEXT_MAX);

	replica_well(upstream_pick(upstreams, SERVICE_CALLS, 0), 1500000);
	replica_failed(upstream_pick(upstreams, SERVICE_CALLS, 0));
	replica_ill(upstream_pick(upstreams, SERVICE_CALLS, 0), 0);
	upstreams_metrics(upstreams, &out);
	assert_non_null(strstr(
		text_c(&out), "aftercare_upstream_requests_total{service=\"calls\",replica=\"http://a:1\"} 1\n"));
	assert_non_null(strstr(
		text_c(&out), "aftercare_upstream_seconds_total{service=\"calls\",replica=\"http://a:1\"} 1.5\n"));
	assert_non_null(strstr(
		text_c(&out), "aftercare_upstream_failures_total{service=\"calls\",replica=\"http://b:2\"} 1\n"));
	assert_non_null(strstr(text_c(&out), "aftercare_upstream_up{service=\"calls\",replica=\"http://b:2\"} 1\n"));
	assert_non_null(strstr(text_c(&out), "aftercare_upstream_up{service=\"calls\",replica=\"http://c:3\"} 0\n"));
	assert_null(strstr(text_c(&out), "offers"));
	upstreams_free(upstreams);
}

static void counters_show_all_their_digits(void **state)
{
	struct fixture *fixture = *state;
	struct upstreams *upstreams = three(fixture);
	struct text out = text_new(fixture->arena, TEXT_MAX);
	struct replica *replica = upstream_pick(upstreams, SERVICE_CALLS, 0);

	for (int i = 0; i < 1234567; i++)
		replica_well(replica, 1);
	upstreams_metrics(upstreams, &out);
	assert_non_null(strstr(text_c(&out), "requests_total{service=\"calls\",replica=\"http://a:1\"} 1234567\n"));
	assert_non_null(strstr(text_c(&out), "seconds_total{service=\"calls\",replica=\"http://a:1\"} 1.234567\n"));
	upstreams_free(upstreams);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replicas_take_turns),
		TEST(a_service_without_replicas_is_not_installed),
		TEST(lists_that_are_no_urls_are_refused),
		TEST(there_are_at_most_sixteen_replicas),
		TEST(one_that_is_ill_is_set_aside_and_tried_again),
		TEST(the_wait_doubles_up_to_its_limit_and_begins_anew_when_it_is_well),
		TEST(all_ill_is_none),
		TEST(what_each_did_is_counted),
		TEST(counters_show_all_their_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
