/* revoke: tokens that end before their time (RFC 7009), and the keys that signed them. */
#include "app.h"
#include "arena.h"
#include "config.h"
#include "field.h"
#include "form.h"
#include "gateway.h"
#include "gateway_service_sql.h"
#include "grant.h"
#include "keeper.h"
#include "keys.h"
#include "oauth.h"
#include "text.h"
#include "uuid.h"

#include <strings.h>

#define JWKS_CACHE "public, max-age=60"

const struct field oauth_revoke_fields[] = {
	{ "token", FIELD_TEXT, REQUIRED, .max = TOKEN_MAX_BYTES, .help = "An access or a refresh token." },
	{ "token_type_hint", FIELD_TEXT, 0, .max = 40, .help = "Taken and not needed." },
	{ 0 },
};

const struct field oauth_jwks_fields[] = {
	{ "keys", FIELD_JSON, READ_ONLY, .help = "Public keys (RFC 7517), found by kid." },
	{ 0 },
};

const struct field oauth_discovery_fields[] = {
	{ "issuer", FIELD_TEXT, READ_ONLY },
	{ "jwks_uri", FIELD_TEXT, READ_ONLY },
	{ "token_endpoint", FIELD_TEXT, READ_ONLY },
	{ "revocation_endpoint", FIELD_TEXT, READ_ONLY },
	{ "grant_types_supported", FIELD_TEXTS, READ_ONLY },
	{ "token_endpoint_auth_methods_supported", FIELD_TEXTS, READ_ONLY },
	{ "scopes_supported", FIELD_TEXTS, READ_ONLY },
	{ 0 },
};

/* An access token of ours goes on the list of every gateway until it would have ended by itself. */
static enum fault access_revoke(struct request *request, const char *token)
{
	const char *reason;
	enum fault fault = token_verify(request->app->verifier, request->arena, token, &request->caller, &reason);
	struct pg_batch *batch;

	if (fault == FAULT_UNAUTHENTICATED || (!fault && (!request->caller.tenant || !uuid_valid(request->caller.id))))
		return FAULT_NONE; /* RFC 7009 section 2.2: what is not valid is as good as revoked */
	if (fault)
		return fault;
	batch = request_batch(request);
	pg_add(batch, &sql_access_revoke,
		PG_VALUES(
			request->caller.id, arena_printf(request->arena, "%lld", (long long)request->caller.expires)));
	return request_execute(request, batch);
}

static enum fault refresh_revoke(struct request *request, const char *tenant, const char *digest)
{
	struct pg_batch *batch;

	request->caller.tenant = tenant;
	batch = request_batch(request);
	pg_add(batch, &sql_session_end_by_token, PG_VALUES(digest));
	return request_execute(request, batch);
}

enum fault oauth_revoke(struct request *request)
{
	const char *token = json_string_at(request->json, "token");
	const char *tenant;
	const char *digest;
	enum fault fault;

	if (grant_refresh_read(request, token, &tenant, &digest))
		fault = refresh_revoke(request, tenant, digest);
	else
		fault = access_revoke(request, token);
	if (fault)
		return fault;
	keeper_now(gateway_of(request)->keeper);
	response_header(request, "Cache-Control", "no-store");
	response_json(request, 200, "{}");
	return FAULT_NONE;
}

enum fault oauth_jwks(struct request *request)
{
	response_header(request, "Cache-Control", JWKS_CACHE);
	response_json(request, 200, keys_jwks(gateway_of(request)->keys, request->arena));
	return FAULT_NONE;
}

enum fault oauth_discovery(struct request *request)
{
	const char *issuer = config_text(request->app->config, "AFTERCARE_ISSUER");
	struct text out = text_new(request->arena, KEYS_JWKS_MAX);

	text_add(&out, "{\"issuer\":");
	text_add_json(&out, issuer);
	text_add(&out, ",\"jwks_uri\":");
	text_add_json(&out, arena_printf(request->arena, "%s/.well-known/jwks.json", issuer));
	text_add(&out, ",\"token_endpoint\":");
	text_add_json(&out, arena_printf(request->arena, "%s/oauth/token", issuer));
	text_add(&out, ",\"revocation_endpoint\":");
	text_add_json(&out, arena_printf(request->arena, "%s/oauth/revoke", issuer));
	text_add(&out,
		",\"response_types_supported\":[],\"grant_types_supported\":[\"client_credentials\",\"refresh_token\"],"
		"\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\",\"client_secret_post\",\"none\"],"
		"\"subject_types_supported\":[\"public\"],\"scopes_supported\":[");
	for (int i = 1; i < SCOPE_COUNT; i++)
		text_addf(&out, "%s\"%s\"", i > 1 ? "," : "", scope_name((enum scope)i));
	text_add(&out, "]}");
	response_header(request, "Cache-Control", JWKS_CACHE);
	return response_text(request, 200, &out);
}

enum fault oauth_rotate_keys(struct request *request)
{
	enum fault fault = keys_add(gateway_of(request)->keys, request->app, KEYS_LEAD_SECONDS, 0);

	if (fault)
		return request_fail(request, fault, "The key can't be rotated now.");
	response_header(request, "Cache-Control", "no-store");
	response_json(request, 200,
		arena_printf(request->arena, "{\"signs_in_seconds\":%d,\"jwks\":%s}", KEYS_LEAD_SECONDS,
			keys_jwks(gateway_of(request)->keys, request->arena)));
	return FAULT_NONE;
}
