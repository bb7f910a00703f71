#include "snapshots.h"

#include "api_sql.h"
#include "arena.h"
#include "log.h"
#include "run.h"
#include "service_sql.h"
#include "store.h"
#include "text.h"
#include "worker.h"

#include <string.h>

#define CHOICES_MAX ((size_t)4 * 1024)

struct snapshots {
	struct arena *arena;
	struct app *app;
	struct worker *worker;
	int failures; /* in a row */
};

/* A job as it stands. */
struct job {
	const char *tenant;
	const char *id;
	const char *wanted;   /* names, each between commas; NULL: all */
	const char *resource; /* at work, or NULL: not begun */
	const char *after;    /* last id sent, or NULL */
	const char *actor;
};

static const struct field snapshot_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED },
	{ "resources", FIELD_TEXTS, FIXED, .max = 100, .help = "What to replay; everything when absent." },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "running done failed" },
	{ "resource", FIELD_TEXT, READ_ONLY, .help = "At work now." },
	{ "done", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Events made so far." },
	{ "error", FIELD_TEXT, READ_ONLY },
	{ "requested_by", FIELD_TEXT, READ_ONLY },
	{ "finished_at", FIELD_TIME, READ_ONLY },
	{ 0 },
};

static const struct sort snapshot_sorts[] = {
	{ "created_at", "s.created_at", "timestamptz" },
	{ 0 },
};

const struct resource *snapshot_resource(struct arena *arena, const struct service *service)
{
	struct resource *resource = arena_alloc(arena, sizeof(*resource));
	struct field *fields =
		arena_array(arena, sizeof(snapshot_fields) / sizeof(snapshot_fields[0]), sizeof(*fields));
	struct text choices = text_new(arena, CHOICES_MAX);

	for (const struct resource *const *own = service_own_resources(arena, service); *own; own++)
		if (!(*own)->read_only)
			text_addf(&choices, "%s%s", choices.length ? " " : "", (*own)->name);
	if (service->settings)
		text_addf(&choices, "%ssettings", choices.length ? " " : "");
	memcpy(fields, snapshot_fields, sizeof(snapshot_fields));
	for (struct field *field = fields; field->name; field++)
		if (strcmp(field->name, "resources") == 0)
			field->choices = text_c(&choices);
	*resource = (struct resource){
		.name = "snapshot",
		.plural = "snapshots",
		.schema = arena_printf(arena, "%s_snapshot", service->name),
		.table = "snapshot",
		.alias = "s",
		.rows = &sql_snapshot_rows,
		.fields = fields,
		.sorts = snapshot_sorts,
		.descending = true,
		.sees = { .technician = "false", .portal = "false", .callcenter = "false" },
		.help = "A replay of the present state as events.",
	};
	return resource;
}

static bool replayed(const struct store *store, const struct job *job, struct arena *arena)
{
	const struct resource *resource = store->resource;

	if (resource->read_only || strcmp(resource->name, "snapshot") == 0)
		return false;
	return !job->wanted || strstr(job->wanted, arena_printf(arena, ",%s,", resource->name));
}

/* The store at work, or the first; after it when `next`. NULL: there is none. */
static const struct store *store_at(const struct snapshots *snapshots, const struct job *job, bool next)
{
	const struct store *store = snapshots->app->stores;

	while (job->resource && store->resource && strcmp(store->resource->name, job->resource) != 0)
		store++;
	if (next && store->resource)
		store++;
	while (store->resource && !replayed(store, job, worker_arena(snapshots->worker)))
		store++;
	return store->resource ? store : NULL;
}

/* The next ids of a resource, in order. */
static enum fault ids_read(struct snapshots *snapshots, const struct job *job, const struct store *store,
	const PGresult **ids, struct pg_error *error)
{
	struct arena *arena = worker_arena(snapshots->worker);
	struct pg_batch *batch = pg_batch_new(arena);
	const char *sql = arena_printf(arena,
		"select t.id from %s t where t.id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by t.id "
		"limit %d",
		store->resource->table, SNAPSHOT_PIECE);
	enum fault fault;
	size_t index;

	pg_add(batch, &sql_snapshot_tenant, PG_VALUES(job->tenant));
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(snapshots->app->service, job->actor));
	index = pg_add_text(batch, sql, 1, (const char *const[]){ job->after });
	fault = worker_execute(snapshots->worker, batch, error);
	if (!fault)
		*ids = pg_result(batch, index);
	return fault;
}

/* Moves the job on and records its rows, in one transaction. */
static enum fault piece_write(struct snapshots *snapshots, const struct job *job, const struct store *store,
	const PGresult *ids, struct pg_error *error)
{
	struct arena *arena = worker_arena(snapshots->worker);
	struct pg_batch *batch = pg_batch_new(arena);
	const char *event = arena_printf(arena, "%s.snapshot", store->resource->name);
	int count = PQntuples(ids);

	pg_add(batch, &sql_snapshot_tenant, PG_VALUES(job->tenant));
	pg_add(batch, &sql_snapshot_move,
		PG_VALUES(job->tenant, job->id, job->resource, job->after, store->resource->name,
			PQgetvalue(ids, count - 1, 0), arena_printf(arena, "%d", count)));
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(snapshots->app->service, job->actor));
	for (int row = 0; row < count; row++) {
		pg_add(batch, &store->lock, PG_VALUES(PQgetvalue(ids, row, 0)));
		store_add_record(batch, store, PQgetvalue(ids, row, 0), event);
	}
	return worker_execute(snapshots->worker, batch, error);
}

/* Goes to the next resource, or ends the job. */
static enum fault resource_end(struct snapshots *snapshots, const struct job *job, struct pg_error *error)
{
	const struct store *next = store_at(snapshots, job, true);
	struct pg_batch *batch = pg_batch_new(worker_arena(snapshots->worker));

	if (next)
		pg_add(batch, &sql_snapshot_move,
			PG_VALUES(job->tenant, job->id, job->resource, job->after, next->resource->name, NULL, "0"));
	else
		pg_add(batch, &sql_snapshot_end, PG_VALUES(job->tenant, job->id, "done", NULL));
	return worker_execute(snapshots->worker, batch, error);
}

static enum fault job_advance(struct snapshots *snapshots, struct job *job, struct pg_error *error)
{
	const struct store *store = store_at(snapshots, job, false);
	const PGresult *ids = NULL;
	enum fault fault = store ? ids_read(snapshots, job, store, &ids, error) : FAULT_NONE;

	if (fault)
		return fault;
	if (store && PQntuples(ids))
		return piece_write(snapshots, job, store, ids, error);
	if (store && !job->resource) { /* the first resource is empty: begin it, so that it has a next one */
		struct pg_batch *batch = pg_batch_new(worker_arena(snapshots->worker));

		pg_add(batch, &sql_snapshot_move,
			PG_VALUES(job->tenant, job->id, NULL, NULL, store->resource->name, NULL, "0"));
		return worker_execute(snapshots->worker, batch, error);
	}
	return resource_end(snapshots, job, error);
}

/* A piece that fails again and again ends its job, so that others get their turn. */
static int failed(struct snapshots *snapshots, const struct job *job, enum fault fault, const struct pg_error *error)
{
	struct pg_batch *batch = pg_batch_new(worker_arena(snapshots->worker));
	const char *message = error->message ? error->message : "";
	struct pg_error again;

	if (fault == FAULT_REPLAY) /* another replica moved it on */
		return 0;
	log_write(LOG_WARNING, "a snapshot waits", "id", job->id, "sqlstate", error->sqlstate, "detail", message, NULL);
	if (fault == FAULT_UNAVAILABLE || ++snapshots->failures < SNAPSHOT_TRIES)
		return SNAPSHOT_POLL_MS;
	snapshots->failures = 0;
	pg_add(batch, &sql_snapshot_end,
		PG_VALUES(job->tenant, job->id, "failed", "It could not be written; see the log."));
	if (worker_execute(snapshots->worker, batch, &again))
		log_write(LOG_ERROR, "a snapshot can't be ended", "id", job->id, "detail", again.message, NULL);
	return SNAPSHOT_POLL_MS;
}

static int step(void *context, struct worker *worker)
{
	struct snapshots *snapshots = context;
	struct pg_batch *batch = pg_batch_new(worker_arena(worker));
	size_t index = pg_add(batch, &sql_snapshot_next, 0, NULL);
	struct pg_error error = { 0 };
	enum fault fault = worker_execute(worker, batch, &error);
	struct job job;

	if (fault && fault != FAULT_UNAVAILABLE) /* which the relay tells */
		log_write(LOG_ERROR, "snapshots can't be looked for", "sqlstate", error.sqlstate, "detail",
			error.message, NULL);
	if (fault || PQntuples(pg_result(batch, index)) == 0)
		return SNAPSHOT_POLL_MS;
	job = (struct job){ pg_value(batch, index, 0), pg_value(batch, index, 1), pg_value(batch, index, 2),
		pg_value(batch, index, 3), pg_value(batch, index, 4), pg_value(batch, index, 5) };
	fault = job_advance(snapshots, &job, &error);
	if (fault)
		return failed(snapshots, &job, fault, &error);
	snapshots->failures = 0;
	snapshots->app->changed(snapshots->app);
	return 0;
}

struct snapshots *snapshots_start(struct app *app, const struct pg_options *database)
{
	struct arena *arena = arena_new();
	struct snapshots *snapshots = arena_alloc(arena, sizeof(*snapshots));
	const struct worker_options worker = {
		.name = "snapshots",
		.service = app->service,
		.database = *database,
		.step = step,
		.context = snapshots,
	};

	snapshots->arena = arena;
	snapshots->app = app;
	snapshots->worker = worker_new(&worker);
	worker_start(snapshots->worker);
	return snapshots;
}

void snapshots_stop(struct snapshots *snapshots)
{
	if (!snapshots)
		return;
	worker_stop(snapshots->worker);
	arena_free(snapshots->arena);
}
