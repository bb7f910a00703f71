/*
 * timer: acts when something is due.
 *
 * Timers are rows of SERVICE_data.timer, unique by (tenant, kind, subject): set with an upsert in the pipeline that
 * makes them needed, removed with a delete, moved with an update of due_at. One thread a replica looks for due ones.
 * Each is one transaction: the handler's statements, then its row goes. Replicas don't meet: a timer at work is passed
 * over by the others, and only who removes the row has acted.
 *
 * The handler's statements come before the row is touched, so they lock the root first, as every writer does; they
 * check again what they act on, for the subject may have changed since. They may remove the row themselves, as an
 * action does that ends what the timer was for.
 */
#ifndef AFTERCARE_TIMER_H
#define AFTERCARE_TIMER_H

#include "pg.h"

#include <stdint.h>

#define TIMER_POLL_MS      1000 /* how late a timer may be noticed */
#define TIMER_BATCH        100  /* due timers read at once */
#define TIMER_RETRY_MS     5000 /* until a failed one is tried again, doubling with each attempt */
#define TIMER_RETRY_MAX_MS 3600000

struct arena;
struct timers;

/* A timer that is due. Strings live in the arena. */
struct timer {
	struct arena *arena;
	const char *tenant;
	const char *kind;
	const char *subject;
	int attempts;  /* that failed before */
	void *context; /* of timers_options */
};

struct timer_handler {
	const char *kind; /* NULL ends a table */
	/*
	 * Adds what is to be done to the batch (worker role; app.tenant is set). FAULT_NONE without statements is fine:
	 * the row just goes, and so it does on FAULT_GONE: what it was for is no more. Any other fault, from here or
	 * from PostgreSQL, leaves the row for a later attempt.
	 */
	enum fault (*fire)(const struct timer *timer, struct pg_batch *batch, const char **problem);
};

struct timers_options {
	const char *service;
	struct pg_options database;           /* worker role */
	const struct timer_handler *handlers; /* borrowed until timers_stop */
	void *context;                        /* for the handlers */
	void (*changed)(void *context);       /* after a timer acted: there may be changes to relay. Or NULL */
};

/* Starts the thread. Timers of kinds without a handler are left alone. */
struct timers *timers_start(const struct timers_options *options);

/* Ends the thread after the timer it is at. NULL is fine. */
void timers_stop(struct timers *timers);

/* Attempts that failed since the start. Any thread. */
int64_t timers_failed(struct timers *timers);

#endif
