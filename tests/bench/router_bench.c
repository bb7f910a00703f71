/* router_bench: nanoseconds of one look-up among 100 routes and among 1, interleaved, as JSON. */
#include "arena.h"
#include "clock.h"
#include "router.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 9
#define FINDS  200000

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
						      .path = arena_printf(arena, "/v1/thing-%zu/{id}", i) },
			.index = i };
	return router_new(arena, &endpoints);
}

static double find_ns(const struct router *router)
{
	struct arena *arena = arena_new();
	int64_t start = clock_monotonic_us();

	for (int i = 0; i < FINDS; i++) {
		const char *parameters[REQUEST_PARAMETERS_MAX] = { 0 };
		const struct endpoint *endpoint = NULL;
		const char *allow;

		if (router_find(router, arena, METHOD_GET, "/v1/thing-0/01900000-0000-7000-8000-000000000001",
			    &endpoint, parameters, &allow) != ROUTER_FOUND)
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

int main(void)
{
	struct arena *arena = arena_new();
	const struct router *one = router_of(arena, 1);
	const struct router *hundred = router_of(arena, 100);
	double ones[ROUNDS];
	double hundreds[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		ones[i] = find_ns(one);
		hundreds[i] = find_ns(hundred);
	}
	qsort(ones, ROUNDS, sizeof(ones[0]), ascending);
	qsort(hundreds, ROUNDS, sizeof(hundreds[0]), ascending);
	printf("{\"one_ns\": %.1f, \"hundred_ns\": %.1f}\n", ones[ROUNDS / 2], hundreds[ROUNDS / 2]);
	arena_free(arena);
	return EXIT_SUCCESS;
}
