/*
 * events: the catalogue of what a service publishes: a JSON Schema (2020-12) for each type and an AsyncAPI 3.0 document
 * (https://www.asyncapi.com/docs/reference/specification/v3.0.0) that lists them with topic, key and headers.
 *
 * The types follow from the tables: what endpoints can do to a resource gives NAME.created, NAME.changed and
 * NAME.removed; each row of a transition table gives its event; each published resource gives NAME.snapshot, for
 * consumers that start from nothing; what no table implies is listed by hand. What ERPs send to the service (feed.h) is
 * listed beside, as an operation that it receives.
 *
 * Thread safe: reads constants only.
 */
#ifndef AFTERCARE_EVENTS_H
#define AFTERCARE_EVENTS_H

#include "openapi.h"

#define EVENTS_TYPES_MAX 512 /* event types of one service */

/* An event that no table implies. */
struct event {
	const char *type;                /* "call.opened", without aftercare. and .v1; NULL ends a table */
	const struct resource *resource; /* whose state it carries */
	const char *help;
};

/*
 * Appends the catalogue as one JSON object: {"asyncapi": {…}, "schemas": {"aftercare.call.opened.v1": {…}, …}}.
 * `events` may be NULL. What does not fit sets out->full.
 */
void events_write(
	struct arena *arena, const struct openapi_source *source, const struct event *events, struct text *out);

#endif
