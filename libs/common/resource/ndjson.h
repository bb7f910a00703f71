/* ndjson: a body with one JSON text a line (RFC 8259; \n or \r\n between them, empty lines count but say nothing). */
#ifndef AFTERCARE_NDJSON_H
#define AFTERCARE_NDJSON_H

#include "fault.h"
#include "json.h"

/*
 * Called for each line with its number, from 1, as an editor counts. body is NULL, and problem says why, for a line that is
 * not JSON; the lines behind it are read all the same. False stops: too many.
 */
typedef bool (*ndjson_take)(void *context, size_t line, json_t *body, const char *problem);

/* FAULT_TOO_LARGE when `take` stopped. */
enum fault ndjson_read(struct arena *arena, const char *bytes, size_t length, ndjson_take take, void *context)
	__attribute__((warn_unused_result));

#endif
