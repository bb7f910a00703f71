#include "rest.h"

#include "arena.h"
#include "text.h"

#define PIECE_BYTES 4096

enum fault rest_call(
	struct rest_client *client, struct arena *arena, const struct rest_request *request, struct rest_answer *answer)
{
	struct text body = text_new(arena, REST_BODY_MAX);
	struct rest_exchange *exchange;
	char piece[PIECE_BYTES];
	size_t length;
	enum fault fault = rest_begin(client, arena, request, &exchange, NULL);

	if (fault != FAULT_NONE)
		return fault;
	do {
		fault = rest_read(exchange, piece, sizeof(piece), &length);
		if (fault == FAULT_NONE)
			text_add_bytes(&body, piece, length);
	} while (fault == FAULT_NONE && length > 0 && !body.full);
	rest_end(exchange);
	if (fault != FAULT_NONE)
		return fault;
	if (body.full)
		return FAULT_TOO_LARGE;
	answer->status = rest_status(exchange);
	answer->headers = rest_headers(exchange);
	answer->body = text_c(&body);
	answer->length = body.length;
	return FAULT_NONE;
}

enum fault rest_get(struct rest_client *client, struct arena *arena, const char *url, const struct rest_header *headers,
	int total_ms, struct rest_answer *answer)
{
	const struct rest_request request = {
		.url = url,
		.headers = headers,
		.repeatable = true,
		.answer_ms = total_ms,
		.total_ms = total_ms,
	};

	return rest_call(client, arena, &request, answer);
}
