/*
 * pg: PostgreSQL for handlers: a pool, and batches that run as one pipeline.
 *
 * A batch is a list of statements with text parameters, built on an arena and executed at once: one round trip, one
 * implicit transaction (no BEGIN, no COMMIT; Sync commits). A statement that fails undoes all. A batch can't branch:
 * guards raise (base.fail) and come back as a fault. Connections are held only while a batch runs.
 *
 * The pool hands connections out first come first served and is thread safe; a batch belongs to one thread.
 */
#ifndef AFTERCARE_PG_H
#define AFTERCARE_PG_H

#include "fault.h"
#include "json.h"
#include "statement.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct text;
struct pg_connection;
struct pg_pool;
struct pg_batch;

#define PG_POOL_MAX         64
#define PG_WAIT_MS          1000  /* longest wait for a connection, then FAULT_BUSY; longer than lock_timeout */
#define PG_TURN_MS          800   /* longest wait for turns, then FAULT_BUSY; what PostgreSQL waits for a lock, too */
#define PG_TURNS_MAX        64    /* of a batch: one that wants more leaves it to PostgreSQL's locks */
#define PG_CONNECT_SECONDS  3     /* longest wait for a new connection */
#define PG_DEADLINE_MS      20000 /* longest batch; longer than any statement_timeout of ours */
#define PG_BACKOFF_FIRST_MS 50    /* after a failed connection no other is tried for this long, doubling */
#define PG_BACKOFF_MAX_MS   2000

/* Object ids of the types whose text is not JSON text: fixed in PostgreSQL's catalogue (pg_type.dat). */
enum {
	PG_OID_BOOL = 16,
	PG_OID_INT8 = 20,
	PG_OID_INT2 = 21,
	PG_OID_INT4 = 23,
	PG_OID_TEXT = 25,
	PG_OID_JSON = 114,
	PG_OID_JSONB = 3802,
};

/* Counts and values for PG_VALUES(a, b, c) as the last two arguments of pg_add. */
#define PG_VALUES(...)                                                                                                 \
	(int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)), (const char *const[])              \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}

struct pg_options {
	const char *conninfo; /* libpq connection string */
	const char *password; /* or NULL */
	const char *application;
	int size; /* connections, 1 to PG_POOL_MAX; opened when first needed */
};

/* What PostgreSQL said, in the words of our fault table. Strings live in the batch's arena. */
struct pg_error {
	char sqlstate[6];
	const char *message;    /* for the log; only for FAULT raised by base.fail also for the client */
	const char *detail;     /* for the log: the key that was taken; never a whole row */
	const char *constraint; /* or NULL */
	const char *table;      /* or NULL */
	const char *pointer;    /* JSON pointer the fault is about, or NULL */
	const char *rule;       /* code of the broken rule, or NULL */
	const char *statement;  /* name of the statement that failed, or NULL */
	bool ours;              /* raised by base.fail: message is meant for the client */
};

struct pg_pool *pg_pool_new(const struct pg_options *options);
void pg_pool_free(struct pg_pool *pool);

/* In use now and waiting now: for metrics. */
void pg_pool_state(struct pg_pool *pool, int *size, int *busy, int *waiting);

/* Whether a connection can be had and answers: for /readyz. */
bool pg_pool_ready(struct pg_pool *pool);

/* An empty batch on the arena. */
struct pg_batch *pg_batch_new(struct arena *arena);

/*
 * The batch changes the thing of a tenant that has this id: on a pool it takes turns for it with others that say so, before
 * it takes a connection; one that waits for nothing else may go over the connection of the one before, right behind it. Of
 * things whose lock many want at once; nothing depends on its being said.
 */
void pg_turn(struct pg_batch *batch, const char *tenant, const char *id);

/* The same of one that makes a part of the thing: batches that say later that they change the part take turns for the thing. */
void pg_turn_part(struct pg_batch *batch, const char *tenant, const char *id, const char *part);

/*
 * Adds a statement, to be prepared by its name; returns its index for pg_result. Values are copied as pointers and must
 * live until pg_execute returns; NULL is null.
 */
size_t pg_add(struct pg_batch *batch, const struct statement *statement, int count, const char *const values[]);

/* Has a statement prepared, for statements behind it that run it by its name (base.tell). */
void pg_add_prepared(struct pg_batch *batch, const struct statement *statement);

/* Whether the batch has a statement with that first value; *index is that of the last one. */
bool pg_find(const struct pg_batch *batch, const struct statement *statement, const char *first, size_t *index);

/* Adds composed SQL, unnamed, so that it gets a plan of its own. The text is borrowed until pg_execute. */
size_t pg_add_text(struct pg_batch *batch, const char *sql, int count, const char *const values[]);

/*
 * Runs the batch in one pipeline. On a fault nothing of it has happened, save for FAULT_UNAVAILABLE after a connection
 * lost in mid commit, which the caller can't know (that is what Idempotency-Key is for). *error is filled on a fault.
 * A plan gone stale (26000, 0A000) and a connection the server closed before the start are retried once.
 */
enum fault pg_execute(struct pg_pool *pool, struct pg_batch *batch, struct pg_error *error)
	__attribute__((warn_unused_result));

/*
 * The same on a connection of one's own (workers), which keeps its session when a stale plan is tried again. One that
 * broke, or is not idle afterwards, is closed, and no longer pg_alive.
 */
enum fault pg_execute_on(struct pg_connection *connection, struct pg_batch *batch, struct pg_error *error)
	__attribute__((warn_unused_result));

#define PG_ARRAY_NUMBER_MAX 24 /* bytes that a number or a boolean takes in an array, at most */

/* Many values as one parameter of an array type: add each to an empty text, then end it. */
void pg_array_add(struct text *array, const char *item);
void pg_array_add_number(struct text *array, int64_t number);
const char *pg_array_end(struct text *array);

/* The result of a statement; lives as long as the arena. */
const PGresult *pg_result(const struct pg_batch *batch, size_t index);

/* First row, given column, or NULL (no row, or null). */
const char *pg_value(const struct pg_batch *batch, size_t index, int column);

/* The same of the column of that name. */
const char *pg_named(const struct pg_batch *batch, size_t index, const char *column);

/* The tree of a json or jsonb; lives as long as the arena. NULL for no row, for null, and for what json_read refuses. */
json_t *pg_json(struct arena *arena, const PGresult *result, int row, int column);

/* A connection of one's own (relay, worker). NULL and *problem, in the arena, when it can't be had. */
struct pg_connection *pg_open(struct arena *arena, const struct pg_options *options, const char **problem);

/* NULL is fine. */
void pg_close(struct pg_connection *connection);

/* Whether the server of an idle connection is still there, as far as has been heard. Doesn't wait. */
bool pg_alive(struct pg_connection *connection);

/* A bare connection, as migrations need it; PQfinish ends it. NULL and *problem as above. */
PGconn *pg_connect(struct arena *arena, const struct pg_options *options, const char **problem);

/* The fault an error result stands for; fills *error. */
enum fault pg_fault(struct arena *arena, const PGresult *result, struct pg_error *error);

/*
 * The value as text; of JSON, without the members that `hidden` (NULL-terminated, may be NULL) names in this column, as
 * "sale_document.price". In the arena or of the result.
 */
const char *pg_shown(struct arena *arena, const PGresult *result, int row, int column, const char *const hidden[]);

/*
 * Appends one row as a JSON object: names from the columns; text and everything unknown as strings, numbers and
 * booleans bare, json and jsonb as they are. Columns whose name is in `hidden` are left out, and what it names in
 * them as above; when `only` is given just those are written. Columns whose name starts with "_" never are.
 */
void pg_row_json(
	struct text *out, const PGresult *result, int row, const char *const hidden[], const char *const only[]);

#endif
