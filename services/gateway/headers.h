/*
 * headers: what of a request's headers goes to a service, and what of its answer goes back. Requests by a list of what
 * the services understand; answers without what belongs to one hop (RFC 9110 section 7.6.1) or is ours to say.
 */
#ifndef AFTERCARE_GATEWAY_HEADERS_H
#define AFTERCARE_GATEWAY_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

/* Names of request headers that go on as they are, ends with NULL. */
extern const char *const headers_forwarded[];

/* Whether a Connection header (NULL: none) names this header as one for the next hop only. */
bool headers_nominated(const char *connection, const char *name);

/* Whether an answer's header goes back; connection is the answer's Connection header. */
bool headers_go_back(const char *name, const char *connection);

/* Whether a value may stand in a header: no control characters but tab. */
bool headers_value_ok(const char *value);

#endif
