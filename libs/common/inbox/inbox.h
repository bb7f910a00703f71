/*
 * inbox: applies the events of other services, each exactly once in effect.
 *
 * One transaction = the inbox row (source, id), the revision of the subject, the handler's statements; then the offset.
 * A duplicate changes nothing; an older revision of a subject changes nothing. When PostgreSQL is away the partitions
 * pause and it tries forever; what can never succeed goes to TOPIC.dlq and the table dead_letter, from where
 * inbox_replay brings it back.
 */
#ifndef AFTERCARE_INBOX_H
#define AFTERCARE_INBOX_H

#include "bus.h"
#include "fault.h"
#include "json.h"
#include "pg.h"

#include <stdint.h>

struct inbox;

/* A CloudEvent as it came. Strings live in the message's arena. */
struct inbox_event {
	struct arena *arena;
	const char *id;
	const char *source;
	const char *type;   /* aftercare.asset.created.v1 */
	const char *subject; /* id of the resource */
	const char *tenant;
	const char *time;
	int64_t revision;
	json_t *data;	   /* the resource */
	const char *data_text;
};

struct inbox_handler {
	const char *topic; /* NULL ends a table */
	const char *type;  /* whole type, or a prefix ending with '.' */
	/*
	 * Adds what the event does to the batch (worker role; app.tenant is set to the event's tenant), or returns
	 * FAULT_INVALID with *problem when the event can never be applied.
	 */
	enum fault (*apply)(const struct inbox_event *event, struct pg_batch *batch, const char **problem);
};

struct inbox_options {
	const char *service; /* consumer group aftercare.SERVICE, schema SERVICE_data */
	struct bus_cluster cluster;
	struct pg_options database;
	const struct inbox_handler *handlers;
};

struct inbox *inbox_start(const struct inbox_options *options);
void inbox_stop(struct inbox *inbox);

/* Messages not applied yet; -1 when it can't be told. Dead letters since the start. */
int64_t inbox_lag(struct inbox *inbox);
int64_t inbox_dead_letters(struct inbox *inbox);

/* Sends dead letters of a tenant (NULL: all) to their topics again; *count tells how many. */
enum fault inbox_replay(const struct inbox_options *options, const char *tenant, const char *id, int *count,
	const char **problem) __attribute__((warn_unused_result));

#endif
