#include "platform.h"

#include "app.h"
#include "arena.h"
#include "run.h"
#include "tenants.h"

#include <stdlib.h>

static const struct inbox_handler tenant_handlers[] = {
	{ "aftercare.gateway", "aftercare.tenant.", tenants_apply },
};

const struct inbox_handler *platform_consumes(struct arena *arena, const struct service *service)
{
	size_t count = 0;
	struct inbox_handler *handlers;

	while (service->consumes && service->consumes[count].topic)
		count++;
	handlers = arena_array(arena, count + 2, sizeof(*handlers));
	for (size_t i = 0; i < count; i++)
		handlers[i] = service->consumes[i];
	if (!service->issuer)
		handlers[count] = tenant_handlers[0];
	return handlers;
}

static enum fault openapi_get(struct request *request)
{
	response_json(request, 200, request->app->openapi);
	return FAULT_NONE;
}

const struct route *const *service_routes(struct arena *arena, const struct service *service)
{
	const struct route **tables;
	struct route *own;
	size_t count = 0;

	while (service->routes[count])
		count++;
	tables = arena_array(arena, count + 2, sizeof(*tables));
	for (size_t i = 0; i < count; i++)
		tables[i] = service->routes[i];
	own = arena_array(arena, 8, sizeof(*own));
	own[0] = (struct route){
		.path = "/openapi.json",
		.handle = openapi_get,
		.flags = PUBLIC,
		.summary = "This description",
	};
	tables[count] = own;
	return tables;
}

const struct resource *const *service_resources(struct arena *arena, const struct service *service)
{
	(void)arena;
	return service->resources;
}
