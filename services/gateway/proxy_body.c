#include "proxy_body.h"

#include "app.h"
#include "arena.h"
#include "log.h"
#include "proxy.h"
#include "rest.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES ((size_t)16 * 1024)

/* What is left of a body after its beginning was read. */
struct rest_of_body {
	struct rest_exchange *exchange;
	const char *beginning;
	size_t length;
	size_t sent;
	const char *request_id;
};

static ssize_t rest_of_body_read(void *context, char *buffer, size_t size)
{
	struct rest_of_body *body = context;
	size_t length = body->length - body->sent;

	if (length) {
		length = length < size ? length : size;
		memcpy(buffer, body->beginning + body->sent, length);
		body->sent += length;
		return (ssize_t)length;
	}
	if (rest_read(body->exchange, buffer, size, &length)) {
		log_write(LOG_WARNING, "a service broke off in the middle of an answer", "request_id", body->request_id,
			"detail", rest_failed(body->exchange)->detail, NULL);
		return -1;
	}
	return (ssize_t)length;
}

static void rest_of_body_end(void *context)
{
	struct rest_of_body *body = context;

	rest_end(body->exchange);
}

/* Reads up to PROXY_WHOLE_MAX bytes; *whole tells whether that was all. */
static enum fault beginning_read(
	struct request *request, struct rest_exchange *exchange, char **bytes, size_t *length, bool *whole)
{
	const char *told = rest_header(exchange, "Content-Length");
	size_t room = told && strtoull(told, NULL, 10) < PIECE_BYTES ? strtoull(told, NULL, 10) + 1 : PIECE_BYTES;
	size_t got = 1;

	*bytes = arena_alloc(request->arena, room);
	*length = 0;
	while (got > 0 && *length < PROXY_WHOLE_MAX) {
		enum fault fault;

		if (*length == room) {
			char *more = arena_alloc(request->arena, room * 2);

			memcpy(more, *bytes, *length);
			*bytes = more;
			room *= 2;
		}
		fault = rest_read(exchange, *bytes + *length, room - *length, &got);
		if (fault)
			return request_fail(request, fault, "The service broke off in the middle of its answer.");
		*length += got;
	}
	*whole = got == 0;
	return FAULT_NONE;
}

enum fault proxy_body(struct request *request, struct rest_exchange *exchange)
{
	struct response *response = &request->response;
	struct rest_of_body *body;
	char *bytes = NULL;
	size_t length = 0;
	bool whole = false;
	enum fault fault = FAULT_NONE;

	/* Live events are passed on as they come. */
	if (!response->content_type || !text_starts(response->content_type, "text/event-stream"))
		fault = beginning_read(request, exchange, &bytes, &length, &whole);
	if (fault)
		return fault;
	if (whole) {
		rest_end(exchange);
		response->body = bytes;
		response->length = length;
		return FAULT_NONE;
	}
	body = arena_alloc(request->arena, sizeof(*body));
	*body = (struct rest_of_body){
		.exchange = exchange, .beginning = bytes, .length = length, .request_id = request->id
	};
	response->stream = (struct stream){ rest_of_body_read, rest_of_body_end, body };
	return FAULT_NONE;
}
