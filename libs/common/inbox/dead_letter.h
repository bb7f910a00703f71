/* dead_letter: what can't be applied, kept in TOPIC.dlq and the table. Internal to inbox. */
#ifndef AFTERCARE_DEAD_LETTER_H
#define AFTERCARE_DEAD_LETTER_H

#include "inbox.h"
#include "worker.h"

#define DEAD_LETTER_FLUSH_MS    5000
#define DEAD_LETTER_REPLAY_MAX  500 /* of one round */
#define DEAD_LETTER_ERROR_BYTES 2000

/*
 * Writes the row, then the message to TOPIC.dlq with its headers and, in aftercare_… headers, where it came from and
 * why it died. Any fault: it may or may not be in either; do it again, the row at least won't double.
 */
enum fault dead_letter_keep(struct worker *worker, struct bus_producer *producer, const char *service,
	const struct bus_message *message, const char *why) __attribute__((warn_unused_result));

#endif
