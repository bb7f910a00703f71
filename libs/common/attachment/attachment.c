#include "attachment.h"

#include "app.h"
#include "arena.h"
#include "attachment_sql.h"
#include "etag.h"
#include "job_sql.h"
#include "parts.h"
#include "place.h"
#include "query.h"
#include "secret.h"
#include "store.h"
#include "text.h"
#include "upload.h"

#include <stdlib.h>
#include <string.h>

#define MEDIA_UNKNOWN "application/octet-stream"
#define FILE_NAME     "^[^/\\\\" PATTERN_CONTROL "]*[^ /\\\\" PATTERN_CONTROL "][^/\\\\" PATTERN_CONTROL "]*$"

static const struct field attachment_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "owner_kind", FIELD_TEXT, REQUIRED | FIXED, .max = 40, .help = "What it hangs on.", .example = "\"asset\"" },
	{ "owner_id", FIELD_ID, READ_ONLY | NEVER_NULL | FROM_PATH | FILTER },
	{ "file_name", FIELD_TEXT, REQUIRED, .max = 255, .pattern = FILE_NAME, .help = "Without folders.",
		.example = "\"bucket.jpg\"" },
	{ "media_type", FIELD_TEXT, REQUIRED | FIXED, .max = MEDIA_TYPE_MAX, .pattern = MEDIA_TYPE,
		.example = "\"image/jpeg\"" },
	{ "size", FIELD_INTEGER, REQUIRED | FIXED, .min = 1, .max = ATTACHMENT_BYTES_MAX, .help = "Bytes." },
	{ "sha256", FIELD_TEXT, REQUIRED | FIXED, .max = 64, .help = "Digest of the bytes, in hexadecimal." },
	{ "visibility", FIELD_CHOICE, NEVER_NULL, .choices = "internal public", .fallback = "\"internal\"",
		.help = "The customer sees what is public; what he attaches is." },
	{ "taken_at", FIELD_TIME, 0, .help = "When the picture was taken." },
	{ "position", FIELD_OBJECT, 0, .fields = position_fields, .help = "Where; WGS 84, degrees." },
	{ "by", FIELD_TEXT, READ_ONLY | INTERNAL, .column = "a.by_subject" },
	{ "by_name", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct sort attachment_sorts[] = { { "created_at", "a.created_at", "timestamptz" }, { 0 } };

static const struct statement *const attachment_guards[] = { &sql_attachment_guard, NULL };
static const struct statement *const attachment_forgets[] = { &sql_attachment_guard, &sql_job_parts_forget, NULL };

const struct resource attachment = {
	.name = "attachment",
	.plural = "attachments",
	.table = "attachment",
	.alias = "a",
	.fields = attachment_fields,
	.sorts = attachment_sorts,
	.sees = { .portal = "a.visibility = 'public'", .callcenter = "a.visibility = 'public'" },
	.guards = attachment_guards,
	.forgets = attachment_forgets,
	.create = &sql_attachment_insert,
	.help = "A file that hangs on another row.",
};

/* What is said of a new one, in the query; the body is the file. */
static const struct field new_fields[] = {
	{ "id", FIELD_ID, 0, .help = "UUIDv7; the client may make it, for off-line work." },
	{ "file_name", FIELD_TEXT, EITHER, .max = 255, .pattern = FILE_NAME, .help = "The upload's when absent.",
		.example = "\"bucket.jpg\"" },
	{ "upload_id", FIELD_ID, EITHER, .help = "The upload that is the file; the body is then empty." },
	{ "visibility", FIELD_CHOICE, 0, .choices = "internal public", .help = "internal when absent." },
	{ "taken_at", FIELD_TIME, 0, .help = "When the picture was taken." },
	{ 0 },
};

/* The query as a body, checked like one. */
static enum fault new_read(struct request *request)
{
	json_t *body = json_keep(request->arena, json_object());

	for (const struct field *field = new_fields; field->name; field++) {
		const char *value = query_value(request->query, field->name);

		if (value)
			json_object_set_new(body, field->name, json_string(value));
	}
	request->json = body;
	return field_check(new_fields, body, FIELD_CREATE, &request->faults);
}

/* What the bytes of the body are. */
static enum fault body_read(struct request *request)
{
	static const struct field types[] = {
		{ "media_type", FIELD_TEXT, 0, .max = MEDIA_TYPE_MAX, .pattern = MEDIA_TYPE },
		{ 0 },
	};
	const char *media_type = request->header(request, "Content-Type");
	json_t *typed = json_keep(request->arena, json_object());
	unsigned char digest[SECRET_SHA256_BYTES];

	if (request->body_length == 0) {
		fault_add(&request->faults, "/upload_id", "required", "is required where the body is empty");
		return request_fail(request, FAULT_INVALID, "The file is empty: its bytes are the body, or an upload.");
	}
	media_type = media_type ? media_type : MEDIA_UNKNOWN;
	json_object_set_new(typed, "media_type", json_string(media_type));
	if (field_check(types, typed, FIELD_CHANGE, &request->faults))
		return request_fail(request, FAULT_INVALID, "Content-Type is no media type.");
	secret_sha256(request->body, request->body_length, digest);
	json_object_set_new(request->json, "media_type", json_string(media_type));
	json_object_set_new(request->json, "size", json_integer((json_int_t)request->body_length));
	json_object_set_new(request->json, "sha256", json_string(text_hex(request->arena, digest, sizeof(digest))));
	return FAULT_NONE;
}

static enum fault new_check(struct request *request)
{
	enum fault fault = new_read(request);

	if (fault)
		return fault;
	if (!json_object_get(request->json, "upload_id"))
		return body_read(request);
	if (request->body_length == 0)
		return FAULT_NONE;
	fault_add(&request->faults, "/upload_id", "conflict", "does not go with a body");
	return request_fail(request, FAULT_INVALID, "The file is the body or an upload, not both.");
}

static void new_complete(struct request *request)
{
	const struct store *parent = request->endpoint->parent;
	bool visible = request->sight == SIGHT_PORTAL; /* a customer sees what he sent */

	json_object_set_new(request->json, "owner_kind", json_string(parent->resource->name));
	json_object_set_new(request->json, "owner_id", json_string(request->parameters[0]));
	if (visible || !json_object_get(request->json, "visibility"))
		json_object_set_new(request->json, "visibility", json_string(visible ? "public" : "internal"));
}

/*
 * Holds the row: who removes it finds the file, or this finds it gone; and no two take its last room. Nothing of it changes,
 * so that its revision stays.
 */
static void owner_lock(struct request *request, struct pg_batch *batch, const struct store *parent, const char *owner)
{
	const char *sql = arena_printf(request->arena, "select t.id from %s t where t.id = $1::uuid for no key update",
		parent->resource->table);

	pg_add_text(batch, sql, PG_VALUES(owner));
}

static enum fault attachment_create(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const struct store *parent = request->endpoint->parent;
	const struct upload_target *target = request->endpoint->route.context;
	const char *owner = request->parameters[0];
	struct pg_batch *batch;
	const char *taken;
	const char *location;
	const char *id;
	enum fault fault = new_check(request);

	if (fault)
		return fault;
	taken = json_string_at(request->json, "upload_id");
	id = store_new_id(request, request->json);
	location = store_location(request, id);
	new_complete(request);
	batch = request_batch(request);
	store_add_claim(request, batch);
	owner_lock(request, batch, parent, owner);
	pg_add(batch, &parent->guard[request->sight], PG_VALUES(owner));
	pg_add(batch, &sql_attachment_room, PG_VALUES(owner, arena_printf(request->arena, "%d", ATTACHMENTS_MAX)));
	if (taken)
		upload_add_use_guard(batch, taken, target->name);
	store_add_rows(request, batch, store, &(struct new_row){ id, request->json }, 1);
	if (taken)
		upload_add_use(batch, taken, id);
	else
		part_add(request->arena, batch, id, 1, request->body, request->body_length);
	store_add_answer(request, batch, store, id, 201, location);
	return store_answer(request, batch, store, store_add_get(request, batch, store, id), 201, location);
}

static enum fault attachment_content_get(struct request *request)
{
	const struct endpoint *endpoint = request->endpoint;
	const char *id = request->parameters[1];
	struct pg_batch *batch = request_batch(request);
	const char *etag;
	size_t index;
	enum fault fault;

	pg_add(batch, &endpoint->parent->guard[request->sight], PG_VALUES(request->parameters[0]));
	pg_add(batch, &endpoint->store->below, PG_VALUES(id, request->parameters[0]));
	pg_add(batch, &endpoint->store->guard[request->sight], PG_VALUES(id));
	index = pg_add(batch, &sql_attachment_content, PG_VALUES(id));
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	etag = arena_printf(request->arena, "\"%s\"", pg_value(batch, index, 2));
	response_header(request, "ETag", etag);
	response_file(request, pg_value(batch, index, 1), pg_value(batch, index, 0), false);
	if (request->if_none_match && etags_name(request->if_none_match, etag))
		request->response.status = 304;
	else
		parts_send(request, id, atoi(pg_value(batch, index, 3)));
	return FAULT_NONE;
}

void attachments_add_erase(const struct app *app, struct pg_batch *batch)
{
	pg_add(batch, &sql_attachments_erase, 0, NULL);
	store_add_records(batch, store_find(app, &attachment), NULL, "attachment.removed");
	pg_add(batch, &sql_attachments_erased, 0, NULL);
}

/* The routes below one collection. */
static size_t routes_add(struct arena *arena, struct route *routes, const struct route *owner)
{
	struct upload_target *target = arena_alloc(arena, sizeof(*target));
	const char *words = text_words(arena, owner->resource->name);
	const char *path = arena_printf(arena, "%s/{id}/attachments", owner->path);
	const struct route below = { .resource = &attachment, .read = owner->read, .via = "owner_id" };

	*target = (struct upload_target){ arena_printf(arena, "%s/attachments", route_collection(owner)),
		ATTACHMENT_BYTES_MAX };
	routes[0] = routes[1] = routes[2] = below;
	routes[0].kind = STORE;
	routes[0].path = path;
	routes[0].write = owner->attaches;
	routes[0].flags = NO_CREATE | NO_BULK;
	routes[1].method = METHOD_POST;
	routes[1].path = path;
	routes[1].handle = attachment_create;
	routes[1].write = owner->attaches;
	routes[1].query = new_fields;
	routes[1].flags = RAW_BODY | BODY_OPTIONAL | TAKES_UPLOADS;
	routes[1].context = target;
	routes[1].status = 201;
	routes[1].summary = arena_printf(arena, "Attach a file to one %s", words);
	routes[1].help = arena_printf(arena,
		"The body is the file, its Content-Type what it is. One that is larger than a request goes up first: "
		"announce it for %s, then name it by upload_id.",
		target->name);
	routes[2].path = arena_printf(arena, "%s/{attachment_id}/content", path);
	routes[2].handle = attachment_content_get;
	routes[2].write = owner->read;
	routes[2].media = ANY_MEDIA;
	routes[2].summary = arena_printf(arena, "Get a file attached to one %s", words);
	routes[2].help = "Its bytes as they came, of the media type that it came with.";
	return 3;
}

const struct route *attachment_routes(struct arena *arena, const struct route *const tables[])
{
	struct route *routes;
	size_t count = 0;

	for (size_t i = 0; tables[i]; i++)
		for (const struct route *route = tables[i]; route->path; route++)
			count += route->attaches ? 3 : 0;
	routes = arena_array(arena, count + 1, sizeof(*routes));
	count = 0;
	for (size_t i = 0; tables[i]; i++)
		for (const struct route *route = tables[i]; route->path; route++)
			if (route->attaches)
				count += routes_add(arena, routes + count, route);
	return routes;
}
