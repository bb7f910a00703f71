#include "client.h"

#include "account.h"
#include "arena.h"
#include "gateway_service_sql.h"
#include "grant.h"
#include "secret.h"
#include "store.h"

static const struct field client_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of the client." },
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .max = 120, .example = "\"ERP\"" },
	{ "roles", FIELD_TEXTS, REQUIRED, .choices = ROLES_OF_TENANTS, .example = "[\"integration\"]" },
	{ "active", FIELD_BOOLEAN, FILTER, .fallback = "true",
		.help = "False: it gets no tokens, and those it has end." },
	{ "secret", FIELD_TEXT, READ_ONLY | ONCE, .help = "Shown in the answer that makes it, and never again." },
	{ 0 },
};

static const struct sort client_sorts[] = {
	{ "name", "c.name", "text" },
	{ "created_at", "c.created_at", "timestamptz" },
	{ 0 },
};

static const struct statement *const client_guards[] = { &sql_client_guard_log_out, NULL };
static const struct statement *const client_forgets[] = { &sql_client_forget_log_out, NULL };

const struct resource client = {
	.name = "client",
	.plural = "clients",
	.table = "client",
	.alias = "c",
	.rows = &sql_client_rows,
	.fields = client_fields,
	.sorts = client_sorts,
	.create = &sql_client_insert,
	.guards = client_guards,
	.forgets = client_forgets,
	.help = "A program that logs in by itself at /oauth/token, with its id as client_id.",
};

/* Adds the secret to the answer's object. */
static void secret_show(struct request *request, const char *secret)
{
	struct response *response = &request->response;

	response_header(request, "Cache-Control", "no-store");
	response_json(request, response->status,
		arena_printf(
			request->arena, "%.*s,\"secret\":\"%s\"}", (int)response->length - 1, response->body, secret));
}

static bool replayed(const struct request *request)
{
	return response_header_value(request, "Idempotency-Replayed") != NULL;
}

enum fault client_create(struct request *request)
{
	const char *secret = secret_random(request->arena, GRANT_RANDOM_BYTES);
	enum fault fault;

	json_object_set_new(request->json, "secret_digest", json_string(secret_sha256_hex(request->arena, secret)));
	fault = store_create(request);
	if (!fault && !replayed(request))
		secret_show(request, secret);
	return fault;
}

enum fault client_change_secret(struct request *request)
{
	const struct store *store = store_find(request->app, &client);
	const char *id = request_id_parameter(request);
	const char *secret = secret_random(request->arena, GRANT_RANDOM_BYTES);
	struct pg_batch *batch = request_batch(request);
	size_t index;
	enum fault fault;

	store_add_claim(request, batch);
	pg_add(batch, &store->lock, PG_VALUES(id));
	store_add_match(request, batch, store, id);
	pg_add(batch, &sql_client_secret_change, PG_VALUES(id, secret_sha256_hex(request->arena, secret)));
	pg_add(batch, &sql_client_secret_log_out, PG_VALUES(id));
	store_add_record(batch, store, id, "client.secret_changed");
	store_add_answer(request, batch, store, id, 200, NULL);
	index = store_add_get(request, batch, store, id);
	fault = store_answer(request, batch, store, index, 200, NULL);
	if (!fault && !replayed(request))
		secret_show(request, secret);
	return fault;
}
