#include "job.h"

#include "api_sql.h"
#include "arena.h"
#include "caller.h"
#include "job_sql.h"
#include "jobs.h"
#include "parts.h"
#include "resource_sql.h"
#include "route.h"
#include "text.h"
#include "uuid.h"

#include <stdlib.h>
#include <string.h>

static const struct field outcome_fields[] = {
	{ "created", FIELD_INTEGER, READ_ONLY },
	{ "changed", FIELD_INTEGER, READ_ONLY },
	{ "unchanged", FIELD_INTEGER, READ_ONLY },
	{ "failed", FIELD_INTEGER, READ_ONLY },
	{ 0 },
};

static const struct field result_fields[] = {
	{ "href", FIELD_TEXT, READ_ONLY, .help = "Where to get it.",
		.example = "\"/v1/jobs/0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00/result\"" },
	{ "media_type", FIELD_TEXT, READ_ONLY, .example = "\"application/pdf\"" },
	{ "file_name", FIELD_TEXT, READ_ONLY, .example = "\"calls.pdf\"" },
	{ "size", FIELD_INTEGER, READ_ONLY, .help = "Bytes." },
	{ 0 },
};

static const struct field job_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL, .help = "Tells the service too: /v1/jobs is of all of them." },
	{ "version", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Rises as it goes on; the ETag." },
	{ "created_at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER },
	{ "updated_at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER },
	{ "kind", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "import print" },
	{ "collection", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "What it is about: the path behind /v1/.",
		.example = "\"customers\"" },
	{ "title", FIELD_TEXT, READ_ONLY, .help = "Of a print; an import has its file's name." },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "queued running done failed cancelled" },
	{ "done", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Lines or rows behind it." },
	{ "total", FIELD_INTEGER, READ_ONLY, .help = "All of them, once that is known." },
	{ "errors", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Lines that failed: see …/errors." },
	{ "errors_cut", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "There are more errors than …/errors tells." },
	{ "outcome", FIELD_OBJECT, READ_ONLY, .fields = outcome_fields,
		.help = "Of an import: lines by what became of them." },
	{ "detail", FIELD_TEXT, READ_ONLY, .help = "Why it failed." },
	{ "result", FIELD_OBJECT, READ_ONLY, .fields = result_fields, .help = "What it made." },
	{ "requested_by", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .help = "Subject of who asked." },
	{ "requested_name", FIELD_TEXT, READ_ONLY },
	{ "started_at", FIELD_TIME, READ_ONLY },
	{ "finished_at", FIELD_TIME, READ_ONLY },
	{ "expires_at", FIELD_TIME, READ_ONLY, .help = "It goes then, with its errors and its result." },
	{ 0 },
};

static const struct sort job_sorts[] = {
	{ "created_at", "j.created_at", "timestamptz" },
	{ 0 },
};

const struct resource job = {
	.name = "job",
	.plural = "jobs",
	.table = "job",
	.alias = "j",
	.rows = &sql_job_rows,
	.fields = job_fields,
	.sorts = job_sorts,
	.descending = true,
	.read_only = true,
	.revision = "1",
	.help = "Work in the background. Shown to who asked for it, and to managers and administrators.",
};

static const struct field job_error_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "job_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "line", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "As an editor counts; where the record begins.",
		.example = "17" },
	{ "pointer", FIELD_TEXT, READ_ONLY, .help = "JSON pointer into the line.", .example = "\"/name\"" },
	{ "code", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "The rule it breaks.", .example = "\"required\"" },
	{ "detail", FIELD_TEXT, READ_ONLY, .example = "\"is required\"" },
	{ 0 },
};

static const struct sort job_error_sorts[] = {
	{ "line", "e.line", "bigint" },
	{ 0 },
};

const struct resource job_error = {
	.name = "job_error",
	.plural = "job_errors",
	.table = "job_error",
	.alias = "e",
	.rows = &sql_job_error_rows,
	.fields = job_error_fields,
	.sorts = job_error_sorts,
	.read_only = true,
	.revision = "1",
	.help = "What a line of a job breaks.",
};

const char *job_new_id(struct request *request)
{
	struct uuid made = uuid_new_of(request->app->service);

	return arena_strdup(request->arena, made.text);
}

void job_add_room(struct request *request, struct pg_batch *batch)
{
	pg_add(batch, &sql_job_room, PG_VALUES(arena_printf(request->arena, "%d", JOBS_OPEN_MAX)));
}

void job_add(struct request *request, struct pg_batch *batch, const char *id, const struct job_new *new)
{
	job_add_room(request, batch);
	pg_add(batch, &sql_job_insert,
		PG_VALUES(id, new->kind, new->collection, new->title, new->parameters, caller_keep(request)));
}

enum fault job_answer(struct request *request, struct pg_batch *batch, const char *id)
{
	const struct store *store = store_find(request->app, &job);
	const char *location = arena_printf(request->arena, "/v1/jobs/%s", id);
	enum fault fault;

	store_add_answer(request, batch, store, id, 202, location);
	fault = store_answer(request, batch, store, store_add_get(request, batch, store, id), 202, location);
	if (!fault && request->app->jobs)
		jobs_wake(request->app->jobs);
	return fault;
}

enum fault job_cancel(struct request *request)
{
	const char *days = arena_printf(request->arena, "%d", JOB_KEPT_DAYS);
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = request_batch(request);
	enum fault fault;

	store_add_claim(request, batch);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &sql_job_cancel, PG_VALUES(id, days));
	pg_add(batch, &sql_job_parts_forget, PG_VALUES(id));
	pg_add(batch, &sql_job_expire_later, PG_VALUES(id, JOB_TIMER, days));
	store_add_answer(request, batch, store, id, 200, NULL);
	fault = store_answer(request, batch, store, store_add_get(request, batch, store, id), 200, NULL);
	if (fault == FAULT_TRANSITION)
		request->possible_actions = "[]"; /* it has ended */
	return fault;
}

enum fault job_result_get(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request->parameters[0];
	struct pg_batch *batch = request_batch(request);
	enum fault fault;
	size_t index;

	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	index = pg_add(batch, &sql_job_result, PG_VALUES(id));
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	if (!pg_value(batch, index, 0))
		return request_fail(request, FAULT_NOT_FOUND, "The job has no result.");
	response_file(request, pg_value(batch, index, 0), pg_value(batch, index, 1), true);
	parts_send(request, id, atoi(pg_value(batch, index, 2)));
	return FAULT_NONE;
}
