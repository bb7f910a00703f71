/* What is asked, and of whom. */
#include "clock.h"
#include "rest_server.h"
#include "text.h"

static void get_sends_what_it_was_given_and_no_more(void **state)
{
	static const struct rest_header headers[] = { { "X-One", "a: b; c" }, { "X-Empty", "" },
		{ "Accept-Language", "\xC3\xA8" }, { NULL, NULL } };
	struct fixture *fixture = *state;
	struct rest_answer answer;
	char expected[256];

	server_start(&fixture->server, serve_methods);
	assert_int_equal(rest_get(fixture->client, fixture->arena, url(fixture, "/a/../b//%2e/c?x=1&y=%20"), headers,
				 2000, &answer),
		FAULT_NONE);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "GET");
	assert_int_equal(answer.length, 3);
	assert_string_equal(answer.headers[0].name, "X-Kind");
	assert_string_equal(answer.headers[0].value, "two words");
	assert_null(answer.headers[2].name);
	snprintf(expected, sizeof(expected),
		"GET /a/../b//%%2e/c?x=1&y=%%20 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-One: a: b; "
		"c\r\nX-Empty:\r\n"
		"Accept-Language: \xC3\xA8\r\n\r\n",
		fixture->server.port);
	assert_string_equal(last_request(fixture), expected);
}

static void one_connection_serves_all_methods_in_turn(void **state)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "GET", "DELETE", "HEAD", "PATCH", "GET", "PUT",
		"OPTIONS", "POST", "GET" };
	struct fixture *fixture = *state;
	struct rest_answer answer;

	server_start(&fixture->server, serve_methods);
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		bool sends = methods[i][0] == 'P';

		assert_int_equal(call(fixture, methods[i], sends && i != 10 ? "{\"a\":1}" : NULL, &answer), FAULT_NONE);
		assert_string_equal(answer.body, strcmp(methods[i], "HEAD") == 0 ? "" : methods[i]);
		assert_true(text_starts(last_request(fixture), methods[i]));
		assert_null(strcasestr(last_request(fixture), "content-type"));
		assert_null(strcasestr(last_request(fixture), "expect"));
		if (sends && i != 10)
			assert_non_null(strstr(last_request(fixture), "\r\nContent-Length: 7\r\n\r\n{\"a\":1}"));
		else if (sends)
			assert_non_null(strstr(last_request(fixture), "\r\nContent-Length: 0\r\n"));
		else
			assert_null(strstr(last_request(fixture), "Content-Length"));
	}
	assert_int_equal(fixture->server.connections, 1);
}

static void body_with_get_and_delete(void **state)
{
	struct fixture *fixture = *state;
	struct rest_answer answer;

	server_start(&fixture->server, serve_methods);
	assert_int_equal(call(fixture, "DELETE", "{}", &answer), FAULT_NONE);
	assert_non_null(strstr(last_request(fixture), "DELETE /v1/things HTTP/1.1\r\n"));
	assert_non_null(strstr(last_request(fixture), "\r\n\r\n{}"));
}

static void headers_that_would_break_the_request_are_refused(void **state)
{
	static const struct rest_header bad[] = { { "X-A", "a\r\nX-B: b" }, { "X-A", "a\nb" }, { "X-A", "\x01" },
		{ "X-A", "a\x7F" }, { "X A", "a" }, { "", "a" }, { "X:A", "a" }, { "X-A\r\n", "a" },
		{ "Content-Length", "5" }, { "transfer-encoding", "chunked" }, { "Connection", "close" },
		{ "TE", "trailers" }, { "Upgrade", "h2c" }, { "Expect", "100-continue" } };
	struct fixture *fixture = *state;
	struct rest_answer answer;

	server_start(&fixture->server, serve_methods);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct rest_header headers[] = { bad[i], { NULL, NULL } };

		assert_int_equal(rest_get(fixture->client, fixture->arena, url(fixture, "/"), headers, 2000, &answer),
			FAULT_BAD_HEADER);
	}
	assert_int_equal(fixture->server.connections, 0);
}

static void addresses_are_checked(void **state)
{
	static const char *const bad[] = { "", "/relative", "ftp://127.0.0.1/", "file:///etc/passwd",
		"http://192.0.2.1/", "http://example.org/", "http://127.0.0.1.example.org/",
		"http://127.0.0.1@192.0.2.1/", "http://localhost:80@example.org/", "http://127.0.0.1:8x/",
		"http://127.0.0.1\\@example.org/", "http://", "http:///", "http://[::2]/", "http://[::1/",
		"http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/#x", "http://127.0.0.1:/",
		"HTTP://127.0.0.1/" };
	struct fixture *fixture = *state;
	struct rest_answer answer;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (rest_get(fixture->client, fixture->arena, bad[i], NULL, 500, &answer) != FAULT_MALFORMED)
			fail_msg("not refused: %s", bad[i]);
}

static void plain_http_to_others_needs_leave(void **state)
{
	const struct rest_request request = { .url = "http://name.invalid/", .plain = true, .answer_ms = 5000 };
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;

	assert_int_equal(
		rest_begin(fixture->client, fixture->arena, &request, &exchange, &fixture->failure), FAULT_UNAVAILABLE);
	assert_int_equal(fixture->failure.stage, REST_UNSENT);
}

static void environment_proxies_do_not_see_plain_requests(void **state)
{
	struct fixture *fixture = *state;
	struct rest_answer answer;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	server_start(&fixture->server, serve_methods);
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_NONE);
	unsetenv("http_proxy");
}

static void serve_redirect(struct server *server, int connection)
{
	while (request_read(server, connection))
		say(connection, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
}

static void redirects_are_not_followed(void **state)
{
	struct fixture *fixture = *state;
	struct rest_answer answer;

	server_start(&fixture->server, serve_redirect);
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_NONE);
	assert_int_equal(answer.status, 302);
	assert_int_equal(fixture->server.requests, 1);
}

static void refused_connection_is_unsent(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange = NULL;

	server_start(&fixture->server, serve_methods);
	shutdown(fixture->server.socket, SHUT_RDWR);
	pthread_join(fixture->server.thread, NULL);
	close(fixture->server.socket);
	fixture->server.socket = 0;
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_UNAVAILABLE);
	assert_int_equal(fixture->failure.stage, REST_UNSENT);
	assert_false(fixture->failure.timed_out);
	assert_null(exchange);
}

static void connection_that_does_not_come_about_is_unsent(void **state)
{
	struct fixture *fixture = *state;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int full = socket(AF_INET, SOCK_STREAM, 0);
	int fillers[4];
	struct rest_exchange *exchange;
	int64_t started;

	/* A queue of no length, filled: further connections get no answer. */
	assert_int_equal(bind(full, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(full, 0), 0);
	assert_int_equal(getsockname(full, (struct sockaddr *)&address, &size), 0);
	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
	}
	usleep(50000);
	fixture->server.port = ntohs(address.sin_port);
	started = clock_monotonic();
	assert_int_equal(begin(fixture, &(struct rest_request){ .connect_ms = 200 }, &exchange), FAULT_UNAVAILABLE);
	assert_int_equal(fixture->failure.stage, REST_UNSENT);
	assert_true(fixture->failure.timed_out);
	assert_in_range(clock_monotonic() - started, 190, 10000);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(full);
}

static void serve_nothing(struct server *server, int connection)
{
	request_read(server, connection);
}

static void closed_without_answer_is_unanswered(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;

	server_start(&fixture->server, serve_nothing);
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_BAD_GATEWAY);
	assert_int_equal(fixture->failure.stage, REST_UNANSWERED);
	assert_false(fixture->failure.timed_out);
}

static void serve_late(struct server *server, int connection)
{
	if (!request_read(server, connection))
		return;
	while (!server->go)
		usleep(5000);
}

static void silence_times_out(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	int64_t started = clock_monotonic();

	server_start(&fixture->server, serve_late);
	assert_int_equal(begin(fixture, &(struct rest_request){ .answer_ms = 150 }, &exchange), FAULT_GATEWAY_TIMEOUT);
	assert_in_range(clock_monotonic() - started, 145, 10000);
	assert_int_equal(fixture->failure.stage, REST_UNANSWERED);
	assert_true(fixture->failure.timed_out);
	assert_int_equal(begin(fixture, &(struct rest_request){ .total_ms = 100 }, &exchange), FAULT_GATEWAY_TIMEOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(get_sends_what_it_was_given_and_no_more),
		TEST(one_connection_serves_all_methods_in_turn),
		TEST(body_with_get_and_delete),
		TEST(headers_that_would_break_the_request_are_refused),
		TEST(addresses_are_checked),
		TEST(plain_http_to_others_needs_leave),
		TEST(environment_proxies_do_not_see_plain_requests),
		TEST(redirects_are_not_followed),
		TEST(refused_connection_is_unsent),
		TEST(connection_that_does_not_come_about_is_unsent),
		TEST(closed_without_answer_is_unanswered),
		TEST(silence_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
