/* read: a Kafka message as an event. Internal to inbox. */
#ifndef AFTERCARE_INBOX_READ_H
#define AFTERCARE_INBOX_READ_H

#include "inbox.h"

#define KNOWN_NAME_MAX (INBOX_NAME_MAX * 2 + 1) /* bytes of known_source and known_subject */

/*
 * Fills *event with what borrows from the message or lives in the arena. False, and *problem, when it is no
 * CloudEvent of ours and never will be.
 */
bool read_event(struct arena *arena, const struct bus_message *message, struct inbox_event *event, const char **problem)
	__attribute__((warn_unused_result));

/* The handler of a message by topic and type, without reading its value; NULL when nobody wants it. */
const struct inbox_handler *read_handler(const struct inbox_handler *handlers, const struct bus_message *message);

/* Whether the topic is one tenant's, as aftercare.erp.TENANT. */
bool read_own_topic(const char *topic);

/* The tenant; for a topic of one tenant (aftercare.erp.TENANT) its name's, never the message's. Or NULL. */
const char *read_tenant(const struct bus_message *message);

#endif
