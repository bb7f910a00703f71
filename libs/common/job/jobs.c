#include "jobs.h"

#include "api_sql.h"
#include "app.h"
#include "arena.h"
#include "caller.h"
#include "clock.h"
#include "job.h"
#include "job_sql.h"
#include "log.h"
#include "query.h"
#include "text.h"
#include "uuid.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>

#define JOB_UNREADABLE "What was kept of it can't be read."
#define JOB_BROKE_OFF  "Again and again its work broke off, and came no further."

/* Columns of job_claim. */
enum claim_column {
	CLAIM_TENANT,
	CLAIM_ID,
	CLAIM_KIND,
	CLAIM_COLLECTION,
	CLAIM_PARAMETERS,
	CLAIM_CALLER,
	CLAIM_PLACE,
	CLAIM_DONE,
	CLAIM_ERRORS,
	CLAIM_OUTCOME,
	CLAIM_ATTEMPTS,
	CLAIM_ERRORS_CUT,
	CLAIM_TITLE,
};

struct jobs {
	struct arena *arena;
	struct app app; /* the service's, with a pool of our own: a long job takes no connection from requests */
	const struct job_kind *kinds;
	struct worker *worker;
	bool failing; /* told in the log already */
};

void job_next_batch(struct job_work *work)
{
	arena_reset(work->request.arena);
	work->request.faults = (struct fault_list){ .arena = work->request.arena };
	work->request.detail = NULL;
	work->request.free_fields = NULL;
}

bool job_turn_over(struct job_work *work)
{
	return clock_monotonic() >= work->until || worker_stopping(work->worker);
}

void job_add_move(struct job_work *work, struct pg_batch *batch)
{
	struct arena *arena = work->request.arena;

	pg_add(batch, &sql_job_move,
		PG_VALUES(work->id, work->claim, json_write(arena, work->place),
			arena_printf(arena, "%lld", (long long)work->done),
			arena_printf(arena, "%lld", (long long)work->errors),
			work->outcome ? json_write(arena, work->outcome) : NULL, work->errors_cut ? "true" : "false",
			arena_printf(arena, "%d", JOB_LEASE_SECONDS), work->total));
}

static const char *text_column(struct job_work *work, const PGresult *row, int column)
{
	return PQgetisnull(row, 0, column) ? NULL : arena_strdup(work->arena, PQgetvalue(row, 0, column));
}

static void work_open(struct jobs *jobs, struct job_work *work, const PGresult *row, const char *claim)
{
	*work = (struct job_work){
		.arena = worker_arena(jobs->worker),
		.worker = jobs->worker,
		.claim = claim,
		.until = clock_monotonic() + JOB_TURN_MS,
		.done = atoll(PQgetvalue(row, 0, CLAIM_DONE)),
		.errors = atoll(PQgetvalue(row, 0, CLAIM_ERRORS)),
		.errors_cut = PQgetvalue(row, 0, CLAIM_ERRORS_CUT)[0] == 't',
	};
	request_open(&work->request, &jobs->app, arena_new());
	work->tenant = text_column(work, row, CLAIM_TENANT);
	work->id = text_column(work, row, CLAIM_ID);
	work->collection = text_column(work, row, CLAIM_COLLECTION);
	work->title = text_column(work, row, CLAIM_TITLE);
	work->parameters = pg_json(work->arena, row, 0, CLAIM_PARAMETERS);
	work->place = pg_json(work->arena, row, 0, CLAIM_PLACE);
	work->outcome = pg_json(work->arena, row, 0, CLAIM_OUTCOME);
	if (!work->place)
		work->place = json_keep(work->arena, json_object());
	caller_restore(&work->request, work->arena, pg_json(work->arena, row, 0, CLAIM_CALLER));
	job_next_batch(work);
}

static const struct job_kind *kind_find(const struct jobs *jobs, const char *name)
{
	const struct job_kind *kind = jobs->kinds;

	while (kind->name && strcmp(kind->name, name) != 0)
		kind++;
	return kind->name ? kind : NULL;
}

static enum fault turn_run(struct jobs *jobs, struct job_work *work, const char *kind_name, int attempts, bool *ended)
{
	const struct job_kind *kind = kind_find(jobs, kind_name);
	enum fault fault;

	if (!kind || !text_same(work->request.caller.tenant, work->tenant))
		return request_fail(&work->request, FAULT_INTERNAL, JOB_UNREADABLE);
	if (attempts > JOB_ATTEMPTS_MAX)
		return request_fail(&work->request, FAULT_INTERNAL, JOB_BROKE_OFF);
	fault = jobs->app.tenant_find(&jobs->app, work->request.caller.tenant, &work->request.tenant);
	return fault ? fault : kind->run(work, ended);
}

/* What PostgreSQL says of the end of a turn is only logged: the claim runs out, and another turn will tell. */
static void conclude(struct jobs *jobs, const struct job_work *work, const struct statement *statement, int count,
	const char *const values[])
{
	struct pg_batch *batch = pg_batch_new(worker_arena(jobs->worker));
	struct pg_error error = { 0 };
	enum fault fault;

	pg_add(batch, statement, count, values);
	fault = worker_execute(jobs->worker, batch, &error);
	if (fault)
		log_write(LOG_WARNING, "the end of a job's turn can't be kept", "id", work->id, "detail", error.message,
			NULL);
}

static void release(struct jobs *jobs, const struct job_work *work, int wait_ms, int failed)
{
	struct arena *arena = worker_arena(jobs->worker);

	conclude(jobs, work, &sql_job_release,
		PG_VALUES(work->tenant, work->id, work->claim, arena_printf(arena, "%d", wait_ms),
			arena_printf(arena, "%d", failed)));
}

static void end(struct jobs *jobs, const struct job_work *work, const char *state, const char *detail)
{
	conclude(jobs, work, &sql_job_end,
		PG_VALUES(work->tenant, work->id, work->claim, state, detail,
			arena_printf(worker_arena(jobs->worker), "%d", JOB_KEPT_DAYS), JOB_TIMER));
}

static int retry_ms(int attempts)
{
	int wait_ms = JOB_RETRY_MS;

	while (attempts-- > 0 && wait_ms < JOB_RETRY_MAX_MS)
		wait_ms *= 2;
	return wait_ms < JOB_RETRY_MAX_MS ? wait_ms : JOB_RETRY_MAX_MS;
}

static void turn_end(struct jobs *jobs, struct job_work *work, enum fault fault, bool ended, int attempts)
{
	struct request *request = &work->request;
	bool busy = fault == FAULT_BUSY && attempts < JOB_ATTEMPTS_MAX;

	if (fault == FAULT_REPLAY)
		return; /* cancelled, or another worker's */
	if (fault)
		log_write(LOG_WARNING, "a job did not go on", "id", work->id, "detail",
			request->detail ? request->detail : fault_kind(fault)->title, NULL);
	if (busy || fault == FAULT_UNAVAILABLE)
		release(jobs, work, retry_ms(attempts), busy);
	else if (fault) {
		problem_translate(request);
		end(jobs, work, "failed", request->detail ? request->detail : problem_title(request, fault));
	} else if (ended)
		end(jobs, work, "done", NULL);
	else
		release(jobs, work, 0, 0);
}

/* The next job that waits for a turn, or NULL. */
static const PGresult *claim_next(struct jobs *jobs, const char *claim)
{
	struct arena *arena = worker_arena(jobs->worker);
	struct pg_batch *batch = pg_batch_new(arena);
	size_t index = pg_add(batch, &sql_job_claim, PG_VALUES(claim, arena_printf(arena, "%d", JOB_LEASE_SECONDS)));
	struct pg_error error = { 0 };
	bool failed = worker_execute(jobs->worker, batch, &error) != FAULT_NONE;

	if (failed && !jobs->failing)
		log_write(LOG_WARNING, "jobs wait", "why", error.message, NULL);
	jobs->failing = failed;
	return failed || PQntuples(pg_result(batch, index)) == 0 ? NULL : pg_result(batch, index);
}

static int step(void *context, struct worker *worker)
{
	struct jobs *jobs = context;
	struct uuid made = uuid_new();
	const char *claim = arena_strdup(worker_arena(worker), made.text);
	const PGresult *row = claim_next(jobs, claim);
	struct job_work work;
	bool ended = false;
	int attempts;
	enum fault fault;

	if (!row)
		return JOB_POLL_MS;
	attempts = atoi(PQgetvalue(row, 0, CLAIM_ATTEMPTS));
	work_open(jobs, &work, row, claim);
	fault = turn_run(jobs, &work, PQgetvalue(row, 0, CLAIM_KIND), attempts, &ended);
	turn_end(jobs, &work, fault, ended, attempts);
	jobs->app.changed(&jobs->app);
	arena_free(work.request.arena);
	return 0;
}

struct jobs *jobs_start(struct app *app, const struct pg_options *runtime, const struct pg_options *worker,
	const struct job_kind *kinds)
{
	struct arena *arena = arena_new();
	struct jobs *jobs = arena_alloc(arena, sizeof(*jobs));
	struct pg_options own = *runtime;
	const struct worker_options options = {
		.name = "jobs",
		.service = app->service,
		.database = *worker,
		.step = step,
		.context = jobs,
	};

	own.size = 1;
	jobs->arena = arena;
	jobs->app = *app;
	jobs->app.pool = pg_pool_new(&own);
	jobs->kinds = kinds;
	jobs->worker = worker_new(&options);
	worker_start(jobs->worker);
	return jobs;
}

void jobs_wake(struct jobs *jobs)
{
	worker_wake(jobs->worker);
}

void jobs_stop(struct jobs *jobs)
{
	if (!jobs)
		return;
	worker_stop(jobs->worker);
	pg_pool_free(jobs->app.pool);
	arena_free(jobs->arena);
}
