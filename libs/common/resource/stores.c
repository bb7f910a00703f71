/* stores: the stores of a service's resources, opened once at the start and found by resource or name. */
#include "arena.h"
#include "codes.h"
#include "compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t fields_count(const struct field *fields)
{
	size_t count = 0;

	while (fields && fields[count].name)
		count++;
	return count;
}

/*
 * The fields of bulk lines: those only bulk takes first, because the first row of a name counts; then the codes that stand for
 * ids, and those ids, of which none is required any more (codes.h).
 */
static const struct field *bulk_fields_join(struct arena *arena, const struct resource *resource)
{
	size_t extra = fields_count(resource->bulk_fields);
	size_t own = fields_count(resource->fields);
	struct field *joined = arena_array(arena, extra + own * 2 + 1, sizeof(*joined));
	size_t count = extra;

	for (size_t i = 0; i < extra; i++)
		joined[i] = resource->bulk_fields[i];
	for (size_t i = 0; i < own; i++) {
		const struct field *field = &resource->fields[i];

		joined[count] = *field;
		if (field->coded) {
			joined[count++].flags &= ~(unsigned)REQUIRED;
			joined[count] = codes_field(arena, field);
		}
		count++;
	}
	return count == own ? resource->fields : joined;
}

const struct store *stores_open(struct arena *arena, const struct resource *const resources[])
{
	size_t count = 0;
	struct store *stores;

	while (resources[count])
		count++;
	stores = arena_array(arena, count + 1, sizeof(*stores));
	for (size_t i = 0; i < count; i++) {
		stores[i].resource = resources[i];
		stores[i].bulk_fields = bulk_fields_join(arena, resources[i]);
		compose_store(arena, &stores[i]);
	}
	for (size_t i = 0; i < count; i++)
		compose_touches(arena, stores, &stores[i]);
	return stores;
}

const struct store *store_named(const struct app *app, const char *name)
{
	const struct store *store = app->stores;

	while (store->resource && strcmp(store->resource->name, name) != 0)
		store++;
	if (!store->resource) {
		fprintf(stderr, "no resource is named %s\n", name);
		abort();
	}
	return store;
}

const struct store *store_find(const struct app *app, const struct resource *resource)
{
	const struct store *store = app->stores;

	while (store->resource && store->resource != resource)
		store++;
	if (!store->resource)
		compose_defect(resource, "was not opened: a route must name it");
	return store;
}

const char *store_sees(const struct resource *resource, enum sight sight)
{
	switch (sight) {
	case SIGHT_TECHNICIAN:
		return resource->sees.technician;
	case SIGHT_PORTAL:
		return resource->sees.portal;
	case SIGHT_CALLCENTER:
		return resource->sees.callcenter;
	default:
		return NULL;
	}
}
