#include "tenants.h"

#include "api_sql.h"
#include "arena.h"
#include "clock.h"
#include "inbox.h"
#include "log.h"
#include "service_sql.h"
#include "text.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct entry {
	struct tenant tenant;
	int64_t until; /* monotonic ms */
};

struct tenants {
	pthread_mutex_t lock;
	struct entry entries[TENANTS_CACHED];
};

struct tenants *tenants_new(struct arena *arena)
{
	struct tenants *tenants = arena_alloc(arena, sizeof(*tenants));

	pthread_mutex_init(&tenants->lock, NULL);
	return tenants;
}

static size_t slot_of(const char *id)
{
	return text_hash(TEXT_HASH, id, strlen(id)) % TENANTS_CACHED;
}

static void column_copy(char *out, size_t size, const PGresult *result, int column)
{
	snprintf(out, size, "%s", PQgetvalue(result, 0, column));
}

static enum fault tenant_load(struct app *app, const char *id, struct tenant *tenant)
{
	struct arena *arena = arena_new();
	struct pg_batch *batch = pg_batch_new(arena);
	size_t index = pg_add(batch, &sql_tenant_read, PG_VALUES(id));
	struct pg_error error;
	enum fault fault = pg_execute(app->worker, batch, &error);
	const PGresult *result = fault ? NULL : pg_result(batch, index);

	if (fault)
		log_write(LOG_WARNING, "can't read a tenant", "tenant", id, "sqlstate", error.sqlstate, "detail",
			error.message, NULL);
	else if (PQntuples(result) == 0)
		fault = FAULT_UNAVAILABLE;
	if (!fault) {
		*tenant = (struct tenant){ 0 };
		snprintf(tenant->id, sizeof(tenant->id), "%s", id);
		column_copy(tenant->code, sizeof(tenant->code), result, 0);
		column_copy(tenant->name, sizeof(tenant->name), result, 1);
		column_copy(tenant->time_zone, sizeof(tenant->time_zone), result, 2);
		column_copy(tenant->currency, sizeof(tenant->currency), result, 3);
		column_copy(tenant->language, sizeof(tenant->language), result, 4);
		column_copy(tenant->country, sizeof(tenant->country), result, 5);
		tenant->active = PQgetvalue(result, 0, 6)[0] == 't';
	}
	arena_free(arena);
	return fault;
}

enum fault tenants_find(struct app *app, const char *id, struct tenant *tenant)
{
	struct tenants *tenants = app->tenants;
	struct entry *entry = &tenants->entries[slot_of(id)];
	int64_t now = clock_monotonic();
	bool known;
	enum fault fault;

	pthread_mutex_lock(&tenants->lock);
	known = entry->until > now && strcmp(entry->tenant.id, id) == 0;
	if (known)
		*tenant = entry->tenant;
	pthread_mutex_unlock(&tenants->lock);
	if (known)
		return FAULT_NONE;
	fault = tenant_load(app, id, tenant);
	if (fault)
		return fault;
	pthread_mutex_lock(&tenants->lock);
	entry->tenant = *tenant;
	entry->until = now + TENANTS_CACHE_MS;
	pthread_mutex_unlock(&tenants->lock);
	return FAULT_NONE;
}

enum fault tenants_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	struct app *app = event->context;

	if (!json_string_at(event->data, "code") || !json_string_at(event->data, "time_zone")) {
		*problem = "a tenant needs code and time_zone";
		return FAULT_INVALID;
	}
	pg_add(batch, &sql_tenant_keep,
		PG_VALUES(event->subject, event->data_text,
			arena_printf(event->arena, "%lld", (long long)event->revision)));
	if (app->tenant_seed && strcmp(event->type, "aftercare.tenant.created.v1") == 0) {
		pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "seed"));
		app->tenant_seed(app, batch);
		pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
	}
	return FAULT_NONE;
}
