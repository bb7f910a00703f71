/*
 * tidy: what has to be done now and then by one replica of a service, so by its relay: partitions of the
 * change log for the months ahead; rows of inbox and idempotency that nobody asks for any more. Internal to
 * change.
 */
#ifndef AFTERCARE_TIDY_H
#define AFTERCARE_TIDY_H

#include "worker.h"

#define TIDY_MS               600000 /* how often */
#define TIDY_ROWS             2000   /* removed at once, of each table: what is to be sent waits meanwhile */
#define TIDY_INBOX_DAYS       30     /* longer than a topic keeps an event; its revision is known for ever */
#define TIDY_IDEMPOTENCY_DAYS 7      /* longer than any client retries */

/* One round; *more tells that it left something. A fault means that PostgreSQL did not do it; the next round will. */
enum fault tidy_run(struct worker *worker, bool *more, struct pg_error *error) __attribute__((warn_unused_result));

#endif
