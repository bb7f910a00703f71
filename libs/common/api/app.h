/*
 * app: what all requests and workers of a running service share. Made at start, read only afterwards (its parts lock
 * for themselves).
 */
#ifndef AFTERCARE_APP_H
#define AFTERCARE_APP_H

#include "request.h"

struct config;
struct endpoints;
struct field;
struct jobs;
struct metrics;
struct pg_pool;
struct rest_client;
struct store;
struct token_verifier;

struct app {
	const char *service;
	const struct config *config;
	struct pg_pool *pool;   /* runtime role: tenants' views only */
	struct pg_pool *worker; /* worker role: few tables, all tenants */
	struct token_verifier *verifier;
	struct metrics *metrics;
	const struct store *stores; /* one a resource; ends with a NULL resource */
	/* How a bearer token becomes request->caller, as token_verify says; NULL: by token_verify with `verifier`. */
	enum fault (*verify)(struct request *request, const char *token, const char **reason);
	/* Fills *tenant; FAULT_UNAVAILABLE until its copy has arrived. */
	enum fault (*tenant_find)(struct app *app, const char *id, struct tenant *tenant);
	/* Adds what a new tenant starts with to the batch that keeps its copy, as the runtime role; or NULL. */
	void (*tenant_seed)(struct app *app, struct pg_batch *batch);
	void (*changed)(struct app *app); /* a change was committed: wakes the relay */
	void *relay;
	struct jobs *jobs; /* woken when one is made */
	void *tenants;
	struct rest_client *rest;          /* HTTP to others */
	const struct field *settings;      /* the service's policies, or NULL */
	const struct endpoints *endpoints; /* what it serves */
	const char *openapi;               /* its description, as JSON */
	/* Keys what tells a repeated request from another one, where bodies hold passwords; or NULL. */
	const unsigned char *request_key;
	void *own; /* the service's own state (the gateway has one) */
};

#endif
