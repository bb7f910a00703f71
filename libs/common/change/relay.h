/*
 * relay: takes the change log to Kafka, one thread a service.
 *
 * On a connection of its own (worker role) that holds an advisory lock, so that of all replicas one relays; a stopped
 * holder is replaced within seconds. Claims unsent changes in order of their identity, produces them as CloudEvents in
 * Kafka's binary mode, waits for every delivery report, stamps seq and sent_at, commits.
 */
#ifndef AFTERCARE_RELAY_H
#define AFTERCARE_RELAY_H

#include "bus.h"
#include "pg.h"

#include <stdint.h>

#define RELAY_POLL_MS 25   /* besides relay_wake: for changes that other replicas committed */
#define RELAY_BATCH   2000 /* changes a transaction */

struct relay;

struct relay_options {
	const char *service; /* topic aftercare.SERVICE, schema SERVICE_data */
	struct bus_cluster cluster;
	struct pg_options database; /* worker role */
};

/* Starts the thread; strings are copied. */
struct relay *relay_start(const struct relay_options *options);

/* A change was committed: look now. Thread safe, cheap, never blocks. */
void relay_wake(struct relay *relay);

/* Ends the thread after what it is at. NULL is fine. */
void relay_stop(struct relay *relay);

/* Changes waiting, as of the last look of whoever holds the lock (-1: this replica doesn't), and the age of the oldest, ms. */
int64_t relay_waiting(struct relay *relay);
int64_t relay_age_ms(struct relay *relay);

#endif
