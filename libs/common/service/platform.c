#include "platform.h"

#include "act.h"
#include "administration.h"
#include "app.h"
#include "arena.h"
#include "attachment.h"
#include "free_field.h"
#include "job_routes.h"
#include "run.h"
#include "settings.h"
#include "snapshots.h"
#include "tenants.h"
#include "text.h"

#include <string.h>

static const struct inbox_handler tenant_handlers[] = {
	{ "aftercare.gateway", "aftercare.tenant.", tenants_apply },
	{ 0 },
};

const struct inbox_handler *platform_consumes(struct arena *arena, const struct service *service)
{
	const struct inbox_handler *const tables[] = { service->consumes, copy_handlers(arena, service->copies),
		service->issuer ? NULL : tenant_handlers };
	struct inbox_handler *handlers;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct inbox_handler *row = tables[i]; row && row->topic; row++)
			count++;
	handlers = arena_array(arena, count + 1, sizeof(*handlers));
	count = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct inbox_handler *row = tables[i]; row && row->topic; row++)
			handlers[count++] = *row;
	return handlers;
}

const struct timer_handler *platform_timers(struct arena *arena, const struct service *service)
{
	size_t count = 0;
	size_t own = 0;
	struct timer_handler *handlers;

	while (service->timers && service->timers[count].kind)
		count++;
	while (job_timers[own].kind)
		own++;
	handlers = arena_array(arena, count + own + 1, sizeof(*handlers));
	for (size_t i = 0; i < count; i++)
		handlers[i] = service->timers[i];
	memcpy(handlers + count, job_timers, own * sizeof(*handlers));
	return handlers;
}

static enum fault openapi_get(struct request *request)
{
	response_json(request, 200, request->app->openapi);
	return FAULT_NONE;
}

/* clang-format off */
/* Paths are those below /v1/services/SERVICE; resources that are composed for a service are put in at start. */
static const struct route platform_routes[] = {
	{ .path = "/settings", .handle = settings_get, .write = SCOPE_SETUP_READ, .summary = "Read the settings",
		.help = "Every policy of the service with its value, the default where the tenant set none." },
	{ .method = METHOD_PATCH, .path = "/settings", .handle = settings_change, .write = SCOPE_SETUP_WRITE,
		.flags = NEEDS_MATCH, .summary = "Change the settings", .help = "null puts a default back." },
	{ LIST, .path = "/series", .resource = &series, .read = SCOPE_SETUP_READ, .summary = "List the number series" },
	{ STORE, .path = "/audit", .resource = &audit_entry, .read = SCOPE_AUDIT_READ,
		.flags = NO_CREATE | NO_CHANGE | NO_DELETE },
	{ STORE, .path = "/snapshots", .read = SCOPE_EVENTS_SNAPSHOT, .write = SCOPE_EVENTS_SNAPSHOT,
		.flags = NO_CHANGE | NO_DELETE | NO_BULK },
	{ STORE, .path = "/dead-letters", .resource = &dead_letter, .read = SCOPE_DEAD_LETTERS,
		.flags = NO_CREATE | NO_CHANGE | NO_DELETE },
	{ .method = METHOD_POST, .path = "/dead-letters/{id}/actions/replay", .handle = dead_letter_replay,
		.resource = &dead_letter, .write = SCOPE_DEAD_LETTERS, .summary = "Send a dead letter to its topic again" },
};
/* clang-format on */

#define PLATFORM_ROUTES    (sizeof(platform_routes) / sizeof(platform_routes[0]))
#define PLATFORM_RESOURCES 6

static const struct route openapi_route = {
	.path = "/openapi.json",
	.handle = openapi_get,
	.flags = PUBLIC,
	.summary = "This description",
};

/* The definitions of free fields, for each resource that has its own. */
static const struct route *free_field_routes(struct arena *arena, const struct service *service)
{
	const struct resource *const *own = service_own_resources(arena, service);
	struct route *routes;
	size_t count = 0;

	while (own[count])
		count++;
	routes = arena_array(arena, count + 1, sizeof(*routes));
	count = 0;
	for (size_t i = 0; own[i]; i++) {
		const char *owner = free_fields_owner(own[i]);

		if (owner)
			routes[count++] = (struct route){ STORE, .path = free_field_path(arena, owner),
				.resource = free_field_resource(arena, owner), .read = SCOPE_SETUP_READ,
				.write = SCOPE_SETUP_WRITE };
	}
	return routes;
}

/* The platform's own table for a service. */
static const struct route *own_routes(struct arena *arena, const struct service *service)
{
	struct route *own = arena_array(arena, PLATFORM_ROUTES + 2, sizeof(*own));
	size_t count = 0;

	own[count++] = openapi_route;
	if (service->describe)
		own[0].handle = service->describe;
	for (size_t i = 0; i < PLATFORM_ROUTES; i++) {
		struct route *route = &own[count];
		bool settings = text_same(platform_routes[i].path, "/settings");

		if (settings && !service->settings)
			continue;
		*route = platform_routes[i];
		if (settings)
			route->resource = settings_resource(arena, service);
		if (settings && route->method == METHOD_PATCH)
			route->body = settings_changes(arena, service);
		if (text_same(route->path, "/snapshots"))
			route->resource = snapshot_resource(arena, service);
		route->context = service;
		route->path = arena_printf(arena, "/v1/services/%s%s", service->name, route->path);
		count++;
	}
	return own;
}

const struct route *const *service_routes(struct arena *arena, const struct service *service)
{
	const struct route **tables;
	size_t count = 0;

	while (service->routes[count])
		count++;
	tables = arena_array(arena, count + 5, sizeof(*tables));
	for (size_t i = 0; i < count; i++)
		tables[i] = service->routes[i];
	tables[count] = free_field_routes(arena, service);
	tables[count + 1] = own_routes(arena, service);
	tables[count + 2] = attachment_routes(arena, service->routes);
	tables[count + 3] = job_routes(arena, tables);
	return tables;
}

/* Adds a resource, unless it is among them; the definitions of its free fields first, so that a snapshot tells them first. */
static size_t resource_add(
	struct arena *arena, const struct resource *resources[], size_t count, const struct resource *resource)
{
	const char *owner = free_fields_owner(resource);

	for (size_t i = 0; i < count; i++)
		if (resources[i] == resource)
			return count;
	if (owner)
		resources[count++] = free_field_resource(arena, owner);
	resources[count++] = resource;
	return count;
}

static size_t route_resources_add(
	struct arena *arena, const struct resource *resources[], size_t count, const struct route *route)
{
	if (route->resource)
		count = resource_add(arena, resources, count, route->resource);
	return route->attaches ? resource_add(arena, resources, count, &attachment) : count;
}

const struct resource *const *service_own_resources(struct arena *arena, const struct service *service)
{
	const struct resource **resources;
	size_t count = 0;

	for (size_t i = 0; service->routes[i]; i++)
		for (const struct route *route = service->routes[i]; route->path; route++)
			count++;
	resources = arena_array(arena, count * 2 + 2, sizeof(*resources));
	count = 0;
	for (size_t i = 0; service->routes[i]; i++)
		for (const struct route *route = service->routes[i]; route->path; route++)
			count = route_resources_add(arena, resources, count, route);
	return resources;
}

const struct resource *const *service_resources(struct arena *arena, const struct service *service)
{
	const struct resource *const *own = service_own_resources(arena, service);
	const struct resource **resources;
	size_t count = 0;
	size_t jobs = 0;

	while (own[count])
		count++;
	while (job_resources[jobs])
		jobs++;
	resources = arena_array(arena, count + PLATFORM_RESOURCES + jobs + 1, sizeof(*resources));
	memcpy(resources, own, count * sizeof(*resources));
	if (service->settings)
		resources[count++] = settings_resource(arena, service);
	resources[count++] = snapshot_resource(arena, service);
	resources[count++] = &series;
	resources[count++] = &audit_entry;
	resources[count++] = &dead_letter;
	resources[count++] = &transition_log;
	memcpy(resources + count, job_resources, jobs * sizeof(*resources));
	return resources;
}
