/* parts: bytes in rows of the service's own, in pieces of at most a request's size, by their owner's id: written and sent. */
#ifndef AFTERCARE_PARTS_H
#define AFTERCARE_PARTS_H

#include "request.h"

#define PART_BYTES_MAX REQUEST_BODY_MAX

/* Adds a part, numbered from 1. */
void part_add(
	struct arena *arena, struct pg_batch *batch, const char *owner, int number, const char *bytes, size_t length);

/*
 * Reads a part into the request's arena; *bytes is NULL when there is none. That it can't be read is told as request_execute
 * tells it.
 */
enum fault part_read(struct request *request, const char *owner, int number, const char **bytes, size_t *length)
	__attribute__((warn_unused_result));

/* The answer's body is all parts of the owner, read one by one while they are sent. */
void parts_send(struct request *request, const char *owner, int count);

#endif
