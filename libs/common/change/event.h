/* event: a row of the change log as a CloudEvent. Internal to change. */
#ifndef AFTERCARE_EVENT_H
#define AFTERCARE_EVENT_H

#include "bus.h"
#include "pg.h"

struct arena;

/* Columns of relay_claim. */
enum event_column {
	EVENT_ID,
	EVENT_TENANT,
	EVENT_ROOT,
	EVENT_SUBJECT,
	EVENT_TYPE,
	EVENT_REVISION,
	EVENT_DATA,
	EVENT_CHANGED,
	EVENT_TRACEPARENT,
	EVENT_TIME,
	EVENT_AT,
	EVENT_AGE,
};

/*
 * The message of a row: CloudEvents 1.0, Kafka protocol binding, binary content mode. Type call.opened becomes
 * aftercare.call.opened.v1; the source is the topic's name. Borrows from the result; the rest lives in the arena.
 */
const struct bus_message *event_message(struct arena *arena, const char *topic, const PGresult *rows, int row);

#endif
