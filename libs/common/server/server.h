/*
 * server: HTTP/1.1 on ulfius. The only module that includes ulfius and libmicrohttpd.
 *
 * One catch-all callback hands every request to `handle`; routing is ours. One thread a connection, so that a handler
 * that waits for the database delays nobody else. Refuses what lets requests be smuggled (gate.h; RFC 9112 sections 6
 * and 11) and cuts connections whose request does not arrive in time.
 */
#ifndef AFTERCARE_SERVER_H
#define AFTERCARE_SERVER_H

#include "fault.h"
#include "request.h"

#include <stdbool.h>

#define SERVER_STACK_BYTES  ((size_t)256 * 1024)
#define SERVER_MEMORY_BYTES ((size_t)40 * 1024) /* libmicrohttpd's a connection: the longest head, 64 a header line */
#define SERVER_WATCH_MS     500
#define SERVER_STOP_MS      25000 /* longest wait for requests in flight: who ends us insists after 30 s */
#define SERVER_STREAM_BLOCK ((size_t)64 * 1024)

struct server;

struct server_options {
	const char *address;         /* host:port; port 0 takes a free one */
	int connections;             /* at most, all together */
	int connections_per_address; /* 0: no limit */
	int request_seconds;         /* of a request, from its first byte to the end of its body */
	int idle_seconds;            /* of a connection without a request, or whose answer nobody reads */
	bool access_log;
	bool wipes; /* what it holds of a request is overwritten before it is freed */
	void (*handle)(void *context, struct request *request); /* fills request->response */
	void *context;
};

/* Starts listening. NULL and *problem (in the arena) when it can't. */
struct server *server_start(struct arena *arena, const struct server_options *options, const char **problem);

/* The port it listens on. */
int server_port(const struct server *server);

/* Connections open and requests in flight now. */
void server_load(struct server *server, int *connections, int *requests);

/* From now on every answer says that its connection ends with it, so that busy clients go elsewhere. NULL is fine. */
void server_drain(struct server *server);

/* Takes no new connections, lets every request in flight finish, then ends. NULL is fine. */
void server_stop(struct server *server);

#endif
