/* Answers that break off, stall, come by themselves or are none. */
#include "clock.h"
#include "rest_server.h"

static void serve_cut(struct server *server, int connection)
{
	if (request_read(server, connection))
		say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
}

static void serve_cut_chunked(struct server *server, int connection)
{
	if (request_read(server, connection))
		say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n5\r\nab");
}

/* Reads to the end or the fault; the bytes are counted. */
static enum fault drain(struct rest_exchange *exchange, size_t *total)
{
	char buffer[1000];
	size_t length = 1;
	enum fault fault = FAULT_NONE;

	*total = 0;
	while (fault == FAULT_NONE && length > 0) {
		fault = rest_read(exchange, buffer, sizeof(buffer), &length);
		if (fault == FAULT_NONE)
			*total += length;
	}
	return fault;
}

static void broken_in_the_middle(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	struct rest_answer answer = { .status = 7 };
	size_t total;

	server_start(&fixture->server, serve_cut);
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_NONE);
	assert_int_equal(rest_status(exchange), 200);
	assert_int_equal(drain(exchange, &total), FAULT_BAD_GATEWAY);
	assert_int_equal(total, 10);
	assert_int_equal(rest_failed(exchange)->stage, REST_ANSWERING);
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_BAD_GATEWAY);
	assert_int_equal(answer.status, 7);
	fixture->server.serve = serve_cut_chunked;
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_NONE);
	assert_int_equal(drain(exchange, &total), FAULT_BAD_GATEWAY);
	assert_int_equal(total, 12);
}

static void serve_stall(struct server *server, int connection)
{
	if (!request_read(server, connection))
		return;
	say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
	while (!server->go)
		usleep(5000);
}

static void serve_trickle(struct server *server, int connection)
{
	if (!request_read(server, connection))
		return;
	say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
	while (!server->go) {
		say(connection, "x");
		usleep(20000);
	}
}

static void stalled_and_trickling_bodies_time_out(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	int64_t started = clock_monotonic();
	size_t total;

	server_start(&fixture->server, serve_stall);
	assert_int_equal(begin(fixture, &(struct rest_request){ .idle_ms = 150 }, &exchange), FAULT_NONE);
	assert_int_equal(drain(exchange, &total), FAULT_GATEWAY_TIMEOUT);
	assert_int_equal(total, 10);
	assert_int_equal(rest_failed(exchange)->stage, REST_ANSWERING);
	assert_true(rest_failed(exchange)->timed_out);
	assert_in_range(clock_monotonic() - started, 145, 10000);
	fixture->server.serve = serve_trickle;
	started = clock_monotonic();
	assert_int_equal(
		begin(fixture, &(struct rest_request){ .idle_ms = 150, .total_ms = 300 }, &exchange), FAULT_NONE);
	assert_int_equal(drain(exchange, &total), FAULT_GATEWAY_TIMEOUT);
	assert_true(total > 1);
	assert_in_range(clock_monotonic() - started, 290, 10000);
}

#define BIG_PIECE  65536
#define BIG_PIECES 1024 /* 64 MiB: more than sockets buffer */

static void serve_big(struct server *server, int connection)
{
	static char piece[BIG_PIECE + 1];

	if (!request_read(server, connection))
		return;
	for (size_t i = 0; i < BIG_PIECE; i++)
		piece[i] = (char)('a' + i % 26);
	say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < BIG_PIECES; i++) {
		say(connection, "10000\r\n");
		say(connection, piece);
		say(connection, "\r\n");
		server->written += BIG_PIECE;
	}
	say(connection, "0\r\nX-Trailer: ignored\r\n\r\n");
	while (request_read(server, connection))
		say(connection, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void big_answers_stream_and_hold_the_sender_back(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	struct rest_answer answer;
	static char buffer[7001];
	size_t length;
	size_t total = 0;

	server_start(&fixture->server, serve_big);
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_NONE);
	usleep(200000);
	assert_true(fixture->server.written < (long)BIG_PIECE * BIG_PIECES / 2);
	assert_true(arena_used(fixture->arena) < 65536);
	do {
		assert_int_equal(rest_read(exchange, buffer, sizeof(buffer), &length), FAULT_NONE);
		for (size_t i = 0; i < length; i += 997)
			assert_int_equal(buffer[i], 'a' + (total + i) % BIG_PIECE % 26);
		total += length;
	} while (length > 0);
	assert_int_equal(total, (size_t)BIG_PIECE * BIG_PIECES);
	assert_null(rest_header(exchange, "X-Trailer"));
	assert_true(arena_used(fixture->arena) < 65536);
	/* The connection is good for the next request. */
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_NONE);
	assert_int_equal(answer.status, 204);
	assert_int_equal(fixture->server.connections, 1);
}

static void ending_early_costs_the_connection_only(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	char byte;
	size_t length;

	server_start(&fixture->server, serve_big);
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_NONE);
	assert_int_equal(rest_read(exchange, &byte, 1, &length), FAULT_NONE);
	rest_end(exchange);
	rest_end(exchange);
	assert_int_equal(rest_read(exchange, &byte, 1, &length), FAULT_BAD_GATEWAY);
	fixture->server.serve = serve_methods;
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_NONE);
	assert_int_equal(fixture->server.connections, 2);
	arena_reset(fixture->arena); /* ends it too */
	rest_end(NULL);
}

static void whole_answers_have_a_limit(void **state)
{
	struct fixture *fixture = *state;
	struct rest_answer answer = { .status = 7 };

	server_start(&fixture->server, serve_big);
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_TOO_LARGE);
	assert_int_equal(answer.status, 7);
}

/* Answers the first request of the first connection, then closes as soon as another has come. */
static void serve_once_then_die(struct server *server, int connection)
{
	bool first = server->connections == 1;

	while (request_read(server, connection)) {
		if (first && server->requests > 1)
			return;
		say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	}
}

static void a_post_on_a_dying_connection_is_not_sent_twice(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	struct rest_answer answer;

	server_start(&fixture->server, serve_once_then_die);
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_NONE);
	assert_int_equal(
		begin(fixture, &(struct rest_request){ .method = "POST", .body = "x", .body_length = 1 }, &exchange),
		FAULT_BAD_GATEWAY);
	assert_int_equal(fixture->failure.stage, REST_UNANSWERED);
	assert_int_equal(fixture->server.requests, 2);
}

static void a_repeatable_request_on_a_dying_connection_is_sent_again(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	struct rest_answer answer;

	server_start(&fixture->server, serve_once_then_die);
	assert_int_equal(call(fixture, "GET", NULL, &answer), FAULT_NONE);
	assert_int_equal(begin(fixture, &(struct rest_request){ .repeatable = true }, &exchange), FAULT_NONE);
	assert_int_equal(rest_status(exchange), 200);
	assert_int_equal(fixture->server.requests, 3);
	assert_int_equal(fixture->server.connections, 2);
}

static void serve_close_after_each(struct server *server, int connection)
{
	if (request_read(server, connection))
		say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void connections_closed_while_idle_do_not_hurt_posts(void **state)
{
	struct fixture *fixture = *state;
	struct rest_answer answer;

	server_start(&fixture->server, serve_close_after_each);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(call(fixture, "POST", "{}", &answer), FAULT_NONE);
		usleep(20000);
	}
	assert_int_equal(fixture->server.requests, 5);
}

static void serve_interim(struct server *server, int connection)
{
	while (request_read(server, connection))
		say(connection,
			"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 Created\r\nETag: "
			"\"1\"\r\n"
			"Set-Cookie: a\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\nok");
}

static void interim_answers_are_passed_over(void **state)
{
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;

	server_start(&fixture->server, serve_interim);
	assert_int_equal(begin(fixture, &(struct rest_request){ 0 }, &exchange), FAULT_NONE);
	assert_int_equal(rest_status(exchange), 201);
	assert_null(rest_header(exchange, "Link"));
	assert_string_equal(rest_header(exchange, "etag"), "\"1\"");
	assert_string_equal(rest_header(exchange, "Set-Cookie"), "a");
	assert_string_equal(rest_headers(exchange)[2].value, "b");
}

static const char *bad_head;

static void serve_bad_head(struct server *server, int connection)
{
	if (request_read(server, connection))
		say(connection, bad_head);
}

static void answers_that_are_not_http_are_refused(void **state)
{
	static char long_head[REST_HEAD_MAX + 4096];
	static char many_headers[8192];
	const char *const bad[] = { "hello\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b", long_head, many_headers };
	struct fixture *fixture = *state;
	struct rest_exchange *exchange;
	int length = snprintf(many_headers, sizeof(many_headers), "HTTP/1.1 200 OK\r\n");

	memset(long_head, 'x', sizeof(long_head) - 1);
	memcpy(long_head, "HTTP/1.1 200 OK\r\nA: ", 20);
	memcpy(long_head + sizeof(long_head) - 5, "\r\n\r\n", 4);
	for (int i = 0; i <= REST_HEADERS_MAX; i++)
		length += snprintf(many_headers + length, sizeof(many_headers) - (size_t)length, "A%d: b\r\n", i);
	strcat(many_headers, "\r\n");
	server_start(&fixture->server, serve_bad_head);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bad_head = bad[i];
		if (begin(fixture, &(struct rest_request){ 0 }, &exchange) != FAULT_BAD_GATEWAY)
			fail_msg("accepted number %zu", i);
		assert_int_equal(fixture->failure.stage, REST_UNANSWERED);
	}
}

static void *call_often(void *context)
{
	struct fixture *fixture = context;
	intptr_t good = 0;

	for (int i = 0; i < 50; i++) {
		struct arena *arena = arena_new();
		const struct rest_request request = { .url = arena_printf(
							      arena, "http://localhost:%d/", fixture->server.port) };
		struct rest_answer answer;

		if (rest_call(fixture->client, arena, &request, &answer) == FAULT_NONE && answer.status == 200)
			good++;
		arena_free(arena);
	}
	return (void *)good;
}

static void serve_ok(struct server *server, int connection)
{
	char buffer[4096];

	(void)server;
	while (read(connection, buffer, sizeof(buffer)) > 0)
		say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

static void threads_share_a_client(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[8];

	server_start(&fixture->server, serve_ok);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, fixture), 0);
	for (int i = 0; i < 8; i++) {
		void *good;

		pthread_join(threads[i], &good);
		assert_int_equal((intptr_t)good, 50);
	}
	assert_true(fixture->server.connections <= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(broken_in_the_middle),
		TEST(stalled_and_trickling_bodies_time_out),
		TEST(big_answers_stream_and_hold_the_sender_back),
		TEST(ending_early_costs_the_connection_only),
		TEST(whole_answers_have_a_limit),
		TEST(a_post_on_a_dying_connection_is_not_sent_twice),
		TEST(a_repeatable_request_on_a_dying_connection_is_sent_again),
		TEST(connections_closed_while_idle_do_not_hurt_posts),
		TEST(interim_answers_are_passed_over),
		TEST(answers_that_are_not_http_are_refused),
		TEST(threads_share_a_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
