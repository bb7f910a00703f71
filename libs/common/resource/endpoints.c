#include "endpoints.h"

#include "arena.h"
#include "bulk.h"
#include "page.h"
#include "resource.h"
#include "text.h"
#include "transition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINTS_MAX 512

struct opening {
	struct arena *arena;
	const struct store *stores;
	struct endpoint *items;
	size_t count;
};

static void endpoint_add(struct opening *opening, struct route route)
{
	struct endpoint *endpoint;

	if (opening->count == ENDPOINTS_MAX) {
		fprintf(stderr, "more than %d endpoints\n", ENDPOINTS_MAX);
		abort();
	}
	endpoint = &opening->items[opening->count];
	endpoint->route = route;
	endpoint->route.kind = ROUTE_HANDLER;
	endpoint->index = opening->count++;
	for (const struct store *store = opening->stores; route.resource && store->resource; store++)
		if (strcmp(store->resource->name, route.resource->name) == 0)
			endpoint->store = store;
	if (route.resource && !endpoint->store) {
		fprintf(stderr, "route %s: its resource %s is not among the service's\n", route.path,
			route.resource->name);
		abort();
	}
}

static const char *says(struct opening *opening, const char *verb, const char *noun)
{
	struct text out = text_new(opening->arena, 256);

	text_addf(&out, "%s %s", verb, noun);
	for (size_t i = 0; i < out.length; i++)
		if (out.data[i] == '_')
			out.data[i] = ' ';
	return text_c(&out);
}

static void store_expand(struct opening *opening, const struct route *route)
{
	const struct resource *resource = route->resource;
	const char *item = arena_printf(opening->arena, "%s/{id}", route->path);
	struct route one = *route;

	one.write = route->read;
	one.method = METHOD_GET;
	one.handle = page_list;
	one.summary = says(opening, "List", resource->plural);
	endpoint_add(opening, one);
	one.path = item;
	one.handle = store_get;
	one.summary = says(opening, "Read one", resource->name);
	endpoint_add(opening, one);
	one = *route;
	one.method = METHOD_POST;
	one.handle = route->handle ? route->handle : store_create;
	one.body = resource->fields;
	one.status = 201;
	one.summary = says(opening, "Create one", resource->name);
	one.write = route->create ? route->create : route->write;
	if (!(route->flags & NO_CREATE))
		endpoint_add(opening, one);
	one.write = route->bulk ? route->bulk : route->write;
	one.path = arena_printf(opening->arena, "%s/bulk", route->path);
	one.handle = bulk_upsert;
	one.flags |= RAW_BODY;
	one.status = 200;
	one.body = NULL;
	one.summary = says(opening, "Create or change many", resource->plural);
	if (!(route->flags & (NO_CREATE | NO_BULK)))
		endpoint_add(opening, one);
	one = *route;
	one.path = item;
	one.method = METHOD_PATCH;
	one.handle = store_change;
	one.body = resource->fields;
	one.flags |= NEEDS_MATCH;
	one.summary = says(opening, "Change one", resource->name);
	if (!(route->flags & NO_CHANGE))
		endpoint_add(opening, one);
	one.method = METHOD_DELETE;
	one.handle = store_remove;
	one.body = NULL;
	one.status = 204;
	one.summary = says(opening, "Remove one", resource->name);
	if (!(route->flags & NO_DELETE))
		endpoint_add(opening, one);
}
static void actions_expand(struct opening *opening, const struct route *route)
{
	for (const struct transition *row = route->transition; row->action; row++) {
		struct route one = *route;

		one.method = METHOD_POST;
		one.path = arena_printf(opening->arena, "%s%s", route->path, row->action);
		one.write = row->who;
		one.body = row->needs;
		one.flags |= BODY_OPTIONAL;
		one.transition = row;
		one.summary = row->summary;
		one.help = row->help;
		endpoint_add(opening, one);
	}
}

struct endpoints endpoints_open(struct arena *arena, const struct route *const tables[], const struct store *stores)
{
	struct opening opening = {
		.arena = arena, .stores = stores, .items = arena_array(arena, ENDPOINTS_MAX, sizeof(struct endpoint))
	};

	for (size_t i = 0; tables[i]; i++) {
		for (const struct route *route = tables[i]; route->path; route++) {
			struct route one = *route;

			if (route->kind == STORE) {
				store_expand(&opening, route);
			} else if (route->kind == ACTIONS) {
				actions_expand(&opening, route);
			} else {
				if (route->kind == LIST) {
					one.handle = page_list;
					one.write = route->read;
				}
				endpoint_add(&opening, one);
			}
		}
	}
	return (struct endpoints){ opening.items, opening.count };
}
