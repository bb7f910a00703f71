/*
 * tidy: what has to be done now and then by one replica of a service, so by its relay: partitions of the change log for
 * the months ahead; rows that nobody asks for any more. Internal to change.
 *
 * Two tables are never tidied. `change` is the audit, and the last record of a row is what its next change is compared
 * with. `inbox_revision` keeps an older event of a subject from undoing a newer one, and a topic that keeps its events
 * for ever may bring one at any time; it has one narrow row a subject, as the copies have.
 */
#ifndef AFTERCARE_TIDY_H
#define AFTERCARE_TIDY_H

#include "relay.h"
#include "worker.h"

#define TIDY_MS         600000 /* how often */
#define TIDY_ROWS       2000   /* removed at once, of each table: what is to be sent waits meanwhile */
#define TIDY_INBOX_DAYS 30     /* what comes again after these is told by its revision */

/* One round; *more tells that it left something. A fault means that PostgreSQL did not do it; the next round will. */
enum fault tidy_run(struct worker *worker, const struct relay_keep *keep, bool *more, struct pg_error *error)
	__attribute__((warn_unused_result));

#endif
