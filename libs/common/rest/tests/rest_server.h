/* rest_server: a server whose connections are scripts, and a client of it: what the tests of rest share. */
#ifndef AFTERCARE_REST_SERVER_H
#define AFTERCARE_REST_SERVER_H

#include "arena.h"
#include "rest.h"

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
static inline bool request_read(struct server *server, int connection)
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

static inline const char *last_request(struct fixture *fixture)
{
	const char *last;

	pthread_mutex_lock(&fixture->server.lock);
	last = arena_strdup(fixture->arena, fixture->server.last);
	pthread_mutex_unlock(&fixture->server.lock);
	return last;
}

static inline void say(int connection, const char *text)
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

static inline void *connection_serve(void *context)
{
	struct served served = *(struct served *)context;

	free(context);
	served.server->serve(served.server, served.connection);
	close(served.connection);
	return NULL;
}

static inline void *server_run(void *context)
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

static inline void server_start(struct server *server, void (*serve)(struct server *server, int connection))
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

static inline int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	fixture->client = rest_client_new();
	pthread_mutex_init(&fixture->server.lock, NULL);
	*state = fixture;
	return 0;
}

static inline int tear_down(void **state)
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

static inline const char *url(struct fixture *fixture, const char *path)
{
	return arena_printf(fixture->arena, "http://127.0.0.1:%d%s", fixture->server.port, path);
}

static inline enum fault call(struct fixture *fixture, const char *method, const char *body, struct rest_answer *answer)
{
	const struct rest_request request = {
		.method = method,
		.url = url(fixture, "/v1/things"),
		.body = body,
		.body_length = body ? strlen(body) : 0,
	};

	return rest_call(fixture->client, fixture->arena, &request, answer);
}

static inline enum fault begin(
	struct fixture *fixture, const struct rest_request *more, struct rest_exchange **exchange)
{
	struct rest_request request = *more;

	request.url = url(fixture, "/");
	return rest_begin(fixture->client, fixture->arena, &request, exchange, &fixture->failure);
}

/* Answers every request with its method, until the client closes. */
static inline void serve_methods(struct server *server, int connection)
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
