/*
 * A pool of one connection on a real PostgreSQL, and things in a table: what the tests of batches share.
 */
#ifndef AFTERCARE_PG_ONE_CONNECTION_H
#define AFTERCARE_PG_ONE_CONNECTION_H

#include "arena.h"
#include "backing.h"
#include "pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define THING                                                                                                          \
	"create table thing (a integer, secret text, constraint thing__a__positive check (a > 0), "                    \
	"constraint thing__a__unique unique (a))"

static const struct statement all_things = { "all_things", "select a, secret from thing order by a", 0 };
static const struct statement add_thing = { "add_thing", "insert into thing values ($1::integer, $2)", 2 };
static const struct statement session_pid = { "session_pid", "select pg_backend_pid()", 0 };

struct fixture {
	struct backing *backing;
	struct arena *arena;
	struct pg_pool *pool;
	struct pg_error error;
};

/* A pool of one connection, so that each batch meets what the one before left there: the table, the prepared statements. */
static inline int start(void **state)
{
	static struct fixture fixture;
	struct pg_options options;

	fixture = (struct fixture){ .backing = backing_start(), .arena = arena_new() };
	options = fixture.backing->admin;
	options.conninfo = arena_printf(
		fixture.arena, "%s options='-c search_path=%s_data'", options.conninfo, fixture.backing->service);
	options.size = 1;
	fixture.pool = pg_pool_new(&options);
	*state = &fixture;
	return 0;
}

static inline int stop(void **state)
{
	struct fixture *fixture = *state;

	pg_pool_free(fixture->pool);
	arena_free(fixture->arena);
	backing_stop(fixture->backing);
	return 0;
}

/* Runs one piece of SQL; *value gets its first value. */
static inline enum fault run(struct fixture *fixture, const char *sql, const char **value)
{
	struct pg_batch *batch = pg_batch_new(fixture->arena);
	size_t index = pg_add_text(batch, sql, 0, NULL);
	enum fault fault = pg_execute(fixture->pool, batch, &fixture->error);

	if (value)
		*value = fault ? NULL : pg_value(batch, index, 0);
	return fault;
}

static inline enum fault thing_add(struct fixture *fixture, const char *a, const char *secret)
{
	struct pg_batch *batch = pg_batch_new(fixture->arena);

	pg_add(batch, &add_thing, PG_VALUES(a, secret));
	return pg_execute(fixture->pool, batch, &fixture->error);
}

static inline int things(struct fixture *fixture)
{
	struct pg_batch *batch = pg_batch_new(fixture->arena);
	size_t index = pg_add(batch, &all_things, 0, NULL);

	assert_int_equal(pg_execute(fixture->pool, batch, &fixture->error), FAULT_NONE);
	return PQntuples(pg_result(batch, index));
}

#endif
