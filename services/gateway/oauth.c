#include "oauth.h"

#include "app.h"
#include "arena.h"
#include "basic.h"
#include "config.h"
#include "field.h"
#include "form.h"
#include "gateway.h"
#include "gateway_service_sql.h"
#include "grant.h"
#include "guess.h"
#include "keeper.h"
#include "secret.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

const struct field oauth_token_fields[] = {
	{ "grant_type", FIELD_CHOICE, REQUIRED, .choices = "client_credentials refresh_token" },
	{ "refresh_token", FIELD_TEXT, 0, .max = 256, .help = "For grant_type refresh_token." },
	{ "client_id", FIELD_ID, 0, .help = "For client_credentials, unless sent by HTTP Basic." },
	{ "client_secret", FIELD_TEXT, WRITE_ONLY, .max = 256 },
	{ "scope", FIELD_TEXT, 0, .max = 1000, .help = "Narrows what the token allows, names separated by spaces." },
	{ 0 },
};

/* An error as RFC 6749 section 5.2 words it. */
static enum fault oauth_error(struct request *request, int status, const char *error, const char *description)
{
	response_header(request, "Cache-Control", "no-store");
	if (status == 401)
		response_header(request, "WWW-Authenticate", "Basic realm=\"aftercare\"");
	response_json(request, status,
		arena_printf(request->arena, "{\"error\":\"%s\",\"error_description\":\"%s\"}", error, description));
	return FAULT_NONE;
}

/* id and secret from HTTP Basic, else from the form. */
static bool credentials_read(struct request *request, const json_t *form, const char **id, const char **secret)
{
	const char *header = request->header(request, "Authorization");

	if (basic_is(header))
		return basic_read(request->arena, header, id, secret) && uuid_valid(*id);
	*id = json_string_at(form, "client_id");
	*secret = json_string_at(form, "client_secret");
	return *id && *secret && uuid_valid(*id);
}

static enum fault client_refuse(struct request *request)
{
	guess_wrong(request);
	return oauth_error(request, 401, "invalid_client", "client_id or client_secret is wrong");
}

static enum fault token_for_client(struct request *request, const json_t *form)
{
	struct pg_batch *batch = request_batch(request);
	struct guess guess;
	struct grant grant;
	const char *id;
	const char *secret;
	const char *digest;
	size_t found;
	enum fault fault;

	if (!credentials_read(request, form, &id, &secret))
		return oauth_error(request, 401, "invalid_client", "a client has to say who it is");
	guess = guess_of(request, "client", id);
	fault = guess_begin(request, batch, &guess);
	if (fault)
		return fault;
	pg_add(batch, &sql_tenant_enter_by_client, PG_VALUES(id));
	found = pg_add(batch, &sql_client_by_id, PG_VALUES(id));
	fault = request_execute(request, batch);
	if (!fault)
		fault = guess_admitted(request, batch, &guess);
	if (fault)
		return fault;
	digest = pg_named(batch, found, "secret_digest");
	if (!secret_equal(digest, secret_sha256_hex(request->arena, secret)))
		return client_refuse(request);
	grant = (struct grant){ .id = grant_id(request),
		.tenant = pg_named(batch, found, "tenant"),
		.subject = pg_named(batch, found, "id"),
		.name = pg_named(batch, found, "name"),
		.roles = pg_named(batch, found, "roles"),
		.scope = json_string_at(form, "scope") };
	if (!grant_scope(request, grant.roles, grant.scope))
		return oauth_error(request, 400, "invalid_scope", "the client does not have that scope");
	batch = request_batch(request);
	guess_right(batch, &guess);
	fault = request_execute(request, batch);
	return fault ? fault : grant_answer(request, &grant, NULL, 200);
}

static enum fault token_for_refresh(struct request *request, const json_t *form)
{
	const char *refresh = json_string_at(form, "refresh_token");
	const char *access = grant_id(request);
	struct grant grant;
	struct pg_batch *batch;
	const char *tenant;
	const char *digest;
	const char *next;
	const char *next_digest;
	size_t taken;
	enum fault fault;

	if (!refresh)
		return oauth_error(request, 400, "invalid_request", "refresh_token is missing");
	if (!grant_refresh_read(request, refresh, &tenant, &digest))
		return oauth_error(request, 400, "invalid_grant", "the refresh token is not one of ours");
	request->caller.tenant = tenant;
	next = grant_refresh(request, tenant, &next_digest);
	batch = request_batch(request);
	taken = pg_add(batch, &sql_refresh_take,
		PG_VALUES(digest, next_digest, access, grant_access_seconds(request), grant_refresh_seconds(request)));
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	if (!text_same(pg_value(batch, taken, 0), "ok")) {
		if (text_same(pg_value(batch, taken, 0), "reused"))
			keeper_now(gateway_of(request)->keeper);
		return oauth_error(request, 400, "invalid_grant", "the refresh token is over");
	}
	grant = (struct grant){ .id = access,
		.tenant = tenant,
		.subject = pg_named(batch, taken, "id"),
		.name = pg_named(batch, taken, "name"),
		.roles = pg_named(batch, taken, "roles"),
		.technician_id = pg_named(batch, taken, "technician_id"),
		.customer_id = pg_named(batch, taken, "customer_id"),
		.scope = pg_named(batch, taken, "scope") };
	return grant_answer(request, &grant, next, 200);
}

/* The form of a token or revocation request; NULL when it isn't one. */
static json_t *form_take(struct request *request)
{
	const char *name;
	json_t *value;
	json_t *form;
	void *next;

	if (!request_carries(request, "application/x-www-form-urlencoded"))
		return NULL;
	form = form_read(request->arena, request->body, request->body_length, &request->faults);
	/* RFC 6749 section 3.2: a parameter without a value counts as left out. */
	json_object_foreach_safe(form, next, name, value) {
		if (json_string_length(value) == 0)
			json_object_del(form, name);
	}
	return form;
}

enum fault oauth_token(struct request *request)
{
	const json_t *form = form_take(request);
	const char *type = json_string_at(form, "grant_type");

	if (!form)
		return oauth_error(
			request, 400, "invalid_request", "the body must be application/x-www-form-urlencoded");
	if (text_same(type, "client_credentials"))
		return token_for_client(request, form);
	if (text_same(type, "refresh_token"))
		return token_for_refresh(request, form);
	return oauth_error(request, 400, type ? "unsupported_grant_type" : "invalid_request",
		"grant_type must be client_credentials or refresh_token");
}
