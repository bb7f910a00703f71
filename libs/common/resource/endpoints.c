#include "endpoints.h"

#include "act.h"
#include "arena.h"
#include "bulk.h"
#include "expand.h"
#include "page.h"
#include "resource.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINTS_MAX 512

struct opening {
	struct arena *arena;
	const struct route *const *tables;
	const struct store *stores;
	struct endpoint *items;
	size_t count;
};

static _Noreturn void defect(const struct route *route, const char *what)
{
	fprintf(stderr, "route %s: %s\n", route->path, what);
	abort();
}

static const struct store *store_of(const struct opening *opening, const struct resource *resource)
{
	const struct store *store = opening->stores;

	while (store->resource && strcmp(store->resource->name, resource->name) != 0)
		store++;
	return store->resource ? store : NULL;
}

static struct endpoint *endpoint_add(struct opening *opening, struct route route)
{
	struct endpoint *endpoint;

	if (opening->count == ENDPOINTS_MAX)
		defect(&route, "is one more than ENDPOINTS_MAX");
	endpoint = &opening->items[opening->count];
	endpoint->route = route;
	endpoint->route.kind = ROUTE_HANDLER;
	endpoint->index = opening->count++;
	endpoint->store = route.resource ? store_of(opening, route.resource) : NULL;
	if (route.resource && !endpoint->store)
		defect(&route,
			arena_printf(
				opening->arena, "its resource %s is not among the service's", route.resource->name));
	return endpoint;
}

/* Below whose row it stands: /v1/calls/{id}/activities below the resource that is stored at /v1/calls. */
static void parent_find(const struct opening *opening, struct endpoint *endpoint)
{
	const char *path = endpoint->route.path;
	const char *id = strstr(path, "/{id}/");
	size_t length = id ? (size_t)(id - path) : 0;

	for (size_t i = 0; id && opening->tables[i]; i++) {
		for (const struct route *route = opening->tables[i]; route->path; route++) {
			if (route->kind != STORE || strlen(route->path) != length ||
				strncmp(route->path, path, length) != 0)
				continue;
			endpoint->parent = store_of(opening, route->resource);
			endpoint->parent_read = route->read;
		}
	}
}

/* A route, with the row that it is below when it says so. */
static void route_add(struct opening *opening, struct route route)
{
	struct endpoint *endpoint = endpoint_add(opening, route);

	if (route.via)
		parent_find(opening, endpoint);
}

static const char *says(struct opening *opening, const char *verb, const char *noun)
{
	return arena_printf(opening->arena, "%s %s", verb, text_words(opening->arena, noun));
}

static void store_expand(struct opening *opening, const struct route *route)
{
	const struct resource *resource = route->resource;
	const char *item =
		arena_printf(opening->arena, route->via ? "%s/{%s_id}" : "%s/{id}", route->path, resource->name);
	struct route plain = *route; /* only a list is shown beside others */
	struct route one = *route;

	plain.flags &= ~(unsigned)EXPANDS;
	one.write = route->read;
	one.method = METHOD_GET;
	one.handle = page_list;
	one.flags |= LISTS;
	one.summary = says(opening, "List", resource->plural);
	route_add(opening, one);
	one.flags = plain.flags;
	one.path = item;
	one.handle = store_get;
	one.summary = says(opening, "Read one", resource->name);
	route_add(opening, one);
	if (resource->read_only)
		return;
	one = plain;
	one.method = METHOD_POST;
	one.handle = route->handle ? route->handle : store_create;
	one.body = resource->fields;
	one.status = 201;
	one.summary = says(opening, "Create one", resource->name);
	one.write = route->create ? route->create : route->write;
	if (!(route->flags & NO_CREATE))
		route_add(opening, one);
	one.write = route->bulk ? route->bulk : route->write;
	one.path = arena_printf(opening->arena, "%s/bulk", route->path);
	one.handle = bulk_upsert;
	one.flags |= RAW_BODY;
	one.status = 200;
	one.body = NULL;
	one.summary = says(opening, "Create or change many", resource->plural);
	if (!(route->flags & (NO_CREATE | NO_BULK)) && !route->via)
		route_add(opening, one);
	one = plain;
	one.path = item;
	one.method = METHOD_PATCH;
	one.handle = store_change;
	one.body = resource->fields;
	one.flags |= NEEDS_MATCH;
	one.summary = says(opening, "Change one", resource->name);
	if (!(route->flags & NO_CHANGE))
		route_add(opening, one);
	one.method = METHOD_DELETE;
	one.handle = store_remove;
	one.body = NULL;
	one.status = 204;
	one.summary = says(opening, "Remove one", resource->name);
	if (!(route->flags & NO_DELETE))
		route_add(opening, one);
}

/* The log below a row: /v1/calls/{id}/transitions beside /v1/calls/{id}/actions/. */
static void transitions_expand(struct opening *opening, const struct route *route)
{
	const struct resource *resource = route->resource;
	size_t stem = strlen(route->path) - strlen("actions/");
	struct endpoint *endpoint;

	if (route->read == SCOPE_NONE)
		defect(route, "the log of a machine needs the scope to read it");
	endpoint = endpoint_add(opening,
		(struct route){ .path = arena_printf(opening->arena, "%.*stransitions", (int)stem, route->path),
			.handle = page_list,
			.flags = LISTS | EXPANDS,
			.resource = &transition_log,
			.write = route->read,
			.via = "subject_id",
			.where = arena_printf(opening->arena, "m.resource = '%s'", resource->name),
			.summary = says(opening, "List the passages from state to state of one", resource->name) });
	endpoint->parent = store_of(opening, resource);
}

static void actions_expand(struct opening *opening, const struct route *route)
{
	const struct machine *machine = route->resource->machine;

	for (const struct transition *row = machine->table; row->action; row++) {
		struct route one = *route;

		one.method = METHOD_POST;
		one.handle = route->handle ? route->handle : act_run;
		one.path = arena_printf(opening->arena, "%s%s", route->path, row->action);
		one.write = row->who;
		one.body = row->needs;
		one.flags |= BODY_OPTIONAL;
		one.transition = row;
		one.summary = row->summary;
		one.help = row->help;
		endpoint_add(opening, one);
	}
	if (!machine->unlogged)
		transitions_expand(opening, route);
}

static void list_add(struct opening *opening, struct route list)
{
	list.handle = page_list;
	list.flags |= LISTS;
	list.write = list.read;
	parent_find(opening, endpoint_add(opening, list));
}

/* Lists that are shown beside the rows above them get a name for it, and what shows those rows the parameter. */
static void expand_open(struct opening *opening)
{
	const struct endpoints endpoints = { opening->items, opening->count };

	for (size_t i = 0; i < opening->count; i++) {
		struct endpoint *endpoint = &opening->items[i];
		char *name;

		if (!(endpoint->route.flags & EXPANDS))
			continue;
		if (!endpoint->parent || !endpoint->route.via)
			defect(&endpoint->route, "stands below no row, so that it can't be shown beside one");
		name = arena_strdup(opening->arena, strrchr(endpoint->route.path, '/') + 1);
		for (char *c = name; *c; c++)
			if (*c == '-')
				*c = '_';
		endpoint->beside = name;
	}
	for (size_t i = 0; i < opening->count; i++) {
		struct route *route = &opening->items[i].route;

		if (opening->items[i].store && (route->handle == page_list || route->handle == store_get))
			route->query = expand_query(opening->arena, &endpoints, opening->items[i].store);
	}
}

struct endpoints endpoints_open(struct arena *arena, const struct route *const tables[], const struct store *stores)
{
	struct opening opening = {
		.arena = arena,
		.tables = tables,
		.stores = stores,
		.items = arena_array(arena, ENDPOINTS_MAX, sizeof(struct endpoint)),
	};

	for (size_t i = 0; tables[i]; i++) {
		for (const struct route *route = tables[i]; route->path; route++) {
			if (route->kind == STORE)
				store_expand(&opening, route);
			else if (route->kind == ACTIONS)
				actions_expand(&opening, route);
			else if (route->kind == LIST)
				list_add(&opening, *route);
			else
				route_add(&opening, *route);
		}
	}
	expand_open(&opening);
	return (struct endpoints){ opening.items, opening.count };
}
