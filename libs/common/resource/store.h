/*
 * store: the engine behind `struct resource`: composes its statements once, at start, and answers the requests of a
 * resource that only stores. Services call its parts for what is more than storing.
 *
 * Every write of an aggregate goes the same way, in one pipeline: who calls, the idempotency key, the root's lock, the
 * guards, the row, its parts, the change record, the stored answer; then the row as the API shows it.
 */
#ifndef AFTERCARE_STORE_H
#define AFTERCARE_STORE_H

#include "app.h"
#include "request.h"
#include "resource.h"
#include "statement.h"

#define STORE_SQL_MAX    ((size_t)64 * 1024)
#define STORE_BODIES_MAX ((size_t)4 * REQUEST_BODY_MAX) /* of the rows that one transaction writes */
#define STORE_ROW_MAX    (2 * 1024 * 1024 - 64 * 1024)  /* bytes of a row as an event tells it: 413 above */

/* Rows of another resource that the statements of one write, and the events that tell of them, with blanks between. */
struct touched {
	const struct store *store;
	const char *events;
};

/* A resource and its composed statements; read only after store_open. */
struct store {
	const struct resource *resource;
	const struct touched *touches;   /* those of resource->touches; ends with a NULL store */
	const struct field *bulk_fields; /* of lines: resource->bulk_fields, then resource->fields with codes for ids */
	const char *root_id;             /* SQL over the row r: the id of its root */
	struct statement rows;           /* the resource's, or composed */
	struct statement lock;           /* $1 id: takes the root of the resource's row (the row itself for a root) */
	struct statement lock_create;    /* $1 id, $2 body: takes the root of a new row; no text: it is one itself */
	struct statement references;     /* $1 bodies: what their fields refer to is there; no text: they don't */
	struct statement insert;         /* $1 bodies, unless the resource has a `create` with $1 id, $2 body */
	struct statement change;         /* $1 id, $2 body, $3 versions, null for any */
	struct statement below;          /* $1 id, $2 id of the row it must be below; empty without FROM_PATH */
	struct statement remove;         /* $1 id, $2 versions, null for any */
	struct statement match;          /* $1 id, $2 versions: fails unless the row's is among them */
	struct statement record;         /* $1 id, $2 event type */
	struct statement record_first;   /* $1 id, $2 event type: of a new row */
	struct statement record_many;    /* $1 ids, null: those touched; $2 event types */
	struct statement record_first_many; /* $1 ids, $2 event type: of new rows */
	struct statement tell;             /* the records of what its statements touched; no text: they touch nothing */
	struct statement get[SIGHT_COUNT]; /* $1 id: the row, as far as the caller sees it */
	struct statement guard[SIGHT_COUNT]; /* $1 id: fails with not-found when the caller doesn't see it */
	struct statement free_guard;         /* $1 id, $2 body: of free fields of its own; no text: it has none */
	struct statement began;              /* $1 ids: the first line in the log of a new row; no text: it has none */
	struct statement act;                /* of its machine, as act.h says: whether an action fits */
	struct statement acted;              /* of its machine: what every action leaves */
};

/* Composes the statements of each resource (the list ends with NULL); the array ends with a NULL resource. */
const struct store *stores_open(struct arena *arena, const struct resource *const resources[]);

/* The store of a resource; aborts when it was not opened. */
const struct store *store_find(const struct app *app, const struct resource *resource);

/* The store of the resource with that name; aborts when there is none. */
const struct store *store_named(const struct app *app, const char *name);

/* SQL over the aliases of the rows: which of them a caller of that sight sees; NULL: all. */
const char *store_sees(const struct resource *resource, enum sight sight);

/* Handlers of a STORE route. */
enum fault store_get(struct request *request);
enum fault store_create(struct request *request);
enum fault store_change(struct request *request);
enum fault store_remove(struct request *request);

/*
 * The steps, for handlers that do more. Each adds statements to a batch made by request_batch.
 */

/* First: the Idempotency-Key of the request. */
void store_add_claim(struct request *request, struct pg_batch *batch);

/* The request is about to take this root: it takes turns with others of this program that want the same (pg_turn). */
void store_add_turn(const struct request *request, struct pg_batch *batch, const char *root);

/* The same of one that makes a part of that root (pg_turn_part). */
void store_add_turn_part(const struct request *request, struct pg_batch *batch, const char *root, const char *part);

/* A new row: root lock, guards, insert, parts, first line of its log, visibility. */
void store_add_insert(
	struct request *request, struct pg_batch *batch, const struct store *store, const char *id, json_t *body);

/* The same for many rows, with as few statements as the resource allows. */
void store_add_inserts(struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count);

/* New rows with their change records, by the resource's created_event; or what its own `insert` adds. */
void store_add_rows(struct request *request, struct pg_batch *batch, const struct store *store,
	const struct new_row rows[], size_t count);

/*
 * The ids of rows as an array of PostgreSQL's, and their bodies as base.bodies reads them. What is longer than STORE_BODIES_MAX
 * is cut and so no JSON, which PostgreSQL refuses: of bulk lines halves are tried then.
 */
const char *store_ids(struct arena *arena, const struct new_row rows[], size_t count);
const char *store_bodies(struct arena *arena, const struct new_row rows[], size_t count);

/* The same of one row whose body is text. */
const char *store_body(struct arena *arena, const char *id, const char *body);

/* A changed row: visibility, root lock, guards, update, parts. versions NULL: whatever it is. */
void store_add_change(struct request *request, struct pg_batch *batch, const struct store *store, const char *id,
	const char *body, const char *versions);

/* The versions that If-Match names; NULL for any. */
const char *store_versions_wanted(const struct request *request);

/* For what is neither change nor removal: the version that If-Match names, when it came. Behind the root's lock. */
void store_add_match(struct request *request, struct pg_batch *batch, const struct store *store, const char *id);

/* The change record; event is the whole type, as "call.opened". The first is that of a row this batch inserts. */
void store_add_record(struct pg_batch *batch, const struct store *store, const char *id, const char *event);
void store_add_first_record(struct pg_batch *batch, const struct store *store, const char *id, const char *event);

/*
 * A change record for each of many rows that earlier statements changed in one go. ids is an array of PostgreSQL's; NULL
 * takes those that statements of the same batch noted for this event (base.touch). Several events have blanks between.
 */
void store_add_records(struct pg_batch *batch, const struct store *store, const char *ids, const char *events);

/* The same of rows that this batch inserts: there is no record before, which would have to be found and compared. */
void store_add_first_records(struct pg_batch *batch, const struct store *store, const char *ids, const char *event);

/* The change records of what statements of the batch touched, for all events in resource->touches. */
void store_add_touched(struct pg_batch *batch, const struct store *store);

/* The stored answer of the Idempotency-Key: the change just recorded. */
void store_add_answer(struct request *request, struct pg_batch *batch, const struct store *store, const char *id,
	int status, const char *location);

/*
 * The same of a POST that makes no single row: what its answer is made of, which a statement of the batch kept in the setting
 * app.told as JSON; and, after FAULT_REPLAY, that again, with what was warned of (or NULL).
 */
void store_add_told(struct request *request, struct pg_batch *batch, const struct store *store);
enum fault store_told(struct request *request, const char **told, const char **warnings);

/*
 * The row, as its change record of this batch shows it: nothing is to change it after. Without one it is read. Returns the
 * index for store_answer.
 */
size_t store_add_written(struct pg_batch *batch, const struct store *store, const char *id);

/* The same as the caller sees it. */
size_t store_add_get(struct request *request, struct pg_batch *batch, const struct store *store, const char *id);

/* Runs the batch of a GET; 404 when there is no row at `index`. */
enum fault store_read(struct request *request, struct pg_batch *batch, const struct store *store, size_t index);

/* Answers a GET with what is shown of that row: 304 to If-None-Match when it is just that, 412 to another If-Match. */
enum fault store_show(struct request *request, const PGresult *row, const char *body);

/* Both, of a row as it is. */
enum fault store_answer_read(struct request *request, struct pg_batch *batch, const struct store *store, size_t index);

/*
 * Runs the batch of a write and answers with the row at `index`: body, ETag, Location when it is not NULL. Replays the
 * stored answer when the Idempotency-Key is known. Wakes the relay.
 */
enum fault store_answer(struct request *request, struct pg_batch *batch, const struct store *store, size_t index,
	int status, const char *location);

/* The answer that the Idempotency-Key stands for: the change it made, as it was then. After FAULT_REPLAY. */
enum fault store_replay(struct request *request, const struct store *store);

/*
 * Who may not see costs does not write them either, nor, in a body that changes a row, takes them away by null: a fault for each of
 * these fields, also of objects and lists within.
 */
void store_check_costs(struct request *request, const struct field fields[], const json_t *body, bool changes);

/* Runs the resource's own checks on a body; fills fallbacks at creation (id NULL). */
enum fault store_prepare(struct request *request, const struct resource *resource, json_t *body, const char *id);

/* The id for a new row: the one the client made, else a new one. It leaves the body, beside which it goes on. */
const char *store_new_id(struct request *request, json_t *body);

/* The JSON of a result's row, costs hidden from those who may not see them. */
const char *store_row_json(struct request *request, const struct store *store, const PGresult *result, int row);

/* Whether a field or filter with these flags is kept from the caller: costs, and what is internal from the portal. */
bool store_hides(const struct request *request, unsigned flags);

/* Names of fields that this caller must not see, "sale_document.price" of those in others; NULL-terminated. */
const char *const *store_hidden(struct request *request, const struct resource *resource);

/* "/v1/sites/ID" from the path of the collection. */
const char *store_location(struct request *request, const char *id);

#endif
