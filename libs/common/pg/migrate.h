/*
 * migrate: brings a service's schema up to what the program knows.
 *
 * A set is the SQL of one folder, in three steps. An empty database gets its baseline, schema/: the tables as migrations up to a
 * number left them. Then come the migrations/ behind that number, each once. When anything changed, or the functions/ did, all
 * of these are made anew: they are replaced as they are, whatever was there.
 *
 * Each step runs in a transaction as the role SERVICE_owner and is recorded with its checksum in SERVICE_data.migration: a
 * baseline by the number that it stands for, the functions by 0. `{service}` in a text stands for the service's name, so that the
 * platform's own set serves every service. Two programs migrating at once wait for each other.
 */
#ifndef AFTERCARE_MIGRATE_H
#define AFTERCARE_MIGRATE_H

#include "pg.h"

#define MIGRATE_LOCK_TIMEOUT "5s"
#define MIGRATE_TEXT_MAX     ((size_t)1024 * 1024)

/* A file of SQL. */
struct migration {
	int number;        /* 0: a file of functions */
	const char *title; /* NULL ends a table */
	const char *sha256;
	const char *text;
};

/* What an empty database begins with. */
struct baseline {
	int number;          /* of the last migration that it stands for; 0: there is none, all begins with the first */
	const char *title;   /* of that migration */
	const char *version; /* the last one that has those migrations; whoever is behind goes through it */
	const char *sha256;
	const struct migration *files;
};

/* Made of a folder by cmake/embed_sql.py. Sets are numbered apart: the platform's, then the service's own. */
struct migration_set {
	const char *name; /* "platform", "calls"; NULL ends a table */
	struct baseline baseline;
	const struct migration *migrations;
	const struct migration *functions;
	const char *functions_sha256;
};

/* What was done. */
struct migrated {
	int migrations; /* a baseline counts as one */
	bool functions;
};

/* Applies what is missing; *problem (in the arena) says what went wrong, and what was applied before stays. */
enum fault migrate_run(struct arena *arena, const struct pg_options *options, const char *service,
	const struct migration_set sets[], struct migrated *done, const char **problem)
	__attribute__((warn_unused_result));

/* FAULT_NONE when the schema is exactly what the program knows; else *problem says how it differs. */
enum fault migrate_check(struct arena *arena, struct pg_pool *pool, const char *service,
	const struct migration_set sets[], const char **problem) __attribute__((warn_unused_result));

#endif
