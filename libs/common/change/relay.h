/*
 * relay: takes the change log to Kafka, one thread a service.
 *
 * On a connection of its own (worker role) that holds an advisory lock, so that of all replicas one relays; a
 * stopped holder is replaced within seconds. Claims waiting changes in order of their identity, produces them
 * as CloudEvents in Kafka's binary mode, waits for every delivery report, numbers them as sent. No
 * transaction stays open meanwhile: the lock is the session's, and a snapshot held while Kafka is slow would
 * stop vacuum.
 *
 * At least once: when anything fails in between, the round is sent again, under the same ce_id.
 */
#ifndef AFTERCARE_RELAY_H
#define AFTERCARE_RELAY_H

#include "bus.h"
#include "pg.h"

#include <stdint.h>

#define RELAY_POLL_MS        25 /* besides relay_wake, for changes that other replicas committed; doubles while none come */
#define RELAY_POLL_MAX_MS    200  /* so long may the first of them wait after a silence */
#define RELAY_FEW            100  /* after a round of fewer the next one waits, so that a round's cost is shared … */
#define RELAY_GATHER_MS      2    /* … for so long: what a commit may be told later by when others came just before */
#define RELAY_BATCH          2000 /* changes a round */
#define RELAY_BATCH_BYTES    (8 * 1024 * 1024) /* of data a round, or one change */
#define RELAY_FLUSH_MS       15000             /* longest wait for Kafka's reports; then a new producer */
#define RELAY_FLUSH_SLICE_MS 100               /* within it the lock is looked after this often */
#define RELAY_STOP_MS        2000              /* longest wait for Kafka's reports when asked to stop */
#define RELAY_STANDBY_MS     1000              /* how often a replica without the lock tries for it */
#define RELAY_COUNT_MS       1000              /* how often the waiting changes are counted */
#define RELAY_COUNT_MAX      1000000           /* more are not counted */

struct relay;

/* Days for which what is over is kept; 0: for ever. */
struct relay_keep {
	int answers; /* of requests with an Idempotency-Key: longer than any client retries */
	int sent;    /* as which number a change went to Kafka, and when */
	int dead_letters;
};

struct relay_options {
	const char *service; /* topic aftercare.SERVICE, schema SERVICE_data */
	struct bus_cluster cluster;
	struct pg_options database; /* worker role */
	struct relay_keep keep;
};

/* Starts the thread; strings are copied. */
struct relay *relay_start(const struct relay_options *options);

/* A change was committed: look now. Thread safe, cheap, never blocks. */
void relay_wake(struct relay *relay);

/* Ends the thread after what it is at. NULL is fine. */
void relay_stop(struct relay *relay);

/* Changes waiting, as last counted; -1: another replica holds the lock, or none was counted. Any thread. */
int64_t relay_waiting(struct relay *relay);

/* Age of the oldest of them, milliseconds; 0 when none waits. Any thread. */
int64_t relay_age_ms(struct relay *relay);

#endif
