#include "issuer.h"

#include "app.h"
#include "arena.h"
#include "config.h"
#include "gateway_service_sql.h"
#include "text.h"

#include <string.h>

/* Keys over plain HTTP could be anybody's; on this machine they can't be changed on the way. */
#define KEYS_URL "^(https://[!-~]+|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])([:/][!-~]*)?)$"

static const struct field issuer_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of the issuer." },
	{ "issuer", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 120, .example = "\"https://login.example.com\"",
		.help = "The iss of its tokens, letter by letter." },
	{ "jwks_url", FIELD_TEXT, REQUIRED, .max = 500, .pattern = KEYS_URL,
		.example = "\"https://login.example.com/jwks.json\"",
		.help = "Where its keys are: https, or http on this machine." },
	{ "tenants", FIELD_IDS, REQUIRED, .max = 200, .help = "The tenants it may speak for." },
	{ "active", FIELD_BOOLEAN, FILTER, .fallback = "true", .help = "False: its tokens are refused." },
	{ 0 },
};

static const struct sort issuer_sorts[] = {
	{ "issuer", "i.issuer", "text" },
	{ "created_at", "i.created_at", "timestamptz" },
	{ 0 },
};

static enum fault issuer_prepare(struct request *request, json_t *body, const char *id)
{
	const char *name = json_string_at(body, "issuer");

	(void)id;
	if (name && text_same(name, config_text(request->app->config, "AFTERCARE_ISSUER")))
		fault_add(&request->faults, "/issuer", "own", "is this installation itself");
	return FAULT_NONE;
}

static const struct statement *const issuer_guards[] = { &sql_issuer_guard, NULL };

const struct resource issuer = {
	.name = "issuer",
	.plural = "issuers",
	.table = "issuer",
	.alias = "i",
	.rows = &sql_issuer_rows,
	.fields = issuer_fields,
	.sorts = issuer_sorts,
	.prepare = issuer_prepare,
	.guards = issuer_guards,
	.help = "An OIDC issuer whose access tokens (RFC 9068, with tenant and roles) are taken, for some tenants.",
};
