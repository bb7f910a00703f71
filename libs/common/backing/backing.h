/*
 * backing: a real PostgreSQL and Kafka for tests, each test in a service of its own (roles, schemas, topics),
 * made from the platform's migrations. For programs of tests only: whatever fails ends the program with a
 * message.
 *
 * Reads AFTERCARE_TEST_POSTGRES (a superuser's connection string), AFTERCARE_TEST_POSTGRES_PASSWORD_FILE and
 * AFTERCARE_TEST_KAFKA, as `./aftercare test` sets them.
 */
#ifndef AFTERCARE_BACKING_H
#define AFTERCARE_BACKING_H

#include "bus.h"
#include "pg.h"

#define BACKING_WAIT_MS    60000 /* longest wait for anything in a test */
#define BACKING_PARTITIONS 4

struct arena;

struct backing {
	struct arena *arena;
	const char *service;
	const char *topic; /* aftercare.SERVICE */
	struct bus_cluster cluster;
	struct pg_options admin;  /* superuser */
	struct pg_options worker; /* SERVICE_worker */
	PGconn *connection;       /* of the superuser, search_path SERVICE_data */
};

/* Makes a service. */
struct backing *backing_start(void);

/* Drops it; its topics stay. */
void backing_stop(struct backing *backing);

/* Runs SQL as superuser; returns the first value, "" when there is none, in the arena. */
const char *backing_sql(struct backing *backing, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Repeats the SQL until it says what is wanted; whether it did so in time. */
bool backing_until(struct backing *backing, const char *wanted, const char *sql);

/* Creates a topic. */
void backing_topic(struct backing *backing, const char *name);

/* The worker role can't connect, its connections end: as if PostgreSQL were away, for this service alone. */
void backing_cut(struct backing *backing);
void backing_mend(struct backing *backing);

#endif
