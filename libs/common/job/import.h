/*
 * import: many rows from an upload, as a job: POST /v1/THINGS/imports wherever there is /v1/THINGS/bulk, with the same
 * lines and the same effect. A line that the table or the database refuses is told in the job's errors; the others land.
 */
#ifndef AFTERCARE_IMPORT_H
#define AFTERCARE_IMPORT_H

#include "csv.h"
#include "jobs.h"

#define IMPORT_LINES       1000                 /* read, looked up and checked together */
#define IMPORT_LINES_BYTES ((size_t)512 * 1024) /* no more are read together when they have as many */
#define IMPORT_COLUMNS_MAX CSV_COLUMNS_MAX      /* of a mapping */

extern const struct field import_fields[];

/* Handler of …/imports; the route's context is the collection's name. */
enum fault import_create(struct request *request);

/* The kind of its jobs. */
enum fault import_run(struct job_work *work, bool *ended);

#endif
