#include "metrics.h"

#include "arena.h"
#include "route.h"
#include "text.h"

#include <stdatomic.h>
#include <stdlib.h>

#define STATUS_CLASSES 6 /* by the first digit */

/* Upper bounds in microseconds: from a cached read to a request that is too slow. */
static const int64_t bounds[] = { 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000 };

#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

struct series {
	atomic_ullong by_status[STATUS_CLASSES];
	atomic_ullong buckets[BOUNDS + 1];
	atomic_ullong microseconds;
};

struct gauge {
	const char *name;
	const char *help;
	double (*read)(void *context);
	void *context;
};

struct collector {
	void (*print)(void *context, struct text *out);
	void *context;
};

struct metrics {
	const struct endpoints *endpoints;
	struct series *series; /* one an endpoint, and one for no route */
	struct gauge gauges[METRICS_GAUGES_MAX];
	size_t gauge_count;
	struct collector collectors[METRICS_COLLECTORS_MAX];
	size_t collector_count;
};

struct metrics *metrics_new(struct arena *arena, const struct endpoints *endpoints)
{
	struct metrics *metrics = arena_alloc(arena, sizeof(*metrics));

	metrics->endpoints = endpoints;
	metrics->series = arena_array(arena, endpoints->count + 1, sizeof(*metrics->series));
	return metrics;
}

void metrics_request(struct metrics *metrics, size_t endpoint, int status, int64_t microseconds)
{
	size_t index = endpoint < metrics->endpoints->count ? endpoint : metrics->endpoints->count;
	struct series *series = &metrics->series[index];
	size_t bucket = 0;

	while (bucket < BOUNDS && microseconds > bounds[bucket])
		bucket++;
	atomic_fetch_add_explicit(&series->by_status[status / 100 % STATUS_CLASSES], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(
		&series->microseconds, (unsigned long long)(microseconds > 0 ? microseconds : 0), memory_order_relaxed);
}

void metrics_gauge(
	struct metrics *metrics, const char *name, const char *help, double (*read)(void *context), void *context)
{
	if (metrics->gauge_count == METRICS_GAUGES_MAX)
		abort(); /* a defect: raise the limit */
	metrics->gauges[metrics->gauge_count++] = (struct gauge){ name, help, read, context };
}

static void route_labels(struct text *out, const struct metrics *metrics, size_t index)
{
	if (index < metrics->endpoints->count) {
		const struct route *route = &metrics->endpoints->items[index].route;

		text_addf(out, "method=\"%s\",route=\"%s\"", method_name(route->method), route->path);
	} else {
		text_add(out, "method=\"-\",route=\"-\"");
	}
}

static void counts_print(struct metrics *metrics, struct text *out)
{
	text_add(out,
		"# HELP aftercare_requests_total Requests answered, by route and class of status.\n"
		"# TYPE aftercare_requests_total counter\n");
	for (size_t i = 0; i <= metrics->endpoints->count; i++) {
		for (int class = 1; class < STATUS_CLASSES; class ++) {
			unsigned long long count = atomic_load(&metrics->series[i].by_status[class]);

			if (!count)
				continue;
			text_add(out, "aftercare_requests_total{");
			route_labels(out, metrics, i);
			text_addf(out, ",status=\"%dxx\"} %llu\n", class, count);
		}
	}
}

/* All the digits: rates are differences of these. */
static void seconds_print(struct text *out, unsigned long long microseconds)
{
	text_addf(out, "} %llu.%06llu\n", microseconds / 1000000, microseconds % 1000000);
}

static void histogram_print(struct metrics *metrics, struct text *out)
{
	text_add(out,
		"# HELP aftercare_request_seconds Time from the whole request read to its answer made.\n"
		"# TYPE aftercare_request_seconds histogram\n");
	for (size_t i = 0; i <= metrics->endpoints->count; i++) {
		struct series *series = &metrics->series[i];
		unsigned long long sum = 0;
		unsigned long long all = 0;

		for (size_t b = 0; b <= BOUNDS; b++)
			all += atomic_load(&series->buckets[b]);
		if (!all)
			continue;
		for (size_t b = 0; b <= BOUNDS; b++) {
			sum += atomic_load(&series->buckets[b]);
			text_add(out, "aftercare_request_seconds_bucket{");
			route_labels(out, metrics, i);
			if (b < BOUNDS)
				text_addf(out, ",le=\"%g\"} %llu\n", (double)bounds[b] / 1e6, sum);
			else
				text_addf(out, ",le=\"+Inf\"} %llu\n", sum);
		}
		text_add(out, "aftercare_request_seconds_sum{");
		route_labels(out, metrics, i);
		seconds_print(out, atomic_load(&series->microseconds));
		text_add(out, "aftercare_request_seconds_count{");
		route_labels(out, metrics, i);
		text_addf(out, "} %llu\n", sum);
	}
}

void metrics_collector(struct metrics *metrics, void (*print)(void *context, struct text *out), void *context)
{
	if (metrics->collector_count == METRICS_COLLECTORS_MAX)
		abort(); /* a defect: raise the limit */
	metrics->collectors[metrics->collector_count++] = (struct collector){ print, context };
}

void metrics_print(struct metrics *metrics, struct text *out)
{
	counts_print(metrics, out);
	histogram_print(metrics, out);
	for (size_t i = 0; i < metrics->gauge_count; i++) {
		const struct gauge *gauge = &metrics->gauges[i];

		text_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.15g\n", gauge->name, gauge->help, gauge->name,
			gauge->name, gauge->read(gauge->context));
	}
	for (size_t i = 0; i < metrics->collector_count; i++)
		metrics->collectors[i].print(metrics->collectors[i].context, out);
}
