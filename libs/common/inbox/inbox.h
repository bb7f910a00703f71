/*
 * inbox: applies the events of other services, each exactly once in effect.
 *
 * One transaction = the inbox row (source, id), the revision of the subject, the handler's statements; then the offset.
 * Events that wait together share one, and a handler may take many of them by the same statements; when that fails,
 * each is tried alone. A duplicate changes nothing; an older revision of a subject changes nothing. When PostgreSQL is
 * away the partitions pause and it tries forever; what can never succeed goes to TOPIC.dlq and the table dead_letter,
 * from where inbox_replay brings it back.
 *
 * Topics of one tenant each, as aftercare.erp.TENANT, are found by their names while it runs. Who writes there speaks
 * for that tenant alone: the tenant is the topic's, and ids, sources and subjects are known apart from those of others.
 */
#ifndef AFTERCARE_INBOX_H
#define AFTERCARE_INBOX_H

#include "bus.h"
#include "fault.h"
#include "json.h"
#include "pg.h"

#include <stdint.h>

#define INBOX_POLL_MS 200  /* longest wait for a message, so longest wait for the end */
#define INBOX_LAG_MS  5000 /* how often the lag is asked for */
#define INBOX_TRIES   5    /* of an event whose failure may be a matter of order */
#define INBOX_TRY_MS  50   /* before the second, doubling */

#define INBOX_NAME_MAX 512 /* bytes of an id, source, type or subject */

#define INBOX_ROUND       100                       /* events of one transaction, at most */
#define INBOX_ROUND_BYTES ((size_t)2 * 1024 * 1024) /* of their messages: no more is read once these are there */

struct inbox;

/* A CloudEvent as it came. Strings live in the message's arena. */
struct inbox_event {
	struct arena *arena;
	const char *id;
	const char *source;
	const char *type;    /* aftercare.asset.created.v1 */
	const char *subject; /* id of the resource */
	const char *tenant;
	const char *time;
	const char *trace; /* traceparent, or NULL */
	int64_t revision;
	json_t *data; /* the resource */
	const char *data_text;
	/* What it is known by once it is applied: source and subject; of a topic of one tenant with what tells them apart. */
	const char *known_source;
	const char *known_subject;
	void *context;   /* of inbox_options */
	const void *own; /* of the handler */
	void *looked;    /* what the handler's look leaves for its apply, in the arena */
};

struct inbox_handler {
	const char *topic; /* whole, or with a '.' at its end those of tenants: that and an id. NULL ends a table */
	const char *type;  /* whole, or a prefix ending with '.' */
	/*
	 * Adds what the event does to the batch (worker role; app.tenant is set to the event's tenant), or returns
	 * FAULT_INVALID with *problem when the event can never be applied.
	 */
	enum fault (*apply)(const struct inbox_event *event, struct pg_batch *batch, const char **problem);
	/*
	 * Or, in place of apply, the same of many by the same statements. They came one after the other, each of another subject,
	 * of one tenant, source and trace; one that failed together with others comes again alone.
	 */
	enum fault (*apply_many)(
		const struct inbox_event events[], size_t count, struct pg_batch *batch, const char **problem);
	const void *own; /* for apply, as event->own; or NULL */
	/* Whether the event is about anything of ours: by what it says, without a look at the database. Or NULL: they all are. */
	bool (*wants)(const struct inbox_event *event);
	/*
	 * They are also gathered from between events of other handlers, whatever their trace. For what is in order by subject
	 * alone and records no change.
	 */
	bool gathers;
	/*
	 * Looks up what the event is about, before its transaction and again at each try; or NULL. It sees what is
	 * committed: an event shares no transaction with one of its subject. A fault is judged as one of apply, with
	 * *problem for the dead letter.
	 */
	enum fault (*look)(struct inbox_event *event, const char **problem);
	/* What the dead letter says of a fault of PostgreSQL's; or NULL: its own words. */
	const char *(*explain)(const struct inbox_event *event, enum fault fault, const struct pg_error *error);
};

struct inbox_options {
	const char *service; /* consumer group aftercare.SERVICE, schema SERVICE_data */
	struct bus_cluster cluster;
	struct pg_options database;
	const struct inbox_handler *handlers; /* borrowed until inbox_stop */
	void *context;                        /* for the handlers */
	void (*changed)(void *context);       /* after what was applied: there may be changes to relay. Or NULL */
	const char *stream; /* behind the group's name, where a service has several inboxes; or NULL */
	/*
	 * So long after a message was sent it waits for what it refers to, which may come over another topic; 0: it is tried
	 * a few times. What comes behind waits with it.
	 */
	int64_t order_ms;
};

/*
 * Starts the thread, which joins the consumer group and applies. What no handler wants is passed over. It goes to
 * TOPIC.dlq (which must exist) when it is no CloudEvent with JSON {"data": {…}, "revision": n}, when the handler says
 * FAULT_INVALID, when PostgreSQL refuses its values, or after INBOX_TRIES of any other refusal. Connections, locks and
 * resources are waited for without end.
 */
struct inbox *inbox_start(const struct inbox_options *options);

/* The subjects of events, which are ids, as an array of PostgreSQL's. It lives in their arena. */
const char *inbox_subjects(const struct inbox_event events[], size_t count);

/* Ends the thread after the message it is at, commits, leaves the group. NULL is fine. */
void inbox_stop(struct inbox *inbox);

/* Messages not applied yet; -1 when it can't be told. Dead letters since the start. Any thread. */
int64_t inbox_lag(struct inbox *inbox);
int64_t inbox_dead_letters(struct inbox *inbox);

/*
 * Sends dead letters of a tenant (NULL: all), or one by its id (else NULL), to their topics again and marks
 * them; *count tells how many. Those sent before a fault are marked, save for the last round, which then goes
 * out twice: the inbox doesn't mind. *problem lives in the arena. Any thread; connections of its own.
 */
enum fault inbox_replay(struct arena *arena, const struct inbox_options *options, const char *tenant, const char *id,
	int *count, const char **problem) __attribute__((warn_unused_result));

#endif
