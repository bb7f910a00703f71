/* batch: what a batch is made of, and its run on a connection. Internal to pg. */
#ifndef AFTERCARE_PG_BATCH_H
#define AFTERCARE_PG_BATCH_H

#include "pool.h"

struct step {
	const struct statement *statement; /* NULL: text is run unnamed */
	const char *text;
	bool prepare_only; /* others run it, by its name */
	int count;
	const char *const *values;
	PGresult *result;
};

struct pg_batch {
	struct arena *arena;
	struct step *steps;
	size_t count;
	size_t room;
	struct turn *turns;      /* PG_TURNS_MAX of them, once there is one */
	size_t turn_count;       /* wanted: more than there is room for are none */
	struct turn_part *parts; /* PG_TURNS_MAX of them, once there is one */
	size_t part_count;
};

#define PG_RIDES_MAX 4 /* that go over a connection together: whose request is the first waits for all */

/* What one run of the pipeline came to. */
struct outcome {
	enum fault fault;
	bool lost;  /* the connection broke: whether it committed is unknown once everything was sent */
	bool again; /* safe and sensible to run once more on a fresh footing */
};

/*
 * A batch on its way: several may go over one connection, one behind the other without a pause, each a transaction of its
 * own. `error` is filled on a fault.
 */
struct ride {
	struct pg_batch *batch;
	struct pg_error *error;
	struct outcome outcome;
	bool *marks; /* which of its steps have a Prepare before them */
};

/* Runs them in their order. When the connection is lost, it is for all whose end had not come. */
void rides_run(struct pg_connection *leased, struct ride *const rides[], size_t count);

#endif
