#include "job_routes.h"

#include "api_sql.h"
#include "arena.h"
#include "import.h"
#include "job.h"
#include "job_sql.h"
#include "list_print.h"
#include "text.h"
#include "upload.h"

#include <string.h>

#define PRINT_NAMES_MAX ((size_t)4 * 1024) /* bytes of the names of a resource's fields */

const struct resource *const job_resources[] = { &upload, &job, &job_error, NULL };

const struct job_kind job_kinds[] = {
	{ "import", import_run },
	{ "print", list_print_run },
	{ 0 },
};

static enum fault job_expired(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	(void)problem;
	pg_add(batch, &sql_job_expire, PG_VALUES(timer->tenant, timer->subject));
	pg_add(batch, &sql_parts_expire, PG_VALUES(timer->tenant, timer->subject));
	return FAULT_NONE;
}

static enum fault upload_expired(const struct timer *timer, struct pg_batch *batch, const char **problem)
{
	(void)problem;
	pg_add(batch, &sql_upload_expire, PG_VALUES(timer->tenant, timer->subject));
	pg_add(batch, &sql_parts_expire, PG_VALUES(timer->tenant, timer->subject));
	return FAULT_NONE;
}

const struct timer_handler job_timers[] = {
	{ JOB_TIMER, job_expired },
	{ UPLOAD_TIMER, upload_expired },
	{ 0 },
};

/* clang-format off */
static const struct route own_routes[] = {
	{ STORE, .path = "/v1/uploads", .resource = &upload, .flags = SHARED },
	{ .method = METHOD_POST, .path = "/v1/uploads", .resource = &upload, .handle = upload_create, .body = upload_fields,
		.flags = SHARED, .status = 201, .summary = "Announce a file",
		.help = "Its bytes follow in parts; it is made where the collection is that it is for." },
	{ .method = METHOD_PUT, .path = "/v1/uploads/{id}/parts/{number}", .resource = &upload, .handle = upload_part_put,
		.flags = SHARED | RAW_BODY, .summary = "Send a part",
		.help = "The bytes as they are. Sent again it changes nothing. With Content-Digest (RFC 9530, sha-256) a part that was "
			"damaged on its way is refused. The last part completes the upload." },
	{ .method = METHOD_DELETE, .path = "/v1/uploads/{id}", .resource = &upload, .handle = upload_remove,
		.flags = SHARED | NEEDS_MATCH, .status = 204, .summary = "Remove an upload" },
	{ STORE, .path = "/v1/jobs", .resource = &job, .flags = SHARED },
	{ LIST, .path = "/v1/jobs/{id}/errors", .resource = &job_error, .via = "job_id", .flags = SHARED,
		.summary = "List what lines of a job break" },
	{ .path = "/v1/jobs/{id}/result", .resource = &job, .handle = job_result_get, .flags = SHARED,
		.media = "application/pdf", .summary = "Get what a job made" },
	{ .method = METHOD_POST, .path = "/v1/jobs/{id}/actions/cancel", .resource = &job, .handle = job_cancel, .flags = SHARED,
		.summary = "Stop a job", .help = "What it did until now stays." },
};
/* clang-format on */

#define OWN_ROUTES (sizeof(own_routes) / sizeof(own_routes[0]))

static bool takes_many(const struct route *route)
{
	return route->kind == STORE && !strchr(route->path, '{') && !route->resource->read_only &&
		!(route->flags & (NO_CREATE | NO_BULK));
}

static struct route import_route(struct arena *arena, const struct route *store)
{
	return (struct route){
		.method = METHOD_POST,
		.path = arena_printf(arena, "%s/imports", store->path),
		.resource = &job,
		.handle = import_create,
		.write = store->bulk ? store->bulk : store->write,
		.body = import_fields,
		.context = route_collection(store),
		.status = 202,
		.summary = arena_printf(arena, "Import %s from an upload", text_words(arena, store->resource->plural)),
		.help = "Lines as those of bulk: one that names a row changes it, good lines land, bad ones are told in the job's "
			"errors.",
	};
}

static bool is_list(const struct route *route)
{
	return (route->kind == STORE || route->kind == LIST) && !strchr(route->path, '{') && !(route->flags & SHARED);
}

/* The one parameter that a print can't do without; the rest are the list's. */
static const struct field *print_query(struct arena *arena, const struct resource *resource)
{
	struct text names = text_new(arena, PRINT_NAMES_MAX);
	struct field *query = arena_array(arena, 2, sizeof(*query));

	for (const struct field *field = resource->fields; field->name; field++)
		if (!(field->flags & WRITE_ONLY))
			text_addf(&names, "%s%s", names.length ? " " : "", field->name);
	query[0] = (struct field){ "fields", FIELD_TEXTS, REQUIRED, .choices = text_c(&names), .help = "The columns." };
	query[1] = (struct field){ 0 };
	return query;
}

static struct route print_route(struct arena *arena, const struct route *list)
{
	return (struct route){
		.method = METHOD_POST,
		.path = arena_printf(arena, "%s/prints", list->path),
		.resource = &job,
		.handle = list_print_create,
		.write = list->read,
		.flags = LISTS | BODY_OPTIONAL,
		.body = list_print_fields,
		.query = print_query(arena, list->resource),
		.context = route_collection(list),
		.status = 202,
		.summary = arena_printf(arena, "Print %s as PDF", text_words(arena, list->resource->plural)),
		.help = arena_printf(arena,
			"Takes the query of GET %s: its filters, q and sort say which rows, fields which columns and in which "
			"order. The job's result is the PDF.",
			list->path),
	};
}

const struct route *job_routes(struct arena *arena, const struct route *const tables[])
{
	size_t count = OWN_ROUTES;
	struct route *routes;

	for (size_t i = 0; tables[i]; i++)
		for (const struct route *route = tables[i]; route->path; route++)
			count += (size_t)takes_many(route) + is_list(route);
	routes = arena_array(arena, count + 1, sizeof(*routes));
	memcpy(routes, own_routes, sizeof(own_routes));
	count = OWN_ROUTES;
	for (size_t i = 0; tables[i]; i++) {
		for (const struct route *route = tables[i]; route->path; route++) {
			if (takes_many(route))
				routes[count++] = import_route(arena, route);
			if (is_list(route))
				routes[count++] = print_route(arena, route);
		}
	}
	return routes;
}
