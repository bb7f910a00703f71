/*
 * router_bench: nanoseconds of one look-up among 100 routes, of each as often, and among 1, interleaved, as JSON: the
 * medians, and the median of the ratios.
 */
#include "arena.h"
#include "clock.h"
#include "router.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 15
#define FINDS  ((size_t)200000)
#define ROUTES ((size_t)100)

static enum fault nothing(struct request *request)
{
	(void)request;
	return FAULT_NONE;
}

static struct router *router_of(struct arena *arena, size_t count)
{
	struct endpoint *items = arena_array(arena, count, sizeof(*items));
	struct endpoints endpoints = { items, count };

	for (size_t i = 0; i < count; i++)
		items[i] = (struct endpoint){ .route = { .method = METHOD_GET,
						      .handle = nothing,
						      .path = arena_printf(arena, "/v1/thing-%02zu/{id}", i) },
			.index = i };
	return router_new(arena, &endpoints);
}

static double find_ns(const struct router *router, const char *const paths[], size_t count)
{
	struct arena *arena = arena_new();
	int64_t start = clock_monotonic_us();

	for (size_t i = 0; i < FINDS; i++) {
		const char *parameters[REQUEST_PARAMETERS_MAX] = { 0 };
		const struct endpoint *endpoint = NULL;
		const char *allow;

		if (router_find(router, arena, METHOD_GET, paths[i * count / FINDS], &endpoint, parameters, &allow) !=
			ROUTER_FOUND)
			abort();
		if (i % 64 == 0)
			arena_reset(arena);
	}
	arena_free(arena);
	return (double)(clock_monotonic_us() - start) * 1000 / FINDS;
}

static int ascending(const void *a, const void *b)
{
	double first = *(const double *)a;
	double second = *(const double *)b;

	return (first > second) - (first < second);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), ascending);
	return values[ROUNDS / 2];
}

int main(void)
{
	struct arena *arena = arena_new();
	const struct router *one = router_of(arena, 1);
	const struct router *hundred = router_of(arena, ROUTES);
	const char *paths[ROUTES];
	double ones[ROUNDS];
	double hundreds[ROUNDS];
	double ratios[ROUNDS];

	for (size_t i = 0; i < ROUTES; i++)
		paths[i] = arena_printf(arena, "/v1/thing-%02zu/01900000-0000-7000-8000-000000000001", i);
	for (int i = 0; i < ROUNDS; i++) {
		ones[i] = find_ns(one, paths, 1);
		hundreds[i] = find_ns(hundred, paths, ROUTES);
		ratios[i] = hundreds[i] / ones[i];
	}
	printf("{\"one ns\": %.1f, \"hundred ns\": %.1f, \"ratio\": %.3f}\n", median(ones), median(hundreds),
		median(ratios));
	arena_free(arena);
	return EXIT_SUCCESS;
}
