#include "server.h"

#include "arena.h"
#include "clock.h"
#include "dispatch.h"
#include "framing.h"
#include "gate.h"
#include "listen.h"
#include "log.h"
#include "text.h"
#include "watch.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <ulfius.h>

struct server {
	struct _u_instance instance;
	struct server_options options;
	struct watch *watch;
	atomic_bool draining; /* answers now say Connection: close */
	int port;
};

struct connection {
	struct server *server;
	struct watched *watched;
	struct gate *gate;
};

/*
 * The connection whose request this thread is at work on: ulfius does not pass libmicrohttpd's connection on, and a
 * connection has a thread of its own, so the thread remembers.
 */
static _Thread_local struct connection *current;

static struct connection *connection_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

static void connection_mark(struct connection *connection, enum watched_state state)
{
	watch_mark(connection->server->watch, connection->watched, state);
}

static void request_begins(void *context)
{
	connection_mark(context, WATCHED_READING);
}

static struct connection *connection_new(struct server *server, int socket)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		abort();
	connection->server = server;
	connection->watched = watch_add(server->watch, socket);
	connection->gate = gate_open(socket, request_begins, connection);
	if (!connection->gate)
		shutdown(socket, SHUT_RDWR);
	return connection;
}

static void connection_noted(void *context, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	struct connection *ours = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

		*socket_context = connection_new(server, info->connect_fd);
	} else if (ours) {
		gate_close(ours->gate);
		watch_remove(server->watch, ours->watched);
		free(ours);
		*socket_context = NULL;
	}
}

static void *request_line_noted(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct server *server = context;

	current = connection_of(connection);
	return ulfius_uri_logger(&server->instance, uri);
}

static void request_completed(
	void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code)
{
	struct server *server = context;
	struct connection *ours = connection_of(connection);
	const char *why;

	mhd_request_completed(&server->instance, connection, request, code);
	connection_mark(ours, WATCHED_IDLE);
	if (gate_refused(ours->gate, &why))
		gate_linger(ours->gate);
}

static const char *header_get(const struct request *request, const char *name)
{
	const struct _u_request *raw = request->raw;

	return u_map_get_case(raw->map_header, name);
}

static const char *client_text(struct arena *arena, const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, sizeof(text));
	else if (address && address->sa_family == AF_INET6)
		inet_ntop(
			AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text, sizeof(text));
	return arena_strdup(arena, text);
}

/* A header whose lines spell its name differently, or NULL: ulfius loses which of them a proxy added last. */
static const char *header_torn(const struct _u_map *headers)
{
	for (int i = 1; i < headers->nb_values; i++)
		for (int before = 0; before < i; before++)
			if (strcasecmp(headers->keys[i], headers->keys[before]) == 0)
				return headers->keys[i];
	return NULL;
}

/* What the gate refused, in the words of the problem. */
static enum fault refusal(struct request *request, const struct gate *gate, const struct _u_map *headers)
{
	const char *why = NULL;
	enum fault fault = gate_refused(gate, &why);
	const char *torn = header_torn(headers);

	if (!fault && torn)
		return request_fail(request, FAULT_BAD_HEADER, "The lines of %s spell its name differently.", torn);
	switch (fault) {
	case FAULT_NONE:
		return FAULT_NONE;
	case FAULT_URI_TOO_LONG:
		return request_fail(request, fault, "The address may have %zu bytes.", REQUEST_URI_MAX);
	case FAULT_HEADERS_TOO_LARGE:
		return request_fail(request, fault, "The headers may have %zu bytes and be %d.", REQUEST_HEADERS_MAX,
			REQUEST_LINES_MAX);
	case FAULT_TOO_LARGE:
		return request_fail(request, fault, "A body may have %zu bytes.", REQUEST_BODY_MAX);
	default:
		return request_fail(request, fault, "%s", why);
	}
}

/* The address may be a whole URI (RFC 9112 section 3.2.2); the gate saw that it names the Host. */
static const char *origin_form(const char *url)
{
	const char *authority = strstr(url, "://");
	const char *path;

	if (*url == '/' || !authority)
		return url;
	path = authority + 3 + strcspn(authority + 3, "/?");
	return *path ? path : "/";
}

static void request_fill(struct request *request, const struct _u_request *raw)
{
	const char *url = origin_form(raw->http_url);
	const char *mark = strchr(url, '?');

	request->raw = raw;
	request->header = header_get;
	request->head = strcmp(raw->http_verb, "HEAD") == 0;
	request->method_name = request->head ? "GET" : raw->http_verb;
	request->method = method_parse(request->method_name);
	request->path = mark ? arena_strndup(request->arena, url, (size_t)(mark - url)) : url;
	request->query_text = mark ? mark + 1 : "";
	request->client = client_text(request->arena, raw->client_address);
	request->body = raw->binary_body;
	request->body_length = raw->binary_body_length;
	request->faults.arena = request->arena;
}

/* What a streamed answer keeps alive: the request and its arena. */
struct streaming {
	struct arena *arena;
	struct stream stream;
};

static ssize_t stream_read(void *context, uint64_t offset, char *buffer, size_t size)
{
	struct streaming *streaming = context;
	ssize_t got = streaming->stream.read(streaming->stream.context, buffer, size);

	(void)offset;
	return got > 0 ? got : got == 0 ? U_STREAM_END : U_STREAM_ERROR;
}

static void stream_end(void *context)
{
	struct streaming *streaming = context;

	streaming->stream.end(streaming->stream.context);
	arena_free(streaming->arena);
}

/* Hands the answer to ulfius; true when a stream took the arena over. */
static bool response_send(struct server *server, struct request *request, struct _u_response *out)
{
	const struct response *response = &request->response;
	const char *type = response->content_type ? response->content_type : "application/json";
	struct streaming *streaming;

	for (size_t i = 0; i < response->header_count; i++)
		u_map_put(out->map_header, response->headers[i].name, response->headers[i].value);
	if (response->close || atomic_load(&server->draining))
		u_map_put(out->map_header, "Connection", "close");
	if (response->status != 204 && response->status != 304)
		u_map_put(out->map_header, "Content-Type", type);
	if (!response->stream.read) {
		/* ulfius refuses an empty binary body, and then answers 200 whatever the status. */
		if (response->length == 0)
			ulfius_set_empty_body_response(out, (unsigned int)response->status);
		else
			ulfius_set_binary_body_response(
				out, (unsigned int)response->status, response->body, response->length);
		return false;
	}
	if (request->head) {
		response->stream.end(response->stream.context);
		ulfius_set_empty_body_response(out, (unsigned int)response->status);
		return false;
	}
	streaming = arena_alloc(request->arena, sizeof(*streaming));
	*streaming = (struct streaming){ request->arena, response->stream };
	ulfius_set_stream_response(out, (unsigned int)response->status, stream_read, stream_end, U_STREAM_SIZE_UNKNOWN,
		SERVER_STREAM_BLOCK, streaming);
	return true;
}

static void access_log(const struct request *request)
{
	struct arena *arena = request->arena;

	if (!log_wants(LOG_INFO))
		return;
	log_write(LOG_INFO, "request", "method", request->head ? "HEAD" : request->method_name, "path", request->path,
		"#status", arena_printf(arena, "%d", request->response.status), "#us",
		arena_printf(arena, "%lld", (long long)(clock_monotonic_us() - request->started_us)), "request_id",
		request->id, "client", request->client, "tenant", request->caller.tenant, "subject",
		request->caller.subject, "trace", request->traceparent, NULL);
}

static int request_take(const struct _u_request *raw, struct _u_response *out, void *context)
{
	struct server *server = context;
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));

	connection_mark(current, WATCHED_HANDLING);
	if (server->options.wipes)
		arena_wipe(arena);
	request->arena = arena;
	request->started_us = clock_monotonic_us();
	request_fill(request, raw);
	request->refused = refusal(request, current->gate, raw->map_header);
	server->options.handle(server->options.context, request);
	if (request->refused)
		request->response.close = true;
	if (server->options.access_log)
		access_log(request);
	if (server->options.wipes && raw->binary_body) /* ulfius frees it as it is, and this request only */
		explicit_bzero(raw->binary_body, raw->binary_body_length);
	if (!response_send(server, request, out))
		arena_free(arena);
	return U_CALLBACK_COMPLETE;
}

static bool daemon_start(struct server *server, struct sockaddr_storage *address)
{
	unsigned int flags =
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_completed, server },
		{ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_line_noted, server },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_noted, server },
		{ MHD_OPTION_SOCK_ADDR, 0, address },
		{ MHD_OPTION_CONNECTION_LIMIT, server->options.connections, NULL },
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, server->options.connections_per_address, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)SERVER_MEMORY_BYTES, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, server->options.idle_seconds, NULL },
		{ MHD_OPTION_THREAD_STACK_SIZE, (intptr_t)SERVER_STACK_BYTES, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_LISTENING_ADDRESS_REUSE, 1, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (address->ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	return ulfius_start_framework_with_mhd_options(&server->instance, flags, options) == U_OK;
}

struct server *server_start(struct arena *arena, const struct server_options *options, const char **problem)
{
	struct server *server = calloc(1, sizeof(*server));
	struct sockaddr_storage address = { 0 };
	const union MHD_DaemonInfo *info;

	if (!server)
		abort();
	server->options = *options;
	if (!gate_works()) {
		*problem = "libmicrohttpd does not read by our recv(): requests would come in unchecked";
		free(server);
		return NULL;
	}
	if (!listen_address(options->address, &address)) {
		*problem = arena_printf(arena, "%s is no address to listen on", options->address);
		free(server);
		return NULL;
	}
	ulfius_init_instance(&server->instance, 1, NULL, NULL);
	/* ulfius wants a port of its own; the socket address above is what counts. */
	server->instance.port = ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
	server->instance.max_post_body_size =
		REQUEST_BODY_MAX; /* it truncates in silence; the gate lets no more through */
	server->instance.allowed_post_processor = U_POST_PROCESS_NONE;
	server->instance.check_utf8 = 0;
	ulfius_add_endpoint_by_val(&server->instance, "*", NULL, "*", 0, &request_take, server);
	server->watch = watch_start(options->request_seconds, options->idle_seconds);
	if (!daemon_start(server, &address)) {
		*problem = arena_printf(arena, "can't listen on %s", options->address);
		watch_stop(server->watch);
		ulfius_clean_instance(&server->instance);
		free(server);
		return NULL;
	}
	info = MHD_get_daemon_info(server->instance.mhd_daemon, MHD_DAEMON_INFO_BIND_PORT);
	server->port = info ? info->port : (int)server->instance.port;
	return server;
}

int server_port(const struct server *server)
{
	return server->port;
}

void server_load(struct server *server, int *connections, int *requests)
{
	watch_load(server->watch, connections, requests);
}

static void pause_ms(long milliseconds)
{
	nanosleep(&(struct timespec){ milliseconds / 1000, milliseconds % 1000 * 1000000 }, NULL);
}

void server_drain(struct server *server)
{
	if (server)
		atomic_store(&server->draining, true);
}

/* ulfius_stop_framework alone drops requests in flight: they are waited for first. */
void server_stop(struct server *server)
{
	int64_t deadline = clock_monotonic() + SERVER_STOP_MS;
	int connections = 0;
	int requests = 0;
	int quiet = 0;

	if (!server)
		return;
	server_drain(server);
	listen_end(server->instance.mhd_daemon);
	while (clock_monotonic() < deadline && quiet < 20) {
		watch_load(server->watch, &connections, &requests);
		quiet = requests == 0 ? quiet + 1 : 0;
		if (connections == 0)
			break;
		pause_ms(10);
	}
	ulfius_stop_framework(&server->instance);
	ulfius_clean_instance(&server->instance);
	watch_stop(server->watch);
	free(server);
}
