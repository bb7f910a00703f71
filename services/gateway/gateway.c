#include "gateway.h"

#include "arena.h"
#include "bucket.h"
#include "config.h"
#include "description.h"
#include "issuer.h"
#include "keeper.h"
#include "keys.h"
#include "limit.h"
#include "metrics.h"
#include "revoked.h"
#include "routes.h"
#include "text.h"
#include "upstream.h"

#include <stdlib.h>

#define BURST 2 /* seconds' worth of requests that may come at once */

static struct gateway *gateway_new(const struct config *config, const char **problem)
{
	struct gateway *gateway = calloc(1, sizeof(*gateway));
	double failures = (double)config_integer(config, "AFTERCARE_LOGIN_FAILURES_PER_MINUTE");
	double addresses = (double)config_integer(config, "AFTERCARE_RATE_PER_ADDRESS");
	double accounts = (double)config_integer(config, "AFTERCARE_RATE_PER_ACCOUNT");

	if (!gateway)
		abort();
	gateway->keys = keys_new(config_text(config, "AFTERCARE_KEY_ENCRYPTION"));
	if (!gateway->keys) {
		*problem = "AFTERCARE_KEY_ENCRYPTION is not 32 bytes in base64url";
		free(gateway);
		return NULL;
	}
	gateway->upstreams = upstreams_new(config);
	gateway->revoked = revoked_new();
	gateway->others = issuers_new();
	gateway->description = description_new();
	gateway->guesses = buckets_new(failures / 60, failures);
	gateway->addresses = buckets_new(addresses, addresses * BURST);
	gateway->accounts = buckets_new(accounts, accounts * BURST);
	return gateway;
}

/* Our own tokens are verified with the keys in memory, not by a request to ourselves. */
static enum fault own_keys(void *context, struct arena *arena, const char *url, const char **body)
{
	struct app *app = context;
	struct gateway *gateway = app->own;

	(void)url;
	*body = keys_jwks(gateway->keys, arena);
	return FAULT_NONE;
}

/* Whether the token itself was revoked, or its client's of those days. */
static bool is_revoked(const struct request *request)
{
	struct gateway *gateway = gateway_of(request);
	const struct caller *caller = &request->caller;
	int64_t given = caller->expires - config_integer(request->app->config, "AFTERCARE_ACCESS_SECONDS");

	return revoked_at(gateway->revoked, caller->id) || given < revoked_at(gateway->revoked, caller->subject);
}

/* app->verify: a token of ours that nobody has revoked, or of another issuer, of an account that has requests left. */
static enum fault verify(struct request *request, const char *token, const char **reason)
{
	struct gateway *gateway = gateway_of(request);
	enum fault fault = token_verify(request->app->verifier, request->arena, token, &request->caller, reason);

	if (fault == FAULT_UNAUTHENTICATED)
		fault = issuers_verify(gateway->others, request, token, reason);
	if (!fault && is_revoked(request)) {
		*reason = "it was revoked";
		fault = FAULT_UNAUTHENTICATED;
	}
	return fault ? fault : limit_take_account(request);
}

static void upstreams_print(void *context, struct text *out)
{
	upstreams_metrics(context, out);
}

enum fault gateway_start(struct app *app, const char **problem)
{
	struct gateway *gateway = gateway_new(app->config, problem);
	struct token_issuer *issuers;
	enum fault fault;

	if (!gateway)
		return FAULT_INVALID;
	json_wipe();
	app->own = gateway;
	issuers = gateway->own;
	issuers[0] = (struct token_issuer){ config_text(app->config, "AFTERCARE_ISSUER"),
		config_text(app->config, "AFTERCARE_JWKS_URL"), NULL };
	token_verifier_free(app->verifier);
	app->verifier = token_verifier_new(config_text(app->config, "AFTERCARE_AUDIENCE"), issuers, own_keys, app);
	app->verify = verify;
	app->request_key = keys_of_requests(gateway->keys);
	fault = keys_load(gateway->keys, app);
	if (!fault && keys_age(gateway->keys) < 0)
		fault = keys_add(gateway->keys, app, 0, 60);
	if (!fault)
		fault = revoked_load(gateway->revoked, app);
	if (!fault)
		fault = issuers_load(gateway->others, app);
	if (fault) {
		*problem = "the signing keys can't be read";
		return fault;
	}
	gateway->keeper = keeper_start(app);
	metrics_collector(app->metrics, upstreams_print, gateway->upstreams);
	return FAULT_NONE;
}

void gateway_stop(struct app *app)
{
	struct gateway *gateway = app->own;

	if (!gateway)
		return;
	keeper_stop(gateway->keeper);
	keys_free(gateway->keys);
	revoked_free(gateway->revoked);
	issuers_free(gateway->others);
	upstreams_free(gateway->upstreams);
	description_free(gateway->description);
	buckets_free(gateway->guesses);
	buckets_free(gateway->addresses);
	buckets_free(gateway->accounts);
	free(gateway);
	app->own = NULL;
}
