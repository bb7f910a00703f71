#include "tenant.h"

#include "account.h"
#include "arena.h"
#include "gateway_service_sql.h"
#include "store.h"
#include "text.h"
#include "uuid.h"

#include <string.h>
#include <strings.h>

const struct field tenant_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of the tenant." },
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 31, .example = "\"demo\"",
		.pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
		.help = "What people give to log in: lower case letters, digits and hyphens; unique." },
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .max = 100, .example = "\"Demo S.p.A.\"" },
	{ "time_zone", FIELD_TIME_ZONE, 0, .fallback = "\"Europe/Rome\"", .help = "Its wall clock, by IANA name." },
	{ "currency", FIELD_TEXT, FIXED, .max = 3, .pattern = "^[A-Z]{3}$", .fallback = "\"EUR\"", .example = "\"EUR\"",
		.help = "The one currency of its money, by ISO 4217." },
	{ "language", FIELD_LANGUAGE, 0, .fallback = "\"it\"", .help = "Of its documents." },
	{ "country", FIELD_COUNTRY, 0, .fallback = "\"IT\"", .help = "Of phone numbers written without a prefix." },
	{ "active", FIELD_BOOLEAN, FILTER, .fallback = "true", .help = "False: nobody of it may log in." },
	{ "admin", FIELD_OBJECT, REQUIRED | FIXED | VIRTUAL | WRITE_ONLY, .fields = account_admin_fields,
		.help = "Its first administrator." },
	{ 0 },
};

static const struct sort tenant_sorts[] = {
	{ "code", "t.code", "text" },
	{ "name", "t.name", "text" },
	{ "created_at", "t.created_at", "timestamptz" },
	{ 0 },
};

const struct resource tenant = {
	.name = "tenant",
	.plural = "tenants",
	.table = "tenant",
	.alias = "t",
	.rows = &sql_tenant_rows,
	.fields = tenant_fields,
	.sorts = tenant_sorts,
	.help = "A company whose data are its own. Every service keeps a copy, fed by tenant.created and tenant.changed.",
};

static enum fault tenant_answer(
	struct request *request, const struct store *store, struct pg_batch *batch, size_t index, const char *location)
{
	const PGresult *result = pg_result(batch, index);

	response_header(request, "Location", location);
	response_header(request, "ETag", "\"1\"");
	response_json(request, 201, store_row_json(request, store, result, 0));
	request->app->changed(request->app);
	return FAULT_NONE;
}

/* The platform's key leads to the location, the location to the change as the new tenant has it. */
static enum fault tenant_replay(struct request *request)
{
	struct pg_batch *batch = request_batch(request);
	size_t found = pg_add(batch, &sql_tenant_answer_find, PG_VALUES(request->idempotency_key));
	enum fault fault = request_execute(request, batch);
	const char *location = fault ? NULL : pg_value(batch, found, 0);
	const char *id = location ? strrchr(location, '/') + 1 : NULL;
	const char *data;

	if (fault)
		return fault;
	if (!id)
		return request_fail(request, FAULT_KEY_REUSED, "This Idempotency-Key came with another request.");
	batch = request_batch(request);
	pg_add(batch, &sql_tenant_enter, PG_VALUES(id));
	found = pg_add(batch, &sql_tenant_answer_read, PG_VALUES(id));
	fault = request_execute(request, batch);
	data = fault ? NULL : pg_value(batch, found, 0);
	if (fault)
		return fault;
	if (!data)
		return request_fail(request, FAULT_GONE, "The stored answer of this Idempotency-Key is gone.");
	response_header(request, "Location", location);
	response_header(request, "ETag", "\"1\"");
	response_header(request, "Idempotency-Replayed", "true");
	response_json(request, 201, data);
	return FAULT_NONE;
}

/* The first administrator: an account like any other, in the same pipeline. */
static enum fault admin_add(struct request *request, struct pg_batch *batch, json_t *admin)
{
	const struct store *store = store_find(request->app, &account);
	struct uuid id = uuid_new();
	const char *kept = arena_strdup(request->arena, id.text);
	enum fault fault;

	json_object_set_new(admin, "roles", json_pack("[s]", role_name(ROLE_ADMIN)));
	json_object_set_new(admin, "active", json_true());
	if (!json_string_at(admin, "name"))
		json_object_set(admin, "name", json_object_get(admin, "email"));
	fault = store_prepare(request, &account, admin, NULL);
	if (fault)
		return fault;
	store_add_insert(request, batch, store, kept, admin);
	store_add_record(batch, store, kept, "account.created");
	return FAULT_NONE;
}

enum fault tenant_create(struct request *request)
{
	const struct store *store = store_find(request->app, &tenant);
	const char *id = store_new_id(request, request->json);
	const char *location = store_location(request, id);
	json_t *admin = json_object_get(request->json, "admin");
	enum fault fault = store_prepare(request, &tenant, request->json, NULL);
	struct pg_batch *batch = request_batch(request);
	size_t index;

	if (fault)
		return fault;
	store_add_claim(request, batch);
	pg_add(batch, &sql_tenant_enter, PG_VALUES(id));
	store_add_insert(request, batch, store, id, request->json);
	store_add_record(batch, store, id, "tenant.created");
	fault = admin_add(request, batch, admin);
	if (fault)
		return fault;
	pg_add(batch, &sql_tenant_enter, PG_VALUES(TENANT_OF_THE_PLATFORM));
	if (request->idempotency_key)
		pg_add(batch, &sql_tenant_answer_keep,
			PG_VALUES(request->idempotency_key, request->idempotency_hash, location));
	index = store_add_get(request, batch, store, id);
	fault = request_execute(request, batch);
	if (fault == FAULT_REPLAY)
		return tenant_replay(request);
	return fault ? fault : tenant_answer(request, store, batch, index, location);
}

enum fault tenant_change(struct request *request)
{
	const char *id = request_id_parameter(request);

	if (strcasecmp(id, TENANT_OF_THE_PLATFORM) == 0)
		return request_fail(request, FAULT_NOT_FOUND, "There is no such tenant.");
	/* The change is the tenant's own: its audit and its topic tell of it. */
	request->caller.tenant = id;
	return store_change(request);
}
