#include "backing.h"

#include "arena.h"
#include "backing_platform_migrations.h"
#include "clock.h"
#include "migrate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Rights on the database and its base schema are one row each, which no two may change at once. */
#define IN_TURN      "select pg_advisory_xact_lock(hashtext('backing'));"
#define PASSWORD_MAX 256
#define PAUSE_NS     10000000

static void quit(const char *what, const char *why) __attribute__((noreturn));
static void quit(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		quit(name, "must be set; ./aftercare test does");
	return value;
}

static const char *password_read(struct arena *arena, const char *path)
{
	char line[PASSWORD_MAX] = "";
	FILE *file = fopen(path, "r");

	if (!file || !fgets(line, sizeof(line), file))
		quit(path, "can't be read");
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return arena_strdup(arena, line);
}

static const char *run(struct backing *backing, const char *sql)
{
	PGresult *result = PQexec(backing->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	const char *value = "";

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		quit(sql, PQresultErrorMessage(result));
	if (status == PGRES_TUPLES_OK && PQntuples(result) > 0)
		value = arena_strdup(backing->arena, PQgetvalue(result, 0, 0));
	PQclear(result);
	return value;
}

const char *backing_sql(struct backing *backing, const char *format, ...)
{
	va_list arguments;
	const char *sql;

	va_start(arguments, format);
	sql = arena_vprintf(backing->arena, format, arguments);
	va_end(arguments);
	return run(backing, sql);
}

bool backing_until(struct backing *backing, const char *wanted, const char *sql)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int64_t deadline = clock_monotonic() + BACKING_WAIT_MS;

	while (strcmp(run(backing, sql), wanted) != 0) {
		if (clock_monotonic() > deadline) {
			fprintf(stderr, "%s: says %s, not %s\n", sql, run(backing, sql), wanted);
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

void backing_topic(struct backing *backing, const char *name)
{
	const struct bus_topic topic = { name, BACKING_PARTITIONS, 1, 3600000 };
	const char *problem = "";

	if (bus_topics_create(backing->arena, &backing->cluster, &topic, 1, &problem))
		quit(name, problem);
}

void backing_cut(struct backing *backing)
{
	backing_sql(backing, "alter role %s_worker nologin", backing->service);
	backing_sql(backing,
		"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '%s_worker'",
		backing->service);
}

void backing_mend(struct backing *backing)
{
	backing_sql(backing, "alter role %s_worker login", backing->service);
}

/* One at a time: PostgreSQL does not queue those who change the rights of one database or schema, it fails them. */
static void service_make(struct backing *backing)
{
	const char *s = backing->service;

	backing_sql(backing,
		IN_TURN "create role %1$s_owner; create role %1$s; create role %1$s_worker login password '%1$s';"
			"grant connect on database aftercare to %1$s_worker;"
			"create schema %1$s authorization %1$s_owner; create schema %1$s_data authorization "
			"%1$s_owner;"
			"grant usage on schema base to %1$s, %1$s_owner, %1$s_worker; grant usage on schema %1$s to "
			"%1$s;"
			"grant usage on schema %1$s, %1$s_data to %1$s_worker; grant %1$s to %1$s_worker;"
			"alter role %1$s_worker set timezone = 'UTC'; set search_path = %1$s_data, base; set "
			"timezone = 'UTC'",
		s);
}

struct backing *backing_start(void)
{
	static int made;
	struct arena *arena = arena_new();
	struct backing *backing = arena_alloc(arena, sizeof(*backing));
	const struct migration_set sets[] = { backing_platform_migrations, { .name = NULL } };
	const char *problem = "";
	struct migrated done;

	backing->arena = arena;
	backing->service = arena_printf(arena, "test_%d_%d", getpid(), ++made);
	backing->topic = arena_printf(arena, "aftercare.%s", backing->service);
	backing->cluster.brokers = environment("AFTERCARE_TEST_KAFKA");
	backing->admin.conninfo = environment("AFTERCARE_TEST_POSTGRES");
	backing->admin.password = password_read(arena, environment("AFTERCARE_TEST_POSTGRES_PASSWORD_FILE"));
	backing->admin.application = "test";
	backing->worker.conninfo = arena_printf(arena, "%s user=%s_worker", backing->admin.conninfo, backing->service);
	backing->worker.password = backing->service;
	backing->worker.application = "test worker";
	backing->connection = pg_connect(arena, &backing->admin, &problem);
	if (!backing->connection)
		quit("PostgreSQL", problem);
	service_make(backing);
	if (migrate_run(arena, &backing->admin, backing->service, sets, &done, &problem))
		quit("migrations", problem);
	backing_topic(backing, backing->topic);
	backing_topic(backing, arena_printf(arena, "%s.dlq", backing->topic));
	return backing;
}

void backing_stop(struct backing *backing)
{
	if (!backing)
		return;
	backing_sql(backing,
		IN_TURN "set client_min_messages = warning; drop schema %1$s, %1$s_data cascade;"
			"drop owned by %1$s_owner, %1$s, %1$s_worker; drop role %1$s_owner, %1$s, %1$s_worker",
		backing->service);
	PQfinish(backing->connection);
	arena_free(backing->arena);
}
