#include "describe.h"

#include "arena.h"
#include "endpoints.h"
#include "events.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

static struct openapi_source source_of(
	const struct service *service, const struct endpoints *endpoints, const struct resource *const *resources)
{
	return (struct openapi_source){
		.service = service->name,
		.title = service->title,
		.version = AFTERCARE_VERSION,
		.help = service->help,
		.tags = service->tags,
		.endpoints = endpoints,
		.resources = resources,
		.feeds = service->feeds,
	};
}

const char *describe_openapi(struct arena *arena, const struct service *service, const struct endpoints *endpoints)
{
	struct arena *work = arena_new(); /* its pieces take more than the text, which alone stays */
	struct openapi_source source = source_of(service, endpoints, service_resources(work, service));
	struct text out = text_new(work, OPENAPI_MAX);
	const char *description;

	openapi_write(work, &source, &out);
	if (out.full) {
		fprintf(stderr, "%s: its description has more than %zu bytes\n", service->name, OPENAPI_MAX);
		abort();
	}
	description = arena_strdup(arena, text_c(&out));
	arena_free(work);
	return description;
}

int describe_print(struct arena *arena, const struct service *service, bool events)
{
	const struct resource *const *resources = service_resources(arena, service);
	struct endpoints endpoints =
		endpoints_open(arena, service_routes(arena, service), stores_open(arena, resources));
	struct openapi_source source = source_of(service, &endpoints, resources);
	struct text out = text_new(arena, OPENAPI_MAX);

	if (events)
		events_write(arena, &source, service->events, &out);
	else
		openapi_write(arena, &source, &out);
	if (out.full) {
		fprintf(stderr, "%s: its description has more than %zu bytes\n", service->name, OPENAPI_MAX);
		return EXIT_FAILURE;
	}
	puts(text_c(&out));
	return EXIT_SUCCESS;
}
