#include "grant.h"

#include "app.h"
#include "arena.h"
#include "clock.h"
#include "config.h"
#include "field.h"
#include "gateway.h"
#include "keys.h"
#include "secret.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define CLAIMS_MAX  ((size_t)6 * 1024)
#define REFRESH_MAX 256

const struct field grant_fields[] = {
	{ "access_token", FIELD_TEXT, READ_ONLY | NEVER_NULL,
		.help = "A JWT (RFC 9068): send it as Authorization: Bearer." },
	{ "token_type", FIELD_TEXT, READ_ONLY | NEVER_NULL, .example = "\"Bearer\"" },
	{ "expires_in", FIELD_INTEGER, READ_ONLY | NEVER_NULL, .help = "Seconds." },
	{ "refresh_token", FIELD_TEXT, READ_ONLY,
		.help = "Good for one use at /oauth/token; the answer brings the next." },
	{ "scope", FIELD_TEXT, READ_ONLY, .help = "What the access token allows." },
	{ 0 },
};

const char *grant_id(struct request *request)
{
	struct uuid made = uuid_new();

	return arena_strdup(request->arena, made.text);
}

const char *grant_refresh(struct request *request, const char *tenant, const char **digest)
{
	const char *refresh = arena_printf(request->arena, GRANT_REFRESH_PREFIX "%s.%s", tenant,
		secret_random(request->arena, GRANT_RANDOM_BYTES));

	*digest = secret_sha256_hex(request->arena, refresh);
	return refresh;
}

bool grant_refresh_read(struct request *request, const char *refresh, const char **tenant, const char **digest)
{
	const char *dot = strchr(refresh, '.');
	const char *id;

	if (!dot || strlen(refresh) > REFRESH_MAX || !text_starts(refresh, GRANT_REFRESH_PREFIX))
		return false;
	id = refresh + strlen(GRANT_REFRESH_PREFIX);
	id = arena_strndup(request->arena, id, (size_t)(dot - id));
	if (!uuid_valid(id))
		return false;
	*tenant = id;
	*digest = secret_sha256_hex(request->arena, refresh);
	return true;
}

const char *grant_scope(struct request *request, const char *roles, const char *wanted)
{
	scope_mask given = role_scopes(roles_parse(roles));
	bool unknown;
	scope_mask narrowed = scopes_parse(wanted, &unknown);

	if (!wanted || !*wanted)
		return scope_list(request->arena, given);
	if (unknown || (narrowed & ~given))
		return NULL;
	return scope_list(request->arena, narrowed);
}

static const char *seconds(struct request *request, const char *option)
{
	return arena_printf(request->arena, "%ld", config_integer(request->app->config, option));
}

const char *grant_access_seconds(struct request *request)
{
	return seconds(request, "AFTERCARE_ACCESS_SECONDS");
}

const char *grant_refresh_seconds(struct request *request)
{
	return seconds(request, "AFTERCARE_REFRESH_SECONDS");
}

const char *grant_session_seconds(struct request *request)
{
	return seconds(request, "AFTERCARE_SESSION_SECONDS");
}

static void claim(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_addf(out, ",\"%s\":", name);
	text_add_json(out, value);
}

/* The claims of RFC 9068, and ours. */
static const char *claims_write(struct request *request, const struct grant *grant, const char *scope)
{
	const struct config *config = request->app->config;
	struct text out = text_new(request->arena, CLAIMS_MAX);
	long long now = clock_now() / 1000;
	char *roles = arena_strdup(request->arena, grant->roles);
	const char *comma = "";
	char *rest;

	text_addf(&out, "{\"iat\":%lld,\"exp\":%lld", now,
		grant->expires ? (long long)grant->expires : now + config_integer(config, "AFTERCARE_ACCESS_SECONDS"));
	claim(&out, "iss", config_text(config, "AFTERCARE_ISSUER"));
	claim(&out, "aud", config_text(config, "AFTERCARE_AUDIENCE"));
	claim(&out, "jti", grant->id);
	claim(&out, "sub", grant->subject);
	claim(&out, "client_id", grant->subject);
	claim(&out, "name", grant->name);
	claim(&out, "tenant", grant->tenant);
	claim(&out, "technician_id", grant->technician_id);
	claim(&out, "customer_id", grant->customer_id);
	claim(&out, "scope", scope);
	text_add(&out, ",\"roles\":[");
	for (char *name = strtok_r(roles, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		text_add(&out, comma);
		text_add_json(&out, name);
		comma = ",";
	}
	text_add(&out, "]}");
	return out.full ? NULL : text_c(&out);
}

enum fault grant_sign(struct request *request, const struct grant *grant, const char *scope, const char **token)
{
	const char *claims = claims_write(request, grant, scope);
	enum fault fault = FAULT_INTERNAL;

	if (claims)
		fault = keys_sign(gateway_of(request)->keys, request->arena, claims, token);
	return fault ? request_fail(request, fault, "No token can be signed now.") : FAULT_NONE;
}

enum fault grant_answer(struct request *request, const struct grant *grant, const char *refresh, int status)
{
	const char *scope = grant_scope(request, grant->roles, grant->scope);
	struct text out = text_new(request->arena, (size_t)TOKEN_MAX_BYTES * 2);
	const char *access = NULL;
	enum fault fault = grant_sign(request, grant, scope ? scope : "", &access);

	if (fault)
		return fault;
	text_addf(&out, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%s", access,
		grant_access_seconds(request));
	if (refresh) {
		text_add(&out, ",\"refresh_token\":");
		text_add_json(&out, refresh);
	}
	text_add(&out, ",\"scope\":");
	text_add_json(&out, scope ? scope : "");
	text_add_char(&out, '}');
	response_header(request, "Cache-Control", "no-store");
	return response_text(request, status, &out);
}
