/* round: the messages that wait together, applied in one transaction. Internal to inbox. */
#ifndef AFTERCARE_INBOX_ROUND_H
#define AFTERCARE_INBOX_ROUND_H

#include "inbox.h"
#include "worker.h"

/* Messages live in the worker's arena. Those without a handler are passed over. */
struct round {
	size_t count;
	const struct bus_message *messages[INBOX_ROUND];
	const struct inbox_handler *handlers[INBOX_ROUND];
	struct inbox_event events[INBOX_ROUND];
};

/* Waits for a message, then takes what is there without waiting. A fault is bus_poll's; what came before it is kept. */
enum fault round_poll(struct round *round, struct bus_consumer *consumer, struct worker *worker)
	__attribute__((warn_unused_result));

/*
 * Applies messages from..*to in one transaction: as many as can go together, at least one. Whether that went well; when not,
 * nothing of them has happened: try them one by one.
 */
bool round_apply(
	struct round *round, size_t from, size_t *to, const struct inbox_options *options, struct worker *worker);

/*
 * Message `taken` was put back and its partition comes again from there: makes the others come again from their first
 * that was not taken. A fault means that the place is lost.
 */
enum fault round_put_back(const struct round *round, size_t taken, struct bus_consumer *consumer)
	__attribute__((warn_unused_result));

/* A message as an event for its handler; without a type, hence without a handler, it is none. As read_event. */
bool round_event_read(struct arena *arena, const struct bus_message *message, const struct inbox_handler *handler,
	void *context, struct inbox_event *event, const char **problem) __attribute__((warn_unused_result));

/* Whether its handler wants the event that was read. */
bool round_event_wanted(const struct inbox_handler *handler, const struct inbox_event *event);

/*
 * Adds events of one lot to a transaction: the tenant, the guard against what was applied before, the handler's
 * statements.
 */
enum fault round_lot_add(struct pg_batch *batch, const struct inbox_handler *handler, const struct inbox_event events[],
	size_t count, const char **problem) __attribute__((warn_unused_result));

#endif
