#include "routes.h"

#include "account.h"
#include "bootstrap.h"
#include "client.h"
#include "description.h"
#include "docs.h"
#include "door.h"
#include "free_fields.h"
#include "gateway.h"
#include "gateway_migrations.h"
#include "gateway_service_sql.h"
#include "grant.h"
#include "issuer.h"
#include "oauth.h"
#include "options.h"
#include "proxy.h"
#include "session.h"
#include "shared.h"
#include "tenant.h"

/* clang-format off */
static const struct route login_routes[] = {
	{ .method = METHOD_POST, .path = "/v1/sessions", .handle = session_create, .body = session_fields, .answer = grant_fields,
		.flags = PUBLIC, .status = 201, .summary = "Log in",
		.help = "Wrong guesses lock the account for a while, longer each time; the answers don't tell whether it exists." },
	{ .method = METHOD_POST, .path = "/oauth/token", .handle = oauth_token, .body = oauth_token_fields, .answer = grant_fields,
		.flags = PUBLIC | RAW_BODY | FORM_BODY, .summary = "Get tokens (RFC 6749)",
		.help = "client_credentials for clients, refresh_token for people. A refresh token used twice ends its login." },
	{ .method = METHOD_POST, .path = "/oauth/revoke", .handle = oauth_revoke, .body = oauth_revoke_fields, .flags = PUBLIC | FORM_BODY,
		.summary = "End a token before its time (RFC 7009)", .help = "A refresh token ends its whole login." },
	{ .path = "/.well-known/jwks.json", .handle = oauth_jwks, .answer = oauth_jwks_fields, .media = "application/jwk-set+json",
		.flags = PUBLIC,
		.summary = "The keys that sign access tokens" },
	{ .path = "/.well-known/openid-configuration", .handle = oauth_discovery, .answer = oauth_discovery_fields, .flags = PUBLIC,
		.summary = "Where things are (RFC 8414)" },
	{ 0 },
};

static const struct route account_routes[] = {
	{ STORE, .path = "/v1/accounts", .resource = &account, .flags = NO_BULK, .read = SCOPE_ACCOUNTS_READ, .write = SCOPE_ACCOUNTS_WRITE },
	{ STORE, .path = "/v1/clients",  .resource = &client, .handle = client_create, .flags = NO_BULK,
		.read = SCOPE_ACCOUNTS_READ, .write = SCOPE_ACCOUNTS_WRITE },
	{ .method = METHOD_POST, .path = "/v1/clients/{id}/actions/change-secret", .handle = client_change_secret, .resource = &client,
		.write = SCOPE_ACCOUNTS_WRITE, .summary = "Give a client a new secret",
		.help = "The answer shows it, once. The old one is over at once." },
	{ .path = "/v1/me", .handle = me_get, .flags = NO_TENANT, .answer = me_fields, .summary = "Tell who the caller is" },
	{ .method = METHOD_POST, .path = "/v1/me/actions/change-password", .handle = me_change_password, .body = me_password_fields,
		.flags = NO_TENANT, .status = 204, .summary = "Change one's own password", .help = "Ends every session of the account." },
	{ 0 },
};

static const struct route tenant_routes[] = {
	{ STORE, .path = "/v1/tenants", .resource = &tenant, .handle = tenant_create, .flags = NO_TENANT | NO_BULK | NO_CHANGE | NO_DELETE,
		.read = SCOPE_TENANTS_WRITE, .write = SCOPE_TENANTS_WRITE },
	{ .method = METHOD_PATCH, .path = "/v1/tenants/{id}", .handle = tenant_change, .resource = &tenant, .body = tenant_fields,
		.flags = NO_TENANT | NEEDS_MATCH, .write = SCOPE_TENANTS_WRITE, .summary = "Change one tenant" },
	{ STORE, .path = "/v1/issuers", .resource = &issuer, .flags = NO_TENANT | NO_BULK,
		.read = SCOPE_TENANTS_WRITE, .write = SCOPE_TENANTS_WRITE },
	{ .method = METHOD_POST, .path = "/v1/services/gateway/actions/rotate-keys", .handle = oauth_rotate_keys, .flags = NO_TENANT,
		.write = SCOPE_TENANTS_WRITE, .summary = "Begin to sign with a new key",
		.help = "It is published at once and signs some seconds later; the old one stays published until its tokens are over." },
	{ 0 },
};

static const struct route view_routes[] = {
	{ .path = "/v1/free-fields", .handle = free_fields_get, .answer = free_fields_answer, .write = SCOPE_SETUP_READ,
		.summary = "List the free fields of customers and assets together",
		.help = "Each service is asked at once; the part of one that does not answer in time is missing, with a warning." },
	{ 0 },
};
/* clang-format on */

static const struct route *const routes[] = { login_routes, account_routes, tenant_routes, view_routes, NULL };

static const struct openapi_tag tags[] = {
	{ "me", "Who the caller is, and what he changes of himself." },
	{ "sessions", "People log in: tenant, e-mail and password for tokens." },
	{ "free fields", "The fields that a tenant gave its customers and assets, of all services together." },
	{ "oauth", "Tokens for programs, new tokens for old ones, and their end." },
	{ 0 },
};

static const struct event events[] = {
	{ "client.secret_changed", &client, "A client got a new secret." },
	{ 0 },
};

/* What is no route of ours, or one of every service: the reference, and everything of the services. */
static enum fault fallback(struct request *request)
{
	if (request->endpoint)
		return shared_answer(request);
	return docs_path(request->path) ? docs_get(request) : proxy(request);
}

const struct service gateway_service = {
	.name = "gateway",
	.title = "Aftercare gateway",
	.help = "The one door: tenants, accounts, tokens, and the way to every other service.",
	.tags = tags,
	.routes = routes,
	.statements = gateway_service_statements,
	.migrations = &gateway_migrations,
	.options = gateway_options,
	.events = events,
	.issuer = true,
	.start = gateway_start,
	.stop = gateway_stop,
	.migrated = bootstrap,
	.describe = description_get,
	.fallback = fallback,
	.enter = door_enter,
	.leave = door_leave,
};
