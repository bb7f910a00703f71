/* pool: connections and pool as batch.c needs them. Internal to pg. */
#ifndef AFTERCARE_PG_POOL_H
#define AFTERCARE_PG_POOL_H

#include "pg.h"
#include "turn.h"

#define PREPARED_FIRST_SLOTS 256

/* A connection and the statements prepared on it: an open-addressed set of pointers, which grows before it is half full. */
struct pg_connection {
	PGconn *connection;
	const struct statement **prepared;
	size_t prepared_slots; /* a power of two; 0: none yet */
	size_t prepared_count;
};

/*
 * FAULT_BUSY after PG_WAIT_MS, FAULT_UNAVAILABLE when PostgreSQL is away; *error, its message in the arena, then tells more.
 * Give it back with pool_return.
 */
enum fault pool_lease(struct pg_pool *pool, struct arena *arena, struct pg_connection **leased, struct pg_error *error)
	__attribute__((warn_unused_result));

/* Takes it back; one that is not idle and sound is closed. */
void pool_return(struct pg_pool *pool, struct pg_connection *leased);

/* Those of the batches that run on its connections. */
struct turns *pool_turns(struct pg_pool *pool);

/* Into a connection that has none; FAULT_UNAVAILABLE and *problem, in the arena, when it can't be had. */
enum fault connection_open(struct arena *arena, const struct pg_options *options, struct pg_connection *connection,
	const char **problem) __attribute__((warn_unused_result));

/* Ends it with all that is prepared; what is closed already stays so. */
void connection_close(struct pg_connection *connection);

bool prepared_has(const struct pg_connection *connection, const struct statement *statement);
void prepared_add(struct pg_connection *connection, const struct statement *statement);
void prepared_clear(struct pg_connection *connection);

#endif
