/* job_routes: what uploads and jobs add to the API of a service. Internal to the platform. */
#ifndef AFTERCARE_JOB_ROUTES_H
#define AFTERCARE_JOB_ROUTES_H

#include "jobs.h"
#include "route.h"
#include "timer.h"

/* Resources of jobs and uploads; ends with NULL. */
extern const struct resource *const job_resources[];

/* Timers that let them go; ends with a NULL kind. */
extern const struct timer_handler job_timers[];

/* Every kind of job; ends with a NULL name. */
extern const struct job_kind job_kinds[];

/* /v1/uploads, /v1/jobs, and …/imports for each collection of the tables that takes many rows. Ends with a NULL path. */
const struct route *job_routes(struct arena *arena, const struct route *const tables[]);

#endif
