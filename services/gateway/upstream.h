/*
 * upstream: the replicas of a service. They are tried in turn; one that can't be reached is set aside for a while that
 * grows with each failure, then tried again; one that is about to end is spared while there are others. Thread safe.
 */
#ifndef AFTERCARE_GATEWAY_UPSTREAM_H
#define AFTERCARE_GATEWAY_UPSTREAM_H

#include "segments.h"

#include <stdbool.h>
#include <stdint.h>

struct config;
struct text;

#define UPSTREAM_REPLICAS_MAX 16
#define UPSTREAM_ASIDE_MS     100 /* the first time; doubles */
#define UPSTREAM_ASIDE_MAX_MS 1000
#define UPSTREAM_LEAVING_MS   1000 /* since it last said that it leaves */

struct upstreams;
struct replica;

/* The rule that a list of replicas breaks, or NULL. */
const char *upstream_broken(const char *list);

/* Of AFTERCARE_UPSTREAM_…, none of which is broken. */
struct upstreams *upstreams_new(const struct config *config);
void upstreams_free(struct upstreams *upstreams);

/* How many replicas a service has; 0: it isn't installed. */
size_t upstream_count(const struct upstreams *upstreams, enum upstream_service service);

/* The next replica in turn that isn't set aside, nor leaves if another doesn't; NULL when all are aside. now: monotonic ms. */
struct replica *upstream_pick(struct upstreams *upstreams, enum upstream_service service, int64_t now);

/* "http://127.0.0.1:7101", without a slash at the end. */
const char *replica_url(const struct replica *replica);

/* It answered; it took the request and did not answer; it could not be reached, and is set aside. */
void replica_well(struct replica *replica, int64_t microseconds);
void replica_failed(struct replica *replica);
void replica_ill(struct replica *replica, int64_t now);

/* It answers still, but said that it is about to end. */
void replica_leaving(struct replica *replica, int64_t now);

/* Appends requests, failures and seconds of each replica, as Prometheus reads them. */
void upstreams_metrics(const struct upstreams *upstreams, struct text *out);

#endif
