/* header: checks of what clients say of a request in its headers. */
#ifndef AFTERCARE_HEADER_H
#define AFTERCARE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Whether a value is 1 to max visible ASCII characters: request ids, idempotency keys. */
bool header_visible(const char *value, size_t max);

/* Whether a value is a traceparent (W3C Trace Context), version 00. */
bool header_traceparent_valid(const char *value);

/* A trace of our own. */
const char *header_traceparent_new(struct arena *arena);

#endif
