/*
 * copy: small copies of what other services own, fed by their events: one constant row a copy, from which the upsert is
 * composed. A migration makes the table: SERVICE_data.copy_table(name, columns).
 *
 * An event carries the whole resource, so applying it is one upsert, and that of many events the same one; a lower
 * revision than the one known changes nothing. Events of parts (an activity of a call) carry the revision of their root,
 * which rises with each of them: it is kept by resource all the same. Topics have no order among them: copies have no
 * foreign keys, and what refers to one that has not arrived is refused with unknown-reference and Retry-After.
 *
 * A new copy fills itself from what the topic still keeps (a consumer group begins with the oldest event); for what is
 * older the owner replays its present state on request: POST /v1/services/OWNER/snapshots {"resources": […]}, or
 * ./aftercare snapshot OWNER RESOURCE….
 */
#ifndef AFTERCARE_COPY_H
#define AFTERCARE_COPY_H

#include "inbox.h"

#define COPY_SQL_MAX ((size_t)16 * 1024)

struct app;

struct copy_column {
	const char *name; /* of the table; NULL ends a list */
	const char *type; /* its SQL type: text, uuid, int, numeric, boolean, date, timestamptz, jsonb, text[] */
	const char *from; /* its place in the resource: "article.code"; NULL: the field of its name */
	const char *sql;  /* or SQL over d, the resource as jsonb */
};

struct copy {
	const char *topic;  /* "aftercare.inventory"; NULL ends a table */
	const char *events; /* prefix of their types: "aftercare.asset." */
	const char *table;
	const struct copy_column *columns;
	/* SQL over d: whether it is in use; NULL: as its field active says. What was removed stays, out of use. */
	const char *active;
	bool (*wants)(const struct inbox_event *event); /* whether the event is about a row to keep; NULL: all are */
	/*
	 * Adds what follows from events, each of another row, as the tenant's runtime role, once those are kept; or NULL. It goes by
	 * what is kept, which other events behind these may have made already.
	 */
	void (*follow)(const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch);
	bool quiet; /* what follows records no change, so that events are gathered (inbox.h) */
};

/* Handlers for the inbox, whose context is the app; they live in the arena and end with a NULL topic. */
const struct inbox_handler *copy_handlers(struct arena *arena, const struct copy *copies);

#endif
