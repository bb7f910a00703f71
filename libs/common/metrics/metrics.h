/*
 * metrics: counters and histograms of a service, as Prometheus reads them (text format 0.0.4). Thread safe: atomics.
 */
#ifndef AFTERCARE_METRICS_H
#define AFTERCARE_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct endpoints;
struct text;

#define METRICS_NO_ROUTE       ((size_t)-1) /* requests that matched no route */
#define METRICS_GAUGES_MAX     32
#define METRICS_COLLECTORS_MAX 4

struct metrics;

/* Endpoints are borrowed. */
struct metrics *metrics_new(struct arena *arena, const struct endpoints *endpoints);

/* One request answered: its endpoint's index, HTTP status, microseconds. */
void metrics_request(struct metrics *metrics, size_t endpoint, int status, int64_t microseconds);

/* Registers a value to be read when metrics are printed. Before threads start. name is a Prometheus name. */
void metrics_gauge(
	struct metrics *metrics, const char *name, const char *help, double (*read)(void *context), void *context);

/* Registers what prints series of its own, with labels. Before threads start; called by whoever prints. */
void metrics_collector(struct metrics *metrics, void (*print)(void *context, struct text *out), void *context);

/* Appends everything. */
void metrics_print(struct metrics *metrics, struct text *out);

#endif
