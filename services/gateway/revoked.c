#include "revoked.h"

#include "arena.h"
#include "gateway_service_sql.h"
#include "pg.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The ids of one reading, sorted; replaced as a whole. */
struct list {
	struct arena *arena;
	const char *state; /* count and newest row: what tells whether it has changed */
	const char **ids;
	size_t count;
};

struct revoked {
	pthread_rwlock_t lock;
	struct list *list;
};

struct revoked *revoked_new(void)
{
	struct revoked *revoked = calloc(1, sizeof(*revoked));

	if (!revoked)
		abort();
	pthread_rwlock_init(&revoked->lock, NULL);
	return revoked;
}

void revoked_free(struct revoked *revoked)
{
	if (!revoked)
		return;
	if (revoked->list)
		arena_free(revoked->list->arena);
	pthread_rwlock_destroy(&revoked->lock);
	free(revoked);
}

static int id_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum fault state_read(struct app *app, struct arena *arena, const char **state)
{
	struct pg_batch *batch = pg_batch_new(arena);
	size_t index = pg_add(batch, &sql_revoked_state, 0, NULL);
	struct pg_error error;
	enum fault fault = pg_execute(app->worker, batch, &error);

	if (!fault)
		*state = arena_printf(arena, "%s %s", pg_value(batch, index, 0), pg_value(batch, index, 1));
	return fault;
}

static enum fault list_read(struct app *app, struct list *list)
{
	struct pg_batch *batch = pg_batch_new(list->arena);
	size_t index = pg_add(batch, &sql_revoked_list, 0, NULL);
	struct pg_error error;
	enum fault fault = pg_execute(app->worker, batch, &error);
	const PGresult *result;

	if (fault)
		return fault;
	result = pg_result(batch, index);
	list->count = (size_t)PQntuples(result);
	list->ids = arena_array(list->arena, list->count + 1, sizeof(*list->ids));
	for (size_t i = 0; i < list->count; i++)
		list->ids[i] = PQgetvalue(result, (int)i, 0);
	qsort(list->ids, list->count, sizeof(*list->ids), id_compare);
	return FAULT_NONE;
}

enum fault revoked_load(struct revoked *revoked, struct app *app)
{
	struct arena *arena = arena_new();
	struct list *list = arena_alloc(arena, sizeof(*list));
	enum fault fault = state_read(app, arena, &list->state);
	struct list *old;

	list->arena = arena;
	/* Only the loader replaces the list, so it may look at it unlocked. */
	if (fault || (revoked->list && text_same(revoked->list->state, list->state))) {
		arena_free(arena);
		return fault;
	}
	fault = list_read(app, list);
	if (fault) {
		arena_free(arena);
		return fault;
	}
	pthread_rwlock_wrlock(&revoked->lock);
	old = revoked->list;
	revoked->list = list;
	pthread_rwlock_unlock(&revoked->lock);
	if (old)
		arena_free(old->arena);
	return FAULT_NONE;
}

bool revoked_has(struct revoked *revoked, const char *id)
{
	bool has;

	if (!id)
		return false;
	pthread_rwlock_rdlock(&revoked->lock);
	has = revoked->list && bsearch(&id, revoked->list->ids, revoked->list->count, sizeof(id), id_compare);
	pthread_rwlock_unlock(&revoked->lock);
	return has;
}
