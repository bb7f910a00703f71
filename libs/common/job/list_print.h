/*
 * list_print: a list as PDF, as a job: POST /v1/THINGS/prints wherever there is a list, with the query of that list: its
 * filters, sort and q say which rows, `fields` which columns. It says things in the language of the tenant or of who asks,
 * with numbers, dates and times as people write them there.
 *
 * A print is made in one go: its pages say how many there are, so they can't be sent before the last one is known. A worker
 * that dies leaves nothing, and another begins it again.
 */
#ifndef AFTERCARE_LIST_PRINT_H
#define AFTERCARE_LIST_PRINT_H

#include "field.h"
#include "jobs.h"

#define LIST_PRINT_ROWS_MAX 10000
#define LIST_PRINT_READ     250 /* rows read together */

extern const struct field list_print_fields[];

/* Handler of …/prints; the route's context is the collection. */
enum fault list_print_create(struct request *request);

/* The kind of its jobs. */
enum fault list_print_run(struct job_work *work, bool *ended);

#endif
