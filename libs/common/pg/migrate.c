#include "migrate.h"

#include "arena.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS 0        /* the number by which a set's functions are recorded */
#define BASELINE  "schema" /* and the title of what was made by a baseline */

enum { SET, NUMBER, TITLE, SHA256 }; /* of a recorded row */

/* A connection at work. */
struct migrating {
	struct arena *arena;
	PGconn *connection;
	const char *service;
	const char *problem; /* of what failed first */
};

/* Runs simple SQL and returns its result; NULL on an error. */
static PGresult *query(struct migrating *at, const char *sql)
{
	PGresult *result = PQexec(at->connection, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return result;
	at->problem = arena_strdup(at->arena, PQresultErrorMessage(result));
	PQclear(result);
	return NULL;
}

static bool run(struct migrating *at, const char *sql)
{
	PGresult *result = query(at, sql);

	PQclear(result);
	return result != NULL;
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

static bool table_make(struct migrating *at)
{
	const char *s = at->service;

	return run(at,
		arena_printf(at->arena,
			"select pg_advisory_lock(hashtext('aftercare.migrate.' || '%1$s'));"
			"set role %1$s_owner; set lock_timeout = '" MIGRATE_LOCK_TIMEOUT "'; set timezone = 'UTC';"
			"set client_min_messages = warning;"
			"set search_path = %1$s_data, %1$s, base;"
			"create table if not exists %1$s_data.migration (set_name text not null, number int not null,"
			" title text not null, sha256 text not null,"
			" applied_at timestamptz not null default clock_timestamp(),"
			" primary key (set_name, number));"
			"grant select on %1$s_data.migration to %1$s_worker",
			s));
}

static const char *recorded_query(struct arena *arena, const char *service)
{
	return arena_printf(arena, "select set_name, number, title, sha256 from %s_data.migration", service);
}

/* What is recorded of a set under a number; NULL: nothing. */
static const char *recorded(const PGresult *rows, const char *set, int number, int column)
{
	for (int row = 0; row < PQntuples(rows); row++)
		if (strcmp(PQgetvalue(rows, row, SET), set) == 0 && atoi(PQgetvalue(rows, row, NUMBER)) == number)
			return PQgetvalue(rows, row, column);
	return NULL;
}

static bool recorded_is(const PGresult *rows, const char *set, int number, int column, const char *wanted)
{
	const char *value = recorded(rows, set, number, column);

	return value && strcmp(value, wanted) == 0;
}

/* The last number that a database has of a set; 0: it has nothing of it. */
static int recorded_last(const PGresult *rows, const char *set)
{
	int last = 0;

	for (int row = 0; row < PQntuples(rows); row++) {
		int number = atoi(PQgetvalue(rows, row, NUMBER));

		if (strcmp(PQgetvalue(rows, row, SET), set) == 0 && number > last)
			last = number;
	}
	return last;
}

/* The last number that the program knows of a set. */
static int known_last(const struct migration_set *set)
{
	int last = set->baseline.number;

	for (const struct migration *m = set->migrations; m->title; m++)
		last = m->number;
	return last;
}

/* Whether the program can go on from what a database has of a set. */
static enum fault set_compare(
	struct arena *arena, const PGresult *rows, const struct migration_set *set, const char **problem)
{
	const struct baseline *baseline = &set->baseline;
	int last = recorded_last(rows, set->name);

	if (last > known_last(set)) {
		*problem = "the schema has migrations that this program does not know: it is older than the schema";
		return FAULT_CONFLICT;
	}
	if (last && last < baseline->number) {
		*problem = arena_printf(arena,
			"%s stands at migration %04d, and this program goes on from %04d_%s: "
			"run --migrate of version %s first",
			set->name, last, baseline->number, baseline->title, baseline->version);
		return FAULT_CONFLICT;
	}
	if (last && baseline->number && !recorded_is(rows, set->name, baseline->number, TITLE, baseline->title) &&
		!recorded_is(rows, set->name, baseline->number, SHA256, baseline->sha256)) {
		*problem = arena_printf(arena, "%s schema was changed after it was applied", set->name);
		return FAULT_CONFLICT;
	}
	for (const struct migration *m = set->migrations; m->title && m->number <= last; m++) {
		if (!recorded_is(rows, set->name, m->number, SHA256, m->sha256)) {
			*problem = arena_printf(arena, "%s migration %04d_%s was changed after it was applied",
				set->name, m->number, m->title);
			return FAULT_CONFLICT;
		}
	}
	return FAULT_NONE;
}

static bool functions_recorded(const PGresult *rows, const struct migration_set sets[])
{
	for (const struct migration_set *set = sets; set->name; set++)
		if (!recorded_is(rows, set->name, FUNCTIONS, SHA256, set->functions_sha256))
			return false;
	return true;
}

static bool file_run(
	struct migrating *at, const struct migration_set *set, const char *folder, const struct migration *m)
{
	const char *text = replace_service(at->arena, m->text, at->service);

	if (!text)
		at->problem = "it is longer than MIGRATE_TEXT_MAX";
	else if (run(at, text))
		return true;
	at->problem = m->number
		? arena_printf(at->arena, "%s %s/%04d_%s.sql: %s", set->name, folder, m->number, m->title, at->problem)
		: arena_printf(at->arena, "%s %s/%s.sql: %s", set->name, folder, m->title, at->problem);
	return false;
}

static bool files_run(
	struct migrating *at, const struct migration_set *set, const char *folder, const struct migration *m)
{
	for (; m->title; m++)
		if (!file_run(at, set, folder, m))
			return false;
	return true;
}

static bool record(
	struct migrating *at, const struct migration_set *set, int number, const char *title, const char *sha256)
{
	return run(at,
		arena_printf(at->arena,
			"insert into %s_data.migration (set_name, number, title, sha256) values ('%s', %d, '%s', '%s') "
			"on conflict (set_name, number) do update set title = excluded.title, sha256 = excluded.sha256, "
			"applied_at = excluded.applied_at",
			at->service, set->name, number, title, sha256));
}

/* What tables and views became may have taken functions with it: these are no longer what is recorded. */
static bool functions_forget(struct migrating *at)
{
	return run(
		at, arena_printf(at->arena, "delete from %s_data.migration where number = %d", at->service, FUNCTIONS));
}

/* Each of these is a transaction. Of one that fails nothing is left, for the connection ends. */
static bool baseline_apply(struct migrating *at, const struct migration_set *set)
{
	const struct baseline *baseline = &set->baseline;

	return run(at, "begin") && files_run(at, set, "schema", baseline->files) &&
		record(at, set, baseline->number, BASELINE, baseline->sha256) && functions_forget(at) &&
		run(at, "commit");
}

static bool migration_apply(struct migrating *at, const struct migration_set *set, const struct migration *m)
{
	return run(at, "begin") && file_run(at, set, "migrations", m) &&
		record(at, set, m->number, m->title, m->sha256) && functions_forget(at) && run(at, "commit");
}

/* Bodies are not looked into while they come: a function may call one of a later file. What is in SERVICE is for requests. */
static bool functions_apply(struct migrating *at, const struct migration_set sets[])
{
	bool done = run(at, "begin; set local check_function_bodies = off");

	for (const struct migration_set *set = sets; done && set->name; set++)
		done = files_run(at, set, "functions", set->functions) &&
			record(at, set, FUNCTIONS, "functions", set->functions_sha256);
	return done &&
		run(at,
			arena_printf(at->arena, "grant execute on all functions in schema %1$s to %1$s; commit",
				at->service));
}

/* What is missing of a set, that it can go on from. */
static bool set_apply(
	struct migrating *at, const PGresult *rows, const struct migration_set *set, struct migrated *done)
{
	int last = recorded_last(rows, set->name);

	if (last < set->baseline.number) {
		if (!baseline_apply(at, set))
			return false;
		done->migrations++;
	}
	for (const struct migration *m = set->migrations; m->title; m++) {
		if (m->number <= last)
			continue;
		if (!migration_apply(at, set, m))
			return false;
		done->migrations++;
	}
	return true;
}

static enum fault sets_apply(struct migrating *at, const struct migration_set sets[], struct migrated *done)
{
	PGresult *rows = table_make(at) ? query(at, recorded_query(at->arena, at->service)) : NULL;
	enum fault fault = rows ? FAULT_NONE : FAULT_INTERNAL;

	for (const struct migration_set *set = sets; !fault && set->name; set++)
		fault = set_compare(at->arena, rows, set, &at->problem);
	for (const struct migration_set *set = sets; !fault && set->name; set++)
		fault = set_apply(at, rows, set, done) ? FAULT_NONE : FAULT_INTERNAL;
	if (!fault && (done->migrations || !functions_recorded(rows, sets))) {
		done->functions = functions_apply(at, sets);
		fault = done->functions ? FAULT_NONE : FAULT_INTERNAL;
	}
	PQclear(rows);
	return fault;
}

enum fault migrate_run(struct arena *arena, const struct pg_options *options, const char *service,
	const struct migration_set sets[], struct migrated *done, const char **problem)
{
	struct migrating at = { arena, pg_connect(arena, options, problem), service, "" };
	enum fault fault;

	*done = (struct migrated){ 0 };
	if (!at.connection)
		return FAULT_UNAVAILABLE;
	fault = sets_apply(&at, sets, done);
	*problem = at.problem;
	PQfinish(at.connection);
	return fault;
}

enum fault migrate_check(struct arena *arena, struct pg_pool *pool, const char *service,
	const struct migration_set sets[], const char **problem)
{
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error;
	const PGresult *rows;
	enum fault fault;

	pg_add_text(batch, recorded_query(arena, service), 0, NULL);
	fault = pg_execute(pool, batch, &error);
	if (fault) {
		*problem = strcmp(error.sqlstate, "42P01") == 0 ? "not migrated yet: run it with --migrate"
								: error.message;
		return fault;
	}
	rows = pg_result(batch, 0);
	for (const struct migration_set *set = sets; set->name; set++) {
		fault = set_compare(arena, rows, set, problem);
		if (fault)
			return fault;
		if (recorded_last(rows, set->name) < known_last(set)) {
			*problem = arena_printf(
				arena, "%s has migrations to be applied: run the program with --migrate", set->name);
			return FAULT_CONFLICT;
		}
	}
	if (!functions_recorded(rows, sets)) {
		*problem = "the functions of the schema are not those of this program: run it with --migrate";
		return FAULT_CONFLICT;
	}
	return FAULT_NONE;
}
