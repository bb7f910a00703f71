/* touched: the change records of what the statements of a write touched beside its row (base.touch, base.tell). */
#include "arena.h"
#include "compose.h"
#include "resource_sql.h"
#include "store.h"
#include "text.h"

#include <string.h>

/* The store whose rows an event tells of: "stock.changed" of stock. */
static const struct store *touched_store(
	struct arena *arena, const struct store *stores, const struct resource *resource, const char *event)
{
	size_t length = strcspn(event, ".");

	for (const struct store *store = stores; store->resource; store++)
		if (strncmp(store->resource->name, event, length) == 0 && !store->resource->name[length])
			return store;
	compose_defect(resource, arena_printf(arena, "it touches %s, and there is no such resource", event));
}

/* The stores whose rows the statements of one touch, in the order in which they are named, each with all its events. */
static const struct touched *touches_find(
	struct arena *arena, const struct store *stores, const struct resource *resource)
{
	size_t count = 0;
	struct touched *touches;

	while (resource->touches && resource->touches[count])
		count++;
	touches = arena_array(arena, count + 1, sizeof(*touches));
	for (size_t i = 0; i < count; i++) {
		const char *event = resource->touches[i];
		const struct store *store = touched_store(arena, stores, resource, event);
		struct touched *touched = touches;

		while (touched->store && touched->store != store)
			touched++;
		touched->events = touched->store ? arena_printf(arena, "%s %s", touched->events, event) : event;
		touched->store = store;
	}
	return touches;
}

/* One statement for all of them: most writes touch the rows of few. */
static struct statement tell_compose(struct arena *arena, const struct store *store)
{
	struct text resources = text_new(arena, STORE_SQL_MAX);
	struct text events = text_new(arena, STORE_SQL_MAX);
	struct text sql = text_new(arena, STORE_SQL_MAX);

	for (const struct touched *touched = store->touches; touched->store; touched++) {
		pg_array_add(&resources, touched->store->resource->name);
		pg_array_add(&events, touched->events);
	}
	text_addf(&sql, "select base.tell('%s', '%s')", pg_array_end(&resources), pg_array_end(&events));
	return compose_statement(arena, store->resource, "tell", &sql, 0);
}

void compose_touches(struct arena *arena, const struct store *stores, struct store *store)
{
	store->touches = touches_find(arena, stores, store->resource);
	if (store->touches->store)
		store->tell = tell_compose(arena, store);
}

/* What base.tell runs. */
static void prepared_add(struct pg_batch *batch, const struct store *store)
{
	pg_add_prepared(batch, &store->record);
	pg_add_prepared(batch, &store->record_many);
}

void store_add_touched(struct pg_batch *batch, const struct store *store)
{
	for (const struct touched *touched = store->touches; touched->store; touched++)
		prepared_add(batch, touched->store);
	if (store->tell.text)
		pg_add(batch, &store->tell, 0, NULL);
}

void store_add_records(struct pg_batch *batch, const struct store *store, const char *ids, const char *events)
{
	if (ids) {
		pg_add(batch, &store->record_many, PG_VALUES(ids, events));
		return;
	}
	prepared_add(batch, store);
	pg_add(batch, &sql_touched_tell, PG_VALUES(store->resource->name, events));
}
