/*
 * job: what a service does in the background for somebody who asked: imports, prints. A job is a row; POST …/imports and the
 * like make it, any replica of the service works on it (jobs.h), /v1/jobs shows how far it is.
 *
 * Jobs publish no events and keep no change records: what they do is told by the events of the rows they write, and nobody
 * but who asked waits for the job itself. The ids of jobs and uploads tell their service (uuid_of), because /v1/jobs and
 * /v1/uploads belong to all of them.
 */
#ifndef AFTERCARE_JOB_H
#define AFTERCARE_JOB_H

#include "store.h"

#define JOBS_OPEN_MAX  100   /* of a tenant that have not ended */
#define JOB_KEPT_DAYS  7     /* after its end, with errors and result */
#define JOB_ERRORS_MAX 10000 /* told of a job; more are counted */
#define JOB_PART_BYTES ((size_t)1024 * 1024)
#define JOB_TITLE_MAX  200
#define JOB_TIMER      "job.expire"

extern const struct resource job;
extern const struct resource job_error;

/* The id of a new job. */
const char *job_new_id(struct request *request);

/* The room for another job of the tenant. */
void job_add_room(struct request *request, struct pg_batch *batch);

/* A new job. parameters is JSON text of its kind's own; collection is the path behind /v1/ that it is about. */
struct job_new {
	const char *kind;
	const char *collection;
	const char *title;
	const char *parameters;
};

void job_add(struct request *request, struct pg_batch *batch, const char *id, const struct job_new *new);

/* Runs the batch that made the job, wakes who works on it and answers 202 with it. */
enum fault job_answer(struct request *request, struct pg_batch *batch, const char *id);

/* Handlers. */
enum fault job_cancel(struct request *request);
enum fault job_result_get(struct request *request);

#endif
