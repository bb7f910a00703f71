#include "upload.h"

#include "app.h"
#include "arena.h"
#include "bulk.h"
#include "job_sql.h"
#include "parts.h"
#include "records.h"
#include "resource_sql.h"
#include "route.h"
#include "secret.h"
#include "store.h"
#include "text.h"
#include "uuid.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_NAME     "^[^" PATTERN_CONTROL "]*[^/\\\\" PATTERN_CONTROL "]$" /* folders before it are no matter */
#define DIGEST_NAME   "sha-256=:"
#define CHOICES_MAX   ((size_t)4 * 1024)
#define SHA256_DIGITS 64
#define NUMBER_DIGITS 9

const struct field upload_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL, .help = "Tells the service too: /v1/uploads is of all of them." },
	{ "version", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Rises with each part; the ETag." },
	{ "created_at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER },
	{ "updated_at", FIELD_TIME, READ_ONLY | NEVER_NULL | FILTER },
	{ "for", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 60,
		.help = "The collection it is for, as in its path, and takes the right to write many there; or what it is to be "
			"attached to, as assets/attachments.",
		.example = "\"customers\"" },
	{ "file_name", FIELD_TEXT, REQUIRED | FIXED, .max = 255, .pattern = FILE_NAME, .example = "\"customers.csv\"" },
	{ "media_type", FIELD_TEXT, REQUIRED | FIXED, .max = MEDIA_TYPE_MAX, .pattern = MEDIA_TYPE,
		.example = "\"text/csv\"" },
	{ "size", FIELD_INTEGER, REQUIRED | FIXED, .min = 1, .max = UPLOAD_BYTES_MAX, .help = "Bytes of all.",
		.example = "2500000" },
	{ "sha256", FIELD_TEXT, FIXED, .min = SHA256_DIGITS, .max = SHA256_DIGITS,
		.help = "Digest of all, in hexadecimal. When it is announced, the parts together must have it.",
		.example = "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"" },
	{ "part_size", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Bytes of each part; the last has the rest.",
		.example = "1048576" },
	{ "parts", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "How many there are to send, numbered from 1.",
		.example = "3" },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "open complete" },
	{ "lines", FIELD_INTEGER, READ_ONLY, .help = "Of a complete CSV or NDJSON file; a CSV header is one too." },
	{ "missing", FIELD_JSON, READ_ONLY, .help = "Numbers of the parts that are not here yet.", .example = "[2,3]" },
	{ "requested_by", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER },
	{ "expires_at", FIELD_TIME, READ_ONLY | NEVER_NULL,
		.help = "It goes then, unless it was used or another part came." },
	{ 0 },
};

static const struct sort upload_sorts[] = {
	{ "created_at", "u.created_at", "timestamptz" },
	{ 0 },
};

const struct resource upload = {
	.name = "upload",
	.plural = "uploads",
	.table = "upload",
	.alias = "u",
	.rows = &sql_upload_rows,
	.fields = upload_fields,
	.sorts = upload_sorts,
	.descending = true,
	.read_only = true,
	.revision = "1",
	.help = "A file that comes in parts. Shown to who sends it, and to managers and administrators.",
};

/* What an endpoint takes uploads for, as they say it: a collection of which many rows come at once, or its target. */
static const char *taken_for(struct arena *arena, const struct route *route)
{
	const struct upload_target *target = route->context;

	if (route->handle == bulk_upsert)
		return arena_strndup(arena, route_collection(route), strlen(route_collection(route)) - strlen("/bulk"));
	return route->flags & TAKES_UPLOADS ? target->name : NULL;
}

/* The endpoint that takes uploads for that; else all that there are, as choices. */
static const struct endpoint *taker_find(struct request *request, const char *wanted, struct text *choices)
{
	const struct endpoints *endpoints = request->app->endpoints;

	for (size_t i = 0; i < endpoints->count; i++) {
		const char *name = taken_for(request->arena, &endpoints->items[i].route);

		if (name && strcmp(name, wanted) == 0)
			return &endpoints->items[i];
		if (name)
			text_addf(choices, " %s", name);
	}
	return NULL;
}

static void size_check(struct request *request, const struct endpoint *endpoint)
{
	const struct upload_target *target = endpoint->route.context;
	long size = json_integer_value(json_object_get(request->json, "size"));

	if (endpoint->route.flags & TAKES_UPLOADS && size > target->bytes_max)
		fault_add(&request->faults, "/size", "range", "must be from %d to %ld", 1, target->bytes_max);
}

static enum fault announced_check(struct request *request)
{
	struct text choices = text_new(request->arena, CHOICES_MAX);
	const char *sha256 = json_string_at(request->json, "sha256");
	const struct endpoint *endpoint = taker_find(request, json_string_at(request->json, "for"), &choices);

	if (!endpoint)
		fault_add(&request->faults, "/for", "choice", "must be one of:%s", text_c(&choices));
	else
		size_check(request, endpoint);
	if (sha256 && strspn(sha256, "0123456789abcdefABCDEF") != SHA256_DIGITS)
		fault_add(&request->faults, "/sha256", "format", "must be %d hexadecimal digits", SHA256_DIGITS);
	if (!endpoint || request->faults.count)
		return request_fail(request, FAULT_INVALID, "The file can't be taken.");
	if (!request_may(request, endpoint->route.write))
		return request_fail(
			request, FAULT_FORBIDDEN, "This needs the scope %s.", scope_name(endpoint->route.write));
	return FAULT_NONE;
}

static const char *number_text(struct request *request, long number)
{
	return arena_printf(request->arena, "%ld", number);
}

enum fault upload_create(struct request *request)
{
	const struct store *store = request->endpoint->store;
	struct uuid made = uuid_new_of(request->app->service);
	const char *id = arena_strdup(request->arena, made.text);
	const char *location = store_location(request, id);
	const char *hours = number_text(request, UPLOAD_HOURS);
	enum fault fault = announced_check(request);
	struct pg_batch *batch;
	const char *body;

	if (fault)
		return fault;
	body = json_write(request->arena, request->json);
	batch = request_batch(request);
	store_add_claim(request, batch);
	pg_add(batch, &sql_upload_room_lock, 0, NULL);
	pg_add(batch, &sql_upload_room,
		PG_VALUES(body, number_text(request, UPLOADS_MAX), number_text(request, UPLOADS_BYTES_MAX)));
	pg_add(batch, &sql_upload_insert, PG_VALUES(id, body, number_text(request, UPLOAD_PART_BYTES), hours));
	pg_add(batch, &sql_upload_expire_later, PG_VALUES(id, UPLOAD_TIMER, hours));
	store_add_answer(request, batch, store, id, 201, location);
	return store_answer(request, batch, store, store_add_get(request, batch, store, id), 201, location);
}

/* Content-Digest (RFC 9530), where there is one and it names SHA-256: must be that of the bytes. */
static enum fault digest_check(struct request *request, const unsigned char digest[SECRET_SHA256_BYTES])
{
	const char *header = request->header(request, "Content-Digest");
	const char *at = header ? strstr(header, DIGEST_NAME) : NULL;
	const char *end = at ? strchr(at + strlen(DIGEST_NAME), ':') : NULL;
	char *told;
	size_t length = 0;

	if (!at)
		return FAULT_NONE;
	at += strlen(DIGEST_NAME);
	told = arena_strndup(request->arena, at, end ? (size_t)(end - at) : 0);
	told[strcspn(told, "=")] = '\0';
	for (char *c = told; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	told = text_base64url_decode(request->arena, told, &length);
	if (told && length == SECRET_SHA256_BYTES && memcmp(told, digest, length) == 0)
		return FAULT_NONE;
	fault_add_parameter(&request->faults, "Content-Digest", "digest", "is not that of the bytes that came");
	return request_fail(request, FAULT_INVALID, "The part did not arrive as it was sent: send it again.");
}

/* What the parts together are. */
struct whole {
	struct secret_digest *digest;
	struct records records;
	bool csv;
	bool counted; /* a format whose records can be counted */
};

static enum fault part_take(struct request *request, struct whole *whole, const char *id, int number)
{
	struct arena *arena = arena_new();
	struct request own = request_on(request, arena);
	const char *bytes = NULL;
	size_t length = 0;
	size_t mark = 0;
	enum fault fault = part_read(&own, id, number, &bytes, &length);

	if (bytes) {
		mark = number == 1 ? records_mark(bytes, length) : 0;
		if (number == 1 && whole->csv)
			whole->records.separator = records_separator(bytes + mark, length - mark);
		secret_digest_add(whole->digest, bytes, length);
		records_skip(&whole->records, bytes + mark, length - mark);
	}
	arena_free(arena);
	return fault;
}

static bool media_is(const char *media_type, const char *wanted)
{
	size_t length = strlen(wanted);

	return strncasecmp(media_type, wanted, length) == 0 && strchr("; ", media_type[length]);
}

/* Reads all that came; completes the upload when it is what was announced. */
static enum fault settle(struct request *request, const char *id, const PGresult *row)
{
	const char *media_type = PQgetvalue(row, 0, PQfnumber(row, "media_type"));
	const char *announced = PQgetvalue(row, 0, PQfnumber(row, "sha256"));
	int parts = atoi(PQgetvalue(row, 0, PQfnumber(row, "parts")));
	struct whole whole = {
		.digest = secret_digest_new(request->arena),
		.csv = media_is(media_type, "text/csv"),
		.counted = media_is(media_type, "text/csv") || media_is(media_type, "application/x-ndjson"),
	};
	struct pg_batch *batch;
	const char *sha256;
	enum fault fault = FAULT_NONE;

	for (int number = 1; !fault && number <= parts; number++)
		fault = part_take(request, &whole, id, number);
	if (fault)
		return fault;
	sha256 = secret_digest_hex(request->arena, whole.digest);
	if (*announced && strcmp(announced, sha256) != 0)
		return request_fail(request, FAULT_INVALID,
			"All parts are here, but together they have the digest %s: send again those that differ.",
			sha256);
	records_end(&whole.records);
	batch = request_batch(request);
	pg_add(batch, &sql_upload_complete,
		PG_VALUES(id, PQgetvalue(row, 0, PQfnumber(row, "version")), sha256,
			whole.counted ? number_text(request, (long)whole.records.records) : NULL));
	return request_execute(request, batch);
}

static bool number_valid(const char *text)
{
	return *text && strlen(text) <= NUMBER_DIGITS && strspn(text, "0123456789") == strlen(text);
}

static void part_put_add(struct request *request, struct pg_batch *batch, const struct store *store,
	const unsigned char digest[SECRET_SHA256_BYTES])
{
	const char *id = request->parameters[0];
	const char *number = request->parameters[1];
	const char *size = number_text(request, (long)request->body_length);
	const char *sha256 = text_hex(request->arena, digest, SECRET_SHA256_BYTES);
	const char *hours = number_text(request, UPLOAD_HOURS);

	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &sql_upload_lock, PG_VALUES(id));
	pg_add(batch, &sql_upload_part_check, PG_VALUES(id, number, size, sha256));
	pg_add(batch, &sql_upload_part_write,
		PG_VALUES(id, number, size, sha256, text_hex(request->arena, request->body, request->body_length)));
	pg_add(batch, &sql_upload_touch, PG_VALUES(id, hours));
	pg_add(batch, &sql_upload_expire_later, PG_VALUES(id, UPLOAD_TIMER, hours));
}

enum fault upload_part_put(struct request *request)
{
	const struct store *store = request->endpoint->store;
	unsigned char digest[SECRET_SHA256_BYTES];
	struct pg_batch *batch = request_batch(request);
	const PGresult *row;
	enum fault fault;
	size_t index;

	if (!number_valid(request->parameters[1]))
		return request_fail(request, FAULT_NOT_FOUND, "Parts have numbers, from 1.");
	secret_sha256(request->body ? request->body : "", request->body_length, digest);
	fault = digest_check(request, digest);
	if (fault)
		return fault;
	part_put_add(request, batch, store, digest);
	index = store_add_get(request, batch, store, request->parameters[0]);
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	row = pg_result(batch, index);
	if (text_same(PQgetvalue(row, 0, PQfnumber(row, "missing")), "[]") &&
		text_same(PQgetvalue(row, 0, PQfnumber(row, "state")), "open"))
		fault = settle(request, request->parameters[0], row);
	if (fault)
		return fault;
	batch = request_batch(request);
	return store_answer(
		request, batch, store, store_add_get(request, batch, store, request->parameters[0]), 200, NULL);
}

enum fault upload_remove(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = request_batch(request);
	enum fault fault;

	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &sql_upload_remove, PG_VALUES(id, UPLOAD_TIMER, store_versions_wanted(request)));
	fault = request_execute(request, batch);
	if (!fault)
		response_empty(request);
	return fault;
}

void upload_add_use_guard(struct pg_batch *batch, const char *id, const char *collection)
{
	pg_add(batch, &sql_upload_lock, PG_VALUES(id)); /* who else wants it finds it gone */
	pg_add(batch, &sql_upload_use_guard, PG_VALUES(id, collection));
}

void upload_add_use(struct pg_batch *batch, const char *id, const char *owner)
{
	pg_add(batch, &sql_upload_use, PG_VALUES(id, owner, UPLOAD_TIMER));
}
