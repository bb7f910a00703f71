#include "rest.h"

#include "arena.h"
#include "clock.h"
#include "text.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUEST_MAX 16384

/* A server of plain sockets: each connection is served by a script in a thread of its own. */
struct server {
	int socket;
	int port;
	pthread_t thread;
	void (*serve)(struct server *server, int connection);
	atomic_int connections;
	atomic_int requests;
	atomic_long written;
	atomic_bool go; /* lets a script go on */
	pthread_mutex_t lock;
	char last[REQUEST_MAX];
};

struct fixture {
	struct arena *arena;
	struct rest_client *client;
	struct server server;
	struct rest_failure failure;
};

/* Reads a whole request and notes it as the last; false at the end of the connection. */
static bool request_read(struct server *server, int connection)
{
	char request[REQUEST_MAX];
	size_t length = 0;
	char *end = NULL;
	const char *declared;
	size_t body = 0;

	while (!end || length < (size_t)(end + 4 - request) + body) {
		ssize_t got = read(connection, request + length, REQUEST_MAX - 1 - length);

		if (got <= 0)
			return false;
		length += (size_t)got;
		request[length] = '\0';
		end = strstr(request, "\r\n\r\n");
		declared = strcasestr(request, "\r\nContent-Length: ");
		body = declared ? (size_t)atol(declared + 18) : 0;
	}
	pthread_mutex_lock(&server->lock);
	memcpy(server->last, request, length + 1);
	server->requests++;
	pthread_mutex_unlock(&server->lock);
	return true;
}

static const char *last_request(struct fixture *fixture)
{
	const char *last;

	pthread_mutex_lock(&fixture->server.lock);
	last = arena_strdup(fixture->arena, fixture->server.last);
	pthread_mutex_unlock(&fixture->server.lock);
	return last;
}

static void say(int connection, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t sent = send(connection, text, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		length -= (size_t)sent;
	}
}

struct served {
	struct server *server;
	int connection;
};

static void *connection_serve(void *context)
{
	struct served served = *(struct served *)context;

	free(context);
	served.server->serve(served.server, served.connection);
	close(served.connection);
	return NULL;
}

static void *server_run(void *context)
{
	struct server *server = context;
	pthread_t threads[64];
	int count = 0;
	int connection;

	while ((connection = accept(server->socket, NULL, NULL)) >= 0 && count < 64) {
		struct served *served = malloc(sizeof(*served));

		*served = (struct served){ server, connection };
		server->connections++;
		pthread_create(&threads[count++], NULL, connection_serve, served);
	}
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return NULL;
}

static void server_start(struct server *server, void (*serve)(struct server *server, int connection))
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	server->serve = serve;
	server->socket = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server->socket, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->socket, 64), 0);
	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	fixture->client = rest_client_new();
	pthread_mutex_init(&fixture->server.lock, NULL);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	rest_client_free(fixture->client);
	if (fixture->server.socket) {
		fixture->server.go = true;
		shutdown(fixture->server.socket, SHUT_RDWR);
		pthread_join(fixture->server.thread, NULL);
		close(fixture->server.socket);
	}
	free(fixture);
	return 0;
}

static const char *url(struct fixture *fixture, const char *path)
{
	return arena_printf(fixture->arena, "http://127.0.0.1:%d%s", fixture->server.port, path);
}

static enum fault call(struct fixture *fixture, const char *method, const char *body, struct rest_answer *answer)
{
	const struct rest_request request = {
		.method = method,
		.url = url(fixture, "/v1/things"),
		.body = body,
		.body_length = body ? strlen(body) : 0,
	};

	return rest_call(fixture->client, fixture->arena, &request, answer);
}

static enum fault begin(struct fixture *fixture, const struct rest_request *more, struct rest_exchange **exchange)
{
	struct rest_request request = *more;

	request.url = url(fixture, "/");
	return rest_begin(fixture->client, fixture->arena, &request, exchange, &fixture->failure);
}

/* Answers every request with its method, until the client closes. */
static void serve_methods(struct server *server, int connection)
{
	while (request_read(server, connection)) {
		size_t method = strcspn(server->last, " ");
		char answer[256];

		snprintf(answer, sizeof(answer),
			"HTTP/1.1 200 OK\r\nX-Kind:  two words \r\nContent-Length: %zu\r\n\r\n%.*s", method,
			strncmp(server->last, "HEAD", 4) == 0 ? 0 : (int)method, server->last);
		say(connection, answer);
	}
}

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
