/*
 * feed: what the ERP of a tenant sends to its topic, aftercare.erp.TENANT: rows, written as bulk lines of an integration are,
 * and answers, which are actions of a state machine. One constant row a kind; the field tables that check requests check them.
 *
 * A message is a CloudEvent of type aftercare.erp.NAME.v1. Of rows, ce_subject is the ERP's own key, which becomes
 * external_ref; of actions, the id of the row they are about. It takes effect once, in the order of its revision; what is
 * refused becomes a dead letter that names field and rule.
 */
#ifndef AFTERCARE_FEED_H
#define AFTERCARE_FEED_H

#include "inbox.h"
#include "resource.h"

#define FEED_TOPIC    "aftercare.erp." /* and the tenant's id */
#define FEED_TYPE     "aftercare.erp."
#define FEED_STREAM   "erp" /* of the inbox that reads them: no ERP holds up what services tell each other */
#define FEED_ORDER_MS 5000  /* so long what it names, and another service owns, may take to be known */

struct feed {
	const char *name; /* "article"; of an action "reorder.ordered". NULL ends a table */
	const struct resource *resource;
	const char *action; /* of its machine; NULL: rows */
	const char *help;
};

/* Handlers for the inbox, whose context is the app; they live in the arena and end with a NULL topic. */
const struct inbox_handler *feed_handlers(struct arena *arena, const struct feed *feeds);

/* What the data of a message may say. lines: the fields of the resource's bulk lines. */
const struct field *feed_fields(const struct feed *feed, const struct field *lines);

#endif
