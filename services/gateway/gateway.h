/* gateway: what the gateway has beside what every service has; app->own. */
#ifndef AFTERCARE_GATEWAY_GATEWAY_H
#define AFTERCARE_GATEWAY_GATEWAY_H

#include "app.h"

struct buckets;
struct description;
struct keeper;
struct issuers;
struct keys;
struct revoked;
struct upstreams;

struct gateway {
	struct token_issuer own[2]; /* our own issuer, and the end */
	struct keys *keys;          /* that sign access tokens */
	struct issuers *others;     /* whose tokens are taken too */
	struct revoked *revoked;    /* access tokens over before their time */
	struct keeper *keeper;      /* the thread that keeps these fresh */
	struct upstreams *upstreams;
	struct description *description; /* /openapi.json */
	struct buckets *guesses;         /* wrong guesses by address */
	struct buckets *addresses;       /* requests by address */
	struct buckets *accounts;        /* requests by account */
};

static inline struct gateway *gateway_of(const struct request *request)
{
	return request->app->own;
}

/* The hooks of struct service. */
enum fault gateway_start(struct app *app, const char **problem);
void gateway_stop(struct app *app);

#endif
