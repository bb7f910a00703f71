/*
 * migrate: brings a service's schema up to what the program knows.
 *
 * Each migration runs in one transaction as the role SERVICE_owner and is recorded with its checksum in
 * SERVICE_data.migration. `{service}` in its text stands for the service's name, so that the platform's own
 * migrations serve every service. Two programs migrating at once wait for each other.
 */
#ifndef AFTERCARE_MIGRATE_H
#define AFTERCARE_MIGRATE_H

#include "pg.h"

#define MIGRATE_LOCK_TIMEOUT "5s"
#define MIGRATE_TEXT_MAX     ((size_t)1024 * 1024)

/* Sets of migrations, numbered apart: the platform's, then the service's own. */
struct migration_set {
	const char *name; /* "platform", "calls"; NULL ends a table */
	const struct migration *migrations;
};

/* Applies what is missing. *applied counts; *problem (in the arena) says what went wrong. */
enum fault migrate_run(struct arena *arena, const struct pg_options *options, const char *service,
	const struct migration_set sets[], int *applied, const char **problem) __attribute__((warn_unused_result));

/* FAULT_NONE when the schema is exactly what the program knows; else *problem says how it differs. */
enum fault migrate_check(struct arena *arena, struct pg_pool *pool, const char *service,
	const struct migration_set sets[], const char **problem) __attribute__((warn_unused_result));

#endif
