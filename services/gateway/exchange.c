/* exchange: verifies the tokens of other issuers and puts ours in their place. */
#include "app.h"
#include "arena.h"
#include "clock.h"
#include "config.h"
#include "gateway_service_sql.h"
#include "grant.h"
#include "issuer.h"
#include "rest.h"
#include "secret.h"
#include "text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RENEW_SECONDS 30 /* an exchanged token about to end is not handed out again */
#define ROLES_MAX     256
#define STATE_MAX     ((size_t)16 * 1024 * 1024)

/* The issuers of one reading of the table. */
struct trust {
	struct arena *arena;
	const char *state; /* what was read: tells whether it has changed */
	struct token_issuer *issuers;
	struct token_verifier *verifier; /* NULL: there are none */
};

/* Ours for theirs. */
struct exchanged {
	unsigned char digest[SECRET_SHA256_BYTES]; /* of their token */
	char *token;
	int64_t expires;
};

struct issuers {
	pthread_rwlock_t lock;
	struct trust *trust;
	pthread_mutex_t exchanges;
	struct exchanged exchanged[ISSUER_EXCHANGES];
};

static void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	token_verifier_free(trust->verifier);
	arena_free(trust->arena);
}

struct issuers *issuers_new(void)
{
	struct issuers *issuers = calloc(1, sizeof(*issuers));

	if (!issuers)
		abort();
	pthread_rwlock_init(&issuers->lock, NULL);
	pthread_mutex_init(&issuers->exchanges, NULL);
	return issuers;
}

void issuers_free(struct issuers *issuers)
{
	if (!issuers)
		return;
	trust_free(issuers->trust);
	for (size_t i = 0; i < ISSUER_EXCHANGES; i++)
		free(issuers->exchanged[i].token);
	pthread_rwlock_destroy(&issuers->lock);
	pthread_mutex_destroy(&issuers->exchanges);
	free(issuers);
}

static enum fault keys_fetch(void *context, struct arena *arena, const char *url, const char **body)
{
	struct rest_answer answer;
	enum fault fault = rest_get(context, arena, url, NULL, ISSUER_FETCH_MS, &answer);

	if (fault || answer.status != 200)
		return FAULT_UNAVAILABLE;
	*body = answer.body;
	return FAULT_NONE;
}

static enum fault trust_read(struct app *app, struct trust *trust)
{
	struct pg_batch *batch = pg_batch_new(trust->arena);
	size_t index = pg_add(batch, &sql_issuer_list, 0, NULL);
	struct text state = text_new(trust->arena, STATE_MAX);
	struct pg_error error;
	enum fault fault = pg_execute(app->worker, batch, &error);
	const PGresult *result;
	int count;

	if (fault)
		return fault;
	result = pg_result(batch, index);
	count = PQntuples(result);
	trust->issuers = arena_array(trust->arena, (size_t)count + 1, sizeof(*trust->issuers));
	for (int i = 0; i < count; i++) {
		trust->issuers[i] = (struct token_issuer){ PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
			PQgetvalue(result, i, 2) };
		text_addf(&state, "%s %s %s\n", trust->issuers[i].issuer, trust->issuers[i].jwks_url,
			trust->issuers[i].tenants);
	}
	trust->state = text_c(&state);
	return FAULT_NONE;
}

enum fault issuers_load(struct issuers *issuers, struct app *app)
{
	struct arena *arena = arena_new();
	struct trust *trust = arena_alloc(arena, sizeof(*trust));
	enum fault fault;
	struct trust *old;

	trust->arena = arena;
	fault = trust_read(app, trust);
	/* Only the loader replaces what is trusted, so it may look at it unlocked. */
	if (fault || (issuers->trust && text_same(issuers->trust->state, trust->state))) {
		arena_free(arena);
		return fault;
	}
	if (trust->issuers[0].issuer)
		trust->verifier = token_verifier_new(
			config_text(app->config, "AFTERCARE_AUDIENCE"), trust->issuers, keys_fetch, app->rest);
	pthread_rwlock_wrlock(&issuers->lock);
	old = issuers->trust;
	issuers->trust = trust;
	pthread_rwlock_unlock(&issuers->lock);
	trust_free(old);
	return FAULT_NONE;
}

static struct exchanged *slot_of(struct issuers *issuers, const unsigned char digest[SECRET_SHA256_BYTES])
{
	return &issuers->exchanged[(digest[0] | digest[1] << 8) % ISSUER_EXCHANGES];
}

static const char *exchange_find(
	struct issuers *issuers, struct arena *arena, const unsigned char digest[SECRET_SHA256_BYTES])
{
	struct exchanged *slot = slot_of(issuers, digest);
	const char *token = NULL;

	pthread_mutex_lock(&issuers->exchanges);
	if (slot->token && memcmp(slot->digest, digest, SECRET_SHA256_BYTES) == 0 &&
		slot->expires > clock_now() / 1000 + RENEW_SECONDS)
		token = arena_strdup(arena, slot->token);
	pthread_mutex_unlock(&issuers->exchanges);
	return token;
}

static void exchange_keep(
	struct issuers *issuers, const unsigned char digest[SECRET_SHA256_BYTES], const char *token, int64_t expires)
{
	struct exchanged *slot = slot_of(issuers, digest);
	char *copy = strdup(token);

	if (!copy)
		abort();
	pthread_mutex_lock(&issuers->exchanges);
	free(slot->token);
	memcpy(slot->digest, digest, SECRET_SHA256_BYTES);
	slot->token = copy;
	slot->expires = expires;
	pthread_mutex_unlock(&issuers->exchanges);
}

static const char *roles_text(struct request *request, role_mask roles)
{
	struct text out = text_new(request->arena, ROLES_MAX);

	for (int i = 0; i < ROLE_COUNT; i++)
		if (roles & ROLE_BIT(i))
			text_addf(&out, "%s%s", out.length ? " " : "", role_name((enum role)i));
	return text_c(&out);
}

/* A token of ours that says what theirs said; request->caller becomes its bearer. */
static enum fault exchange(struct issuers *issuers, struct request *request, const char *token)
{
	struct caller *caller = &request->caller;
	int64_t latest = clock_now() / 1000 + config_integer(request->app->config, "AFTERCARE_ACCESS_SECONDS");
	struct grant grant = { .id = grant_id(request),
		.tenant = caller->tenant,
		.subject = caller->subject,
		.name = caller->name,
		.roles = roles_text(request, caller->roles),
		.technician_id = caller->technician_id,
		.customer_id = caller->customer_id,
		.expires = caller->expires < latest ? caller->expires : latest };
	unsigned char digest[SECRET_SHA256_BYTES];
	const char *ours;
	enum fault fault;

	secret_sha256(token, strlen(token), digest);
	ours = exchange_find(issuers, request->arena, digest);
	if (!ours) {
		fault = grant_sign(request, &grant, scope_list(request->arena, caller->scopes), &ours);
		if (fault)
			return fault;
		exchange_keep(issuers, digest, ours, grant.expires);
	}
	caller->token = ours;
	return FAULT_NONE;
}

enum fault issuers_verify(struct issuers *issuers, struct request *request, const char *token, const char **reason)
{
	struct caller *caller = &request->caller;
	enum fault fault = FAULT_UNAUTHENTICATED;

	pthread_rwlock_rdlock(&issuers->lock);
	if (issuers->trust && issuers->trust->verifier) {
		fault = token_verify(issuers->trust->verifier, request->arena, token, caller, reason);
		/* The issuer's name lives as long as its table: the request may live longer. */
		if (!fault)
			caller->issuer = arena_strdup(request->arena, caller->issuer);
	}
	pthread_rwlock_unlock(&issuers->lock);
	if (fault)
		return fault;
	/* Two issuers may both have a "1": a subject of theirs says whose it is. */
	caller->subject = arena_printf(request->arena, "%s#%s", caller->issuer, caller->subject);
	if (strlen(caller->subject) > ISSUER_SUBJECT_MAX) {
		*reason = "its issuer and subject are too long together";
		return FAULT_UNAUTHENTICATED;
	}
	return exchange(issuers, request, token);
}
