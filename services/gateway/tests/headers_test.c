#include "headers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void connection_names_headers_of_one_hop(void **state)
{
	(void)state;
	assert_true(headers_nominated("X-Secret", "x-secret"));
	assert_true(headers_nominated("close, X-Secret", "X-Secret"));
	assert_true(headers_nominated(" ,\tclose ,X-Secret\t", "X-Secret"));
	assert_false(headers_nominated("close", "X-Secret"));
	assert_false(headers_nominated("X-Secrets", "X-Secret"));
	assert_false(headers_nominated("X-Secre", "X-Secret"));
	assert_false(headers_nominated("", "X-Secret"));
	assert_false(headers_nominated(" , ", "X-Secret"));
	assert_false(headers_nominated(NULL, "X-Secret"));
}

static void what_belongs_to_a_hop_stays_there(void **state)
{
	static const char *const kept[] = { "Connection", "connection", "KEEP-ALIVE", "TE", "Trailer",
		"Transfer-Encoding", "Upgrade", "Proxy-Authenticate", "Proxy-Connection" };

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_false(headers_go_back(kept[i], NULL));
	assert_false(headers_go_back("X-Timing", "close, x-timing"));
}

static void the_gateway_speaks_for_itself(void **state)
{
	(void)state;
	assert_false(headers_go_back("Date", NULL));
	assert_false(headers_go_back("server", NULL));
	assert_false(headers_go_back("via", NULL));
	assert_false(headers_go_back("x-request-id", NULL));
	assert_false(headers_go_back("content-length", NULL));
}

static void the_rest_of_an_answer_goes_back(void **state)
{
	static const char *const sent[] = { "ETag", "Link", "Location", "Retry-After", "Allow", "Cache-Control",
		"Content-Disposition", "WWW-Authenticate", "Idempotency-Replayed", "TEST", "Dat" };

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		assert_true(headers_go_back(sent[i], "close"));
}

/* What the gateway proves or makes itself must never come from the client. */
static void a_client_speaks_of_itself_only(void **state)
{
	static const char *const own[] = { "Authorization", "Connection", "Cookie", "Forwarded", "Host", "Via",
		"X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID", "traceparent", "Content-Length",
		"Transfer-Encoding", "Expect" };

	(void)state;
	for (size_t i = 0; headers_forwarded[i]; i++)
		for (size_t j = 0; j < sizeof(own) / sizeof(own[0]); j++)
			assert_string_not_equal(headers_forwarded[i], own[j]);
}

static void values_hold_no_line_ends(void **state)
{
	(void)state;
	assert_true(headers_value_ok(""));
	assert_true(headers_value_ok("Mozilla/5.0\t(X11; \xC3\xA8)"));
	assert_false(headers_value_ok("a\r\nX: y"));
	assert_false(headers_value_ok("a\n"));
	assert_false(headers_value_ok("\x01"));
	assert_false(headers_value_ok("a\x7F"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connection_names_headers_of_one_hop),
		cmocka_unit_test(what_belongs_to_a_hop_stays_there),
		cmocka_unit_test(the_gateway_speaks_for_itself),
		cmocka_unit_test(the_rest_of_an_answer_goes_back),
		cmocka_unit_test(a_client_speaks_of_itself_only),
		cmocka_unit_test(values_hold_no_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
