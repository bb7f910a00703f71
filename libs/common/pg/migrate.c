#include "migrate.h"

#include "arena.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs simple SQL; on an error *problem tells it. */
static bool run(struct arena *arena, PGconn *connection, const char *sql, const char **problem)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!done)
		*problem = arena_strdup(arena, PQresultErrorMessage(result));
	PQclear(result);
	return done;
}

static const char *replace_service(struct arena *arena, const char *text, const char *service)
{
	static const char mark[] = "{service}";
	struct text out = text_new(arena, MIGRATE_TEXT_MAX);

	for (const char *at; (at = strstr(text, mark)); text = at + sizeof(mark) - 1) {
		text_add_bytes(&out, text, (size_t)(at - text));
		text_add(&out, service);
	}
	text_add(&out, text);
	return out.full ? NULL : text_c(&out);
}

static bool table_make(struct arena *arena, PGconn *connection, const char *service, const char **problem)
{
	const char *sql = arena_printf(arena,
		"select pg_advisory_lock(hashtext('aftercare.migrate.' || '%s'));"
		"set role %s_owner; set lock_timeout = '" MIGRATE_LOCK_TIMEOUT "'; set timezone = 'UTC';"
		"set client_min_messages = warning;"
		"set search_path = %s_data, %s, base;"
		"create table if not exists %s_data.migration (set_name text not null, number int not null,"
		" title text not null, sha256 text not null, applied_at timestamptz not null default clock_timestamp(),"
		" primary key (set_name, number));"
		"grant select on %s_data.migration to %s_worker",
		service, service, service, service, service, service, service);

	return run(arena, connection, sql, problem);
}

/* The recorded checksum of a migration, "" when it was not applied, NULL on an error. */
static const char *recorded(struct arena *arena, PGconn *connection, const char *service, const char *set,
	const struct migration *migration, const char **problem)
{
	const char *sql = arena_printf(
		arena, "select sha256 from %s_data.migration where set_name = $1 and number = $2", service);
	const char *values[] = { set, arena_printf(arena, "%d", migration->number) };
	PGresult *result = PQexecParams(connection, sql, 2, NULL, values, NULL, NULL, 0);
	const char *sha256 = NULL;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		sha256 = arena_strdup(arena, PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	else
		*problem = arena_strdup(arena, PQresultErrorMessage(result));
	PQclear(result);
	return sha256;
}

static bool apply(struct arena *arena, PGconn *connection, const char *service, const char *set,
	const struct migration *migration, const char **problem)
{
	const char *text = replace_service(arena, migration->text, service);
	const char *record = arena_printf(arena,
		"insert into %s_data.migration (set_name, number, title, sha256) values ('%s', %d, '%s', '%s')",
		service, set, migration->number, migration->title, migration->sha256);

	if (!text) {
		*problem = "a migration is longer than MIGRATE_TEXT_MAX";
		return false;
	}
	if (run(arena, connection, "begin", problem) && run(arena, connection, text, problem) &&
		run(arena, connection, record, problem) && run(arena, connection, "commit", problem))
		return true;
	*problem = arena_printf(arena, "%s migration %04d_%s: %s", set, migration->number, migration->title, *problem);
	return false; /* nothing of it is left: the connection ends */
}

static enum fault set_apply(struct arena *arena, PGconn *connection, const char *service,
	const struct migration_set *set, int *applied, const char **problem)
{
	for (const struct migration *m = set->migrations; m->title; m++) {
		const char *sha256 = recorded(arena, connection, service, set->name, m, problem);

		if (!sha256)
			return FAULT_UNAVAILABLE;
		if (sha256[0] && strcmp(sha256, m->sha256) != 0) {
			*problem = arena_printf(arena, "%s migration %04d_%s was changed after it was applied",
				set->name, m->number, m->title);
			return FAULT_CONFLICT;
		}
		if (sha256[0])
			continue;
		if (!apply(arena, connection, service, set->name, m, problem))
			return FAULT_INTERNAL;
		(*applied)++;
	}
	return FAULT_NONE;
}

enum fault migrate_run(struct arena *arena, const struct pg_options *options, const char *service,
	const struct migration_set sets[], int *applied, const char **problem)
{
	PGconn *connection = pg_connect(arena, options, problem);
	enum fault fault = FAULT_NONE;

	*applied = 0;
	if (!connection)
		return FAULT_UNAVAILABLE;
	if (!table_make(arena, connection, service, problem))
		fault = FAULT_INTERNAL;
	for (const struct migration_set *set = sets; !fault && set->name; set++)
		fault = set_apply(arena, connection, service, set, applied, problem);
	PQfinish(connection);
	return fault;
}

enum fault migrate_check(struct arena *arena, struct pg_pool *pool, const char *service,
	const struct migration_set sets[], const char **problem)
{
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error;
	enum fault fault;
	const PGresult *result;
	int known = 0;

	pg_add_text(
		batch, arena_printf(arena, "select set_name, number, sha256 from %s_data.migration", service), 0, NULL);
	fault = pg_execute(pool, batch, &error);
	if (fault) {
		*problem = strcmp(error.sqlstate, "42P01") == 0 ? "not migrated yet: run it with --migrate"
								: error.message;
		return fault;
	}
	result = pg_result(batch, 0);
	for (const struct migration_set *set = sets; set->name; set++) {
		for (const struct migration *m = set->migrations; m->title; m++, known++) {
			bool found = false;

			for (int row = 0; row < PQntuples(result) && !found; row++)
				found = strcmp(PQgetvalue(result, row, 0), set->name) == 0 &&
					atoi(PQgetvalue(result, row, 1)) == m->number &&
					strcmp(PQgetvalue(result, row, 2), m->sha256) == 0;
			if (!found) {
				*problem = arena_printf(arena,
					"%s migration %04d_%s is missing or differs: run the program with --migrate",
					set->name, m->number, m->title);
				return FAULT_CONFLICT;
			}
		}
	}
	if (PQntuples(result) != known) {
		*problem = "the schema has migrations that this program does not know: it is older than the schema";
		return FAULT_CONFLICT;
	}
	return FAULT_NONE;
}
