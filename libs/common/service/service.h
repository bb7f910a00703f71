/*
 * service: a program of Aftercare: flags, configuration, pools, server, workers, graceful stop. A service's main.c is a
 * `struct service` and a call of service_main.
 */
#ifndef AFTERCARE_SERVICE_H
#define AFTERCARE_SERVICE_H

#include "app.h"
#include "config.h"
#include "copy.h"
#include "dispatch.h"
#include "events.h"
#include "feed.h"
#include "inbox.h"
#include "resource.h"
#include "route.h"
#include "statement.h"
#include "timer.h"

#define SERVICE_TOPIC_PARTITIONS 6

struct migration_set;

struct service {
	const char *name;
	const char *title;
	const char *help;
	const struct openapi_tag *tags;    /* of paths that are about no resource; or NULL */
	const struct route *const *routes; /* tables; ends with NULL; their resources are the service's */
	const struct statement *const *statements;
	const struct migration_set *migrations;
	const struct option *options;                   /* of its own, or NULL */
	const struct event *events;                     /* beside NAME.created, .changed, .removed of resources */
	const struct field *settings;                   /* policies, each with its default as `fallback`; or NULL */
	const struct statement *const *settings_guards; /* before they are stored: $1 tenant, $2 body; or NULL */
	const struct copy *copies;                      /* of what others own; ends with a NULL topic; or NULL */
	const struct inbox_handler *consumes;           /* what it reads beside; ends with a NULL topic; or NULL */
	const struct feed *feeds;                       /* what an ERP sends it; ends with a NULL name; or NULL */
	const struct timer_handler *timers;             /* ends with a NULL kind; context is the app; or NULL */
	void (*tenant_seed)(struct app *app, struct pg_batch *batch); /* what a new tenant starts with; or NULL */
	bool issuer; /* the gateway: has no copy of tenants but owns them */
	enum fault (*start)(struct app *app, const char **problem); /* after the pools, before the server; or NULL */
	void (*stop)(struct app *app);
	enum fault (*migrated)(struct app *app, const char **problem); /* after --migrate, with pools; or NULL */
	enum fault (*tenant_find)(struct app *app, const char *id, struct tenant *tenant); /* or NULL: the copies */
	handler describe; /* answers /openapi.json; or NULL: with its own description */
	dispatch_fallback fallback;
	dispatch_enter enter; /* or NULL */
	dispatch_leave leave; /* or NULL */
};

/* Runs the program; returns its exit status. */
int service_main(const struct service *service, int argc, char *argv[]);

#endif
