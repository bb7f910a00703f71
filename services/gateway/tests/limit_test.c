#include "bucket.h"
#include "fixture.h"
#include "forwarded.h"
#include "gateway.h"
#include "limit.h"

#define PROXIES  "AFTERCARE_TRUSTED_PROXIES=10.0.0.1 10.0.0.2, 2001:db8::1"
#define STANDARD "AFTERCARE_PROXY_HEADERS=forwarded"

static void configure(struct fixture *fixture, const char *variable)
{
	const char *variables[] = { variable, NULL };

	fixture_configure(fixture, variables);
}

/* The proxies write Forwarded. */
static void configure_standard(struct fixture *fixture)
{
	const char *variables[] = { PROXIES, STANDARD, NULL };

	fixture_configure(fixture, variables);
}

static const char *client(struct fixture *fixture, const char *peer, const char *forwarded_for)
{
	fixture->request.client = peer;
	fixture_header_set(fixture, "X-Forwarded-For", forwarded_for);
	return limit_client(&fixture->request);
}

/* As client, of Forwarded; whoever writes X-Forwarded-For besides isn't heard. */
static const char *standard(struct fixture *fixture, const char *forwarded)
{
	fixture_header_set(fixture, "Forwarded", forwarded);
	return client(fixture, "10.0.0.1", "198.51.100.66");
}

static bool https(struct fixture *fixture, const char *peer, const char *name, const char *value)
{
	fixture->request.client = peer;
	fixture_header_set(fixture, name, value);
	return limit_https(&fixture->request);
}

static void what_a_stranger_says_of_himself_does_not_count(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, NULL);
	assert_string_equal(client(fixture, "192.0.2.1", "203.0.113.9"), "192.0.2.1");
	assert_false(https(fixture, "192.0.2.1", "X-Forwarded-Proto", "https"));
	configure(fixture, PROXIES);
	assert_false(https(fixture, "192.0.2.1", "X-Forwarded-Proto", "https"));
	assert_string_equal(client(fixture, "192.0.2.1", "203.0.113.9"), "192.0.2.1");
	assert_string_equal(client(fixture, "10.0.0.11", "203.0.113.9"), "10.0.0.11");
	assert_string_equal(client(fixture, "10.0.0", "203.0.113.9"), "10.0.0");
}

static void a_trusted_proxy_tells_who_it_is(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, PROXIES);
	assert_string_equal(client(fixture, "10.0.0.1", NULL), "10.0.0.1");
	assert_true(https(fixture, "10.0.0.1", "X-Forwarded-Proto", "https"));
	assert_false(https(fixture, "10.0.0.1", "X-Forwarded-Proto", "http"));
	assert_string_equal(client(fixture, "10.0.0.1", "203.0.113.9"), "203.0.113.9");
	assert_string_equal(client(fixture, "10.0.0.2", "  203.0.113.9\t"), "203.0.113.9");
	assert_string_equal(client(fixture, "2001:db8::1", "2001:db8:7::5"), "2001:db8:7::5");
	assert_string_equal(client(fixture, "10.0.0.1", "203.0.113.9:4711"), "203.0.113.9");
	assert_string_equal(client(fixture, "10.0.0.1", "[2001:db8:7::5]:4711"), "2001:db8:7::5");
	fixture_header_set(fixture, "Forwarded", "for=198.51.100.66;proto=https");
	assert_string_equal(client(fixture, "10.0.0.1", "203.0.113.9"), "203.0.113.9");
}

/* The client writes the left part of the list as it likes. */
static void the_last_that_is_not_trusted_counts(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, PROXIES);
	assert_string_equal(client(fixture, "10.0.0.1", "1.1.1.1, 203.0.113.9"), "203.0.113.9");
	assert_string_equal(client(fixture, "10.0.0.1", "1.1.1.1, 203.0.113.9 , 10.0.0.2"), "203.0.113.9");
	assert_string_equal(client(fixture, "10.0.0.1", "203.0.113.9,10.0.0.2,2001:db8::1"), "203.0.113.9");
	assert_string_equal(client(fixture, "10.0.0.1", "10.0.0.2, 10.0.0.1"), "10.0.0.2");
}

static void proxies_may_be_a_network(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, "AFTERCARE_TRUSTED_PROXIES=10.1.0.0/20 2001:DB8:0::/47 192.0.2.7");
	assert_string_equal(client(fixture, "10.1.15.255", "203.0.113.9, 10.1.0.1"), "203.0.113.9");
	assert_string_equal(client(fixture, "::ffff:10.1.2.3", "203.0.113.9"), "203.0.113.9");
	assert_string_equal(client(fixture, "2001:db8:1::5", "203.0.113.9, 2001:0db8:0::1"), "203.0.113.9");
	assert_string_equal(client(fixture, "192.0.2.7", "203.0.113.9"), "203.0.113.9");
	assert_string_equal(client(fixture, "10.1.16.0", "203.0.113.9"), "10.1.16.0");
	assert_string_equal(client(fixture, "2001:db8:2::5", "203.0.113.9"), "2001:db8:2::5");
	configure(fixture, "AFTERCARE_TRUSTED_PROXIES=0.0.0.0/0");
	assert_string_equal(client(fixture, "192.0.2.1", "203.0.113.9"), "203.0.113.9");
	assert_string_equal(client(fixture, "2001:db8::1", "203.0.113.9"), "2001:db8::1");
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const lists[] = { "10.9.0.0/33", "10.8.0.0/", "/8", "10.7.0.0/x", "10.0.0.1 proxy",
		"10.0.0.1;10.0.0.2" };

	(void)state;
	assert_null(forwarded_broken(" 10.1.0.0/20, 2001:DB8:0::/47"));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_non_null(forwarded_broken(lists[i]));
}

static void what_is_no_address_is_the_proxys_own(void **state)
{
	struct fixture *fixture = *state;
	char *endless = arena_alloc(fixture->arena, 5000);

	memset(endless, '1', 4999);
	configure(fixture, PROXIES);
	assert_string_equal(client(fixture, "10.0.0.1", ""), "10.0.0.1");
	assert_string_equal(client(fixture, "10.0.0.1", "unknown"), "10.0.0.1");
	assert_string_equal(client(fixture, "10.0.0.1", "203.0.113.9, "), "10.0.0.1");
	assert_string_equal(client(fixture, "10.0.0.1", "203.0.113.9, _hidden"), "10.0.0.1");
	assert_string_equal(client(fixture, "10.0.0.1", "\"; drop"), "10.0.0.1");
	assert_string_equal(client(fixture, "10.0.0.1", endless), "10.0.0.1");
}

static void a_trusted_proxy_tells_it_by_forwarded(void **state)
{
	struct fixture *fixture = *state;

	configure_standard(fixture);
	assert_string_equal(standard(fixture, NULL), "10.0.0.1");
	assert_string_equal(standard(fixture, "for=203.0.113.9"), "203.0.113.9");
	assert_string_equal(standard(fixture, "For=\"203.0.113.9:4711\";proto=http;by=10.0.0.1"), "203.0.113.9");
	assert_string_equal(standard(fixture, "proto=https;host=\"a, b;c\"; FOR=\"[2001:db8:7::5]\""), "2001:db8:7::5");
	assert_string_equal(standard(fixture, "for=\"[2001:db8:7::5]:_port\" ;"), "2001:db8:7::5");
	assert_string_equal(standard(fixture, "for=1.1.1.1, for=203.0.113.9 ,for=10.0.0.2"), "203.0.113.9");
	assert_string_equal(standard(fixture, "for=203.0.113.9;host=\"x\\\", for=1.1.1.1\""), "203.0.113.9");
	fixture->request.client = "192.0.2.1";
	assert_string_equal(limit_client(&fixture->request), "192.0.2.1");
}

/* Of the element that names the client: the proxies may speak otherwise among each other. */
static void the_protocol_is_that_of_the_client(void **state)
{
	struct fixture *fixture = *state;

	configure_standard(fixture);
	assert_true(https(fixture, "10.0.0.1", "Forwarded", "for=203.0.113.9;proto=https, for=10.0.0.2;proto=http"));
	assert_true(https(fixture, "10.0.0.1", "Forwarded", "proto=\"HTTPS\";for=203.0.113.9"));
	assert_false(https(fixture, "10.0.0.1", "Forwarded", "for=1.1.1.1;proto=https, for=203.0.113.9;proto=http"));
	assert_false(https(fixture, "192.0.2.1", "Forwarded", "for=203.0.113.9;proto=https"));
	fixture_header_set(fixture, "X-Forwarded-Proto", "https");
	assert_false(https(fixture, "10.0.0.1", "Forwarded", "for=203.0.113.9"));
}

/* What a client writes in front of what the proxy says changes nothing of it, whatever quotation marks it has. */
static void what_is_malformed_is_the_proxys_own(void **state)
{
	static const char *const none[] = { "", "for", "for=", "for=\"\"", "=1.1.1.1", "for=unknown", "for=_hidden",
		"proto=https", "for=1.1.1.1;for=1.1.1.2", "for=1.1.1.1 for=1.1.1.2", "for=\"1.1.1.1",
		"for=\"1.1.1.1\"x", "for=[1.1.1.1]", "for=\"[2001:db8::5\"", "for=\"[2001:db8::5]5\"",
		"for=1.1.1.1, " };
	static const char *const before[] = { "", "\"", "for=\"1.1.1.1", "for=1.1.1.1;host=\"x\\", "\\\"",
		"for=1.1.1.1;" };
	struct fixture *fixture = *state;

	configure_standard(fixture);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_string_equal(standard(fixture, none[i]), "10.0.0.1");
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		assert_string_equal(
			standard(fixture,
				arena_printf(fixture->arena, "%s, for=\"[2001:db8:7::5]\";host=\"a\"", before[i])),
			"2001:db8:7::5");
}

static const char *address(struct fixture *fixture, const char *peer)
{
	fixture->request.client = peer;
	return limit_address(&fixture->request);
}

/* A house has a /64 of IPv6 to choose from. */
static void ipv6_counts_by_network(void **state)
{
	struct fixture *fixture = *state;
	const char *one;

	configure(fixture, NULL);
	assert_string_equal(address(fixture, "192.0.2.1"), "192.0.2.1");
	one = address(fixture, "2001:db8:1:2::5");
	assert_string_equal(one, address(fixture, "2001:db8:1:2:ffff:ffff:ffff:ffff"));
	assert_string_not_equal(one, address(fixture, "2001:db8:1:3::5"));
}

/* All of IPv4 is in one /64, as a proxy with one socket for both writes it. */
static void ipv4_within_ipv6_counts_as_ipv4(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, PROXIES);
	assert_string_equal(address(fixture, "::ffff:192.0.2.1"), "192.0.2.1");
	assert_string_equal(client(fixture, "10.0.0.1", "::ffff:203.0.113.9"), "::ffff:203.0.113.9");
	assert_string_equal(limit_address(&fixture->request), "203.0.113.9");
}

static void who_sends_too_much_is_told_how_long_to_wait(void **state)
{
	struct fixture *fixture = *state;
	struct gateway gateway = { .addresses = buckets_new(0.1, 1), .accounts = buckets_new(1, 1) };

	configure(fixture, NULL);
	fixture->app.own = &gateway;
	fixture->request.caller.subject = "somebody";
	assert_int_equal(limit_take_address(&fixture->request), FAULT_NONE);
	assert_int_equal(limit_take_address(&fixture->request), FAULT_TOO_MANY_REQUESTS);
	assert_string_equal(fixture_answered(fixture, "Retry-After"), "10");
	assert_string_equal(fixture->request.detail, "Too many requests from this address: wait 10 seconds.");
	assert_int_equal(limit_take_account(&fixture->request), FAULT_NONE);
	assert_int_equal(limit_take_account(&fixture->request), FAULT_TOO_MANY_REQUESTS);
	assert_string_equal(fixture_answered(fixture, "Retry-After"), "1");
	assert_string_equal(fixture->request.detail, "Too many requests of this account: wait 1 second.");
	buckets_free(gateway.addresses);
	buckets_free(gateway.accounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_stranger_says_of_himself_does_not_count),
		TEST(a_trusted_proxy_tells_who_it_is),
		TEST(the_last_that_is_not_trusted_counts),
		TEST(proxies_may_be_a_network),
		TEST(what_is_no_network_is_refused),
		TEST(what_is_no_address_is_the_proxys_own),
		TEST(a_trusted_proxy_tells_it_by_forwarded),
		TEST(the_protocol_is_that_of_the_client),
		TEST(what_is_malformed_is_the_proxys_own),
		TEST(ipv6_counts_by_network),
		TEST(ipv4_within_ipv6_counts_as_ipv4),
		TEST(who_sends_too_much_is_told_how_long_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
