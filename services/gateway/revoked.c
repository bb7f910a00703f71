#include "revoked.h"

#include "arena.h"
#include "gateway_service_sql.h"
#include "pg.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	const char *id;
	int64_t at;
};

/* What one reading found, sorted by id; replaced as a whole. */
struct list {
	struct arena *arena;
	const char *state; /* count and newest row: what tells whether it has changed */
	struct entry *entries;
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

static int entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->id, ((const struct entry *)b)->id);
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
	list->entries = arena_array(list->arena, list->count + 1, sizeof(*list->entries));
	for (size_t i = 0; i < list->count; i++)
		list->entries[i] =
			(struct entry){ PQgetvalue(result, (int)i, 0), atoll(PQgetvalue(result, (int)i, 1)) };
	qsort(list->entries, list->count, sizeof(*list->entries), entry_compare);
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

int64_t revoked_at(struct revoked *revoked, const char *id)
{
	const struct entry wanted = { id, 0 };
	const struct entry *found = NULL;
	int64_t at;

	if (!id)
		return 0;
	pthread_rwlock_rdlock(&revoked->lock);
	if (revoked->list)
		found = bsearch(&wanted, revoked->list->entries, revoked->list->count, sizeof(wanted), entry_compare);
	at = found ? found->at : 0;
	pthread_rwlock_unlock(&revoked->lock);
	return at;
}
