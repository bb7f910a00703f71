#include "token_keys.h"

#include "arena.h"
#include "json.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEVER (-1)

struct named_key {
	char *kid;
	struct rsa_key *key;
};

/* The keys of one issuer. */
struct key_set {
	struct named_key keys[TOKEN_JWKS_MAX_KEYS];
	size_t count;
	int64_t fetched; /* when they came, or NEVER */
	int64_t tried;   /* when they were last asked for, or NEVER */
	bool fetching;
};

struct token_keys {
	const struct token_issuer *issuers;
	token_fetch fetch;
	void *context;
	int64_t (*clock)(void);
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	size_t count;
	struct key_set *sets; /* by the issuer's index */
};

struct token_keys *token_keys_new(
	const struct token_issuer *issuers, token_fetch fetch, void *context, int64_t (*clock)(void))
{
	struct token_keys *keys = calloc(1, sizeof(*keys));
	pthread_condattr_t attributes;

	if (!keys)
		abort();
	*keys = (struct token_keys){ .issuers = issuers, .fetch = fetch, .context = context, .clock = clock };
	while (issuers[keys->count].issuer)
		keys->count++;
	keys->sets = calloc(keys->count + 1, sizeof(*keys->sets));
	if (!keys->sets)
		abort();
	for (size_t i = 0; i < keys->count; i++)
		keys->sets[i].fetched = keys->sets[i].tried = NEVER;
	pthread_mutex_init(&keys->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&keys->arrived, &attributes);
	pthread_condattr_destroy(&attributes);
	return keys;
}

static void set_clear(struct key_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free(set->keys[i].kid);
		rsa_key_release(set->keys[i].key);
	}
	set->count = 0;
}

void token_keys_free(struct token_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		set_clear(&keys->sets[i]);
	pthread_cond_destroy(&keys->arrived);
	pthread_mutex_destroy(&keys->lock);
	free(keys->sets);
	free(keys);
}

static struct rsa_key *set_find(const struct key_set *set, const char *kid)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->keys[i].kid, kid) == 0)
			return set->keys[i].key;
	return NULL;
}

/* Takes a JWK over into the set when it is an RSA key for signatures of RS256; others are for other uses. */
static void jwk_read(struct key_set *set, const json_t *jwk)
{
	const char *kid = json_string_at(jwk, "kid");
	const char *use = json_string_at(jwk, "use");
	const char *algorithm = json_string_at(jwk, "alg");
	const char *n = json_string_at(jwk, "n");
	const char *e = json_string_at(jwk, "e");
	struct rsa_key *key;

	if (set->count == TOKEN_JWKS_MAX_KEYS || !kid || !n || !e || !text_same(json_string_at(jwk, "kty"), "RSA"))
		return;
	if ((use && strcmp(use, "sig") != 0) || (algorithm && strcmp(algorithm, "RS256") != 0) || set_find(set, kid))
		return;
	key = rsa_key_new(n, e);
	if (!key)
		return;
	set->keys[set->count] = (struct named_key){ .kid = strdup(kid), .key = key };
	if (!set->keys[set->count++].kid)
		abort();
}

/* Fetches and reads an issuer's document into a set of its own; false when it can't be had or isn't a JWKS. */
static bool set_fetch(const struct token_keys *keys, const struct token_issuer *issuer, struct key_set *set)
{
	struct arena *arena = arena_new();
	const char *body = NULL;
	const char *problem;
	const json_t *list = NULL;
	const json_t *jwk;
	bool good;
	size_t i;

	if (keys->fetch(keys->context, arena, issuer->jwks_url, &body) == FAULT_NONE && body &&
		strlen(body) <= TOKEN_JWKS_MAX_BYTES)
		list = json_object_get(json_read(arena, body, strlen(body), &problem), "keys");
	json_array_foreach(list, i, jwk)
		jwk_read(set, jwk);
	good = json_is_array(list);
	arena_free(arena);
	return good;
}

/* Fetches with the lock let go. Called and left with the lock held. */
static void set_refresh(struct token_keys *keys, size_t index)
{
	struct key_set *set = &keys->sets[index];
	struct key_set fresh = { 0 };
	int64_t asked = keys->clock();
	bool good;

	set->fetching = true;
	set->tried = asked;
	pthread_mutex_unlock(&keys->lock);
	good = set_fetch(keys, &keys->issuers[index], &fresh);
	pthread_mutex_lock(&keys->lock);
	if (good) {
		set_clear(set);
		memcpy(set->keys, fresh.keys, sizeof(fresh.keys));
		set->count = fresh.count;
		set->fetched = asked;
	} else {
		set_clear(&fresh);
	}
	set->fetching = false;
	pthread_cond_broadcast(&keys->arrived);
}

static bool arrival_wait(struct token_keys *keys, const struct timespec *until)
{
	return pthread_cond_timedwait(&keys->arrived, &keys->lock, until) == 0;
}

/* What to do about a kid now. */
enum step { STEP_USE, STEP_WAIT, STEP_FETCH, STEP_REFUSE, STEP_UNAVAILABLE };

static enum step step_next(const struct key_set *set, bool known, int64_t now)
{
	bool usable = set->fetched != NEVER && now - set->fetched < TOKEN_JWKS_STALE_MS;
	bool fresh = usable && now - set->fetched < TOKEN_JWKS_REFRESH_MS;
	int64_t gap = usable ? TOKEN_JWKS_MIN_GAP_MS : TOKEN_JWKS_RETRY_MS;
	bool may_ask = set->tried == NEVER || now - set->tried >= gap;

	if (known && usable && (fresh || set->fetching || !may_ask))
		return STEP_USE;
	if (set->fetching)
		return STEP_WAIT;
	if (may_ask)
		return STEP_FETCH;
	return usable ? STEP_REFUSE : STEP_UNAVAILABLE;
}

static void key_release(void *key)
{
	rsa_key_release(key);
}

enum fault token_keys_find(struct token_keys *keys, struct arena *arena, const struct token_issuer *issuer,
	const char *kid, struct rsa_key **key)
{
	size_t index = (size_t)(issuer - keys->issuers);
	struct rsa_key *found = NULL;
	struct timespec until;
	enum step step;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TOKEN_JWKS_WAIT_MS / 1000;
	pthread_mutex_lock(&keys->lock);
	do {
		found = set_find(&keys->sets[index], kid);
		step = step_next(&keys->sets[index], found != NULL, keys->clock());
		if (step == STEP_FETCH)
			set_refresh(keys, index);
		else if (step == STEP_WAIT && !arrival_wait(keys, &until))
			step = STEP_UNAVAILABLE;
	} while (step == STEP_FETCH || step == STEP_WAIT);
	if (step == STEP_USE)
		rsa_key_hold(found);
	pthread_mutex_unlock(&keys->lock);
	if (step != STEP_USE)
		return step == STEP_REFUSE ? FAULT_UNAUTHENTICATED : FAULT_UNAVAILABLE;
	arena_defer(arena, key_release, found);
	*key = found;
	return FAULT_NONE;
}
