/*
 * jobs: the thread of a replica that works on jobs, and what a kind of job gets to work with.
 *
 * A job is claimed for JOB_LEASE_SECONDS (`for update skip locked`) and worked on for JOB_TURN_MS; then the next one has its
 * turn. Where it stands moves in the transactions of its work, with the claim as fence: what a worker does that lost its
 * claim is undone, and when one dies, another goes on behind the last transaction. So every line takes effect once.
 *
 * A job runs as the tenant's runtime role, as who asked for it: with his scopes, roles and sight.
 */
#ifndef AFTERCARE_JOBS_H
#define AFTERCARE_JOBS_H

#include "request.h"

#define JOB_LEASE_SECONDS 15
#define JOB_TURN_MS       1000
#define JOB_POLL_MS       1000 /* how late a job of another replica's making may be noticed */
#define JOB_RETRY_MS      100  /* after the database was busy, doubling */
#define JOB_RETRY_MAX_MS  5000
#define JOB_ATTEMPTS_MAX  12 /* turns in a row that came no further, as when its worker dies; then it has failed */
#define JOB_PLACE_MAX     ((size_t)64 * 1024)

struct jobs;
struct pg_options;
struct worker;

/* A job at its turn. */
struct job_work {
	struct request request; /* as who asked; its arena is emptied by job_next_batch */
	struct arena *arena;    /* of the turn */
	struct worker *worker;
	const char *tenant;
	const char *id;
	const char *claim;
	const char *collection;
	const char *title;
	const json_t *parameters;
	int64_t until; /* of the turn, monotonic ms */
	/* Where it stands; job_add_move writes it. */
	json_t *place; /* of its kind's own; an object */
	json_t *outcome;
	int64_t done;
	int64_t errors;
	bool errors_cut;
	const char *total; /* once known, or NULL */
};

/*
 * Works until the turn is over (job_turn_over) or the job is: *ended. A fault: FAULT_BUSY and FAULT_UNAVAILABLE try again
 * later, FAULT_REPLAY is a lost claim, any other fails the job with the request's detail.
 */
struct job_kind {
	const char *name; /* NULL ends a table */
	enum fault (*run)(struct job_work *work, bool *ended);
};

/* Empties the request's arena and faults, before the next transaction. */
void job_next_batch(struct job_work *work);

bool job_turn_over(struct job_work *work);

/* Moves the job to where work says it stands; in the batch of the work before. Keeps the claim alive. */
void job_add_move(struct job_work *work, struct pg_batch *batch);

/* Starts the thread. app is borrowed until jobs_stop; kinds end with a NULL name. */
struct jobs *jobs_start(struct app *app, const struct pg_options *runtime, const struct pg_options *worker,
	const struct job_kind *kinds);

/* Looks now: a job was made. Any thread. */
void jobs_wake(struct jobs *jobs);

/* Ends the thread after the transaction it is at. NULL is fine. */
void jobs_stop(struct jobs *jobs);

#endif
