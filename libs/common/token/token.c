#include "token.h"

#include "arena.h"
#include "clock.h"
#include "json.h"
#include "text.h"
#include "token_cache.h"
#include "token_claims.h"
#include "token_keys.h"

#include <stdlib.h>
#include <string.h>

struct token_verifier {
	const char *audience;
	const struct token_issuer *issuers;
	struct token_keys *keys;
	struct token_cache *cache;
};

/* A compact JWS (RFC 7515 section 7.1) taken apart. */
struct parts {
	const json_t *header;
	const json_t *claims;
	size_t signed_length; /* bytes of the token that the signature covers */
	const char *signature;
	size_t signature_length;
};

struct token_verifier *token_verifier_new(
	const char *audience, const struct token_issuer *issuers, token_fetch fetch, void *context)
{
	struct token_verifier *verifier = calloc(1, sizeof(*verifier));

	if (!verifier)
		abort();
	verifier->audience = audience;
	verifier->issuers = issuers;
	verifier->keys = token_keys_new(issuers, fetch, context, clock_monotonic);
	verifier->cache = token_cache_new();
	return verifier;
}

void token_verifier_free(struct token_verifier *verifier)
{
	if (!verifier)
		return;
	token_keys_free(verifier->keys);
	token_cache_free(verifier->cache);
	free(verifier);
}

/* The JSON object that a part is; NULL when it isn't one. */
static const json_t *part_read(struct arena *arena, const char *part, size_t length)
{
	const char *problem;
	const json_t *json;
	size_t size;
	char *bytes = text_base64url_decode(arena, arena_strndup(arena, part, length), &size);

	json = bytes ? json_read(arena, bytes, size, &problem) : NULL;
	return json_is_object(json) ? json : NULL;
}

static bool parts_read(struct arena *arena, const char *compact, struct parts *parts)
{
	const char *first = strchr(compact, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;

	if (!second)
		return false;
	parts->header = part_read(arena, compact, (size_t)(first - compact));
	parts->claims = parts->header ? part_read(arena, first + 1, (size_t)(second - first - 1)) : NULL;
	parts->signed_length = (size_t)(second - compact);
	parts->signature = text_base64url_decode(arena, second + 1, &parts->signature_length);
	return parts->claims && parts->signature;
}

static const struct token_issuer *issuer_find(const struct token_verifier *verifier, const json_t *claims)
{
	const char *name = json_string_at(claims, "iss");

	for (const struct token_issuer *issuer = verifier->issuers; name && issuer->issuer; issuer++)
		if (strcmp(issuer->issuer, name) == 0)
			return issuer;
	return NULL;
}

/* Checks the signature with the issuer's key of that name. */
static enum fault signature_check(struct token_verifier *verifier, struct arena *arena,
	const struct token_issuer *issuer, const char *compact, const struct parts *parts, const char **refusal)
{
	struct rsa_key *key;
	enum fault fault = token_keys_find(verifier->keys, arena, issuer, json_string_at(parts->header, "kid"), &key);

	if (fault == FAULT_UNAUTHENTICATED)
		*refusal = "the token is signed with a key that its issuer does not have";
	else if (fault == FAULT_NONE &&
		!rsa_key_verifies(key, compact, parts->signed_length, parts->signature, parts->signature_length))
		*refusal = "the signature of the token is wrong";
	return fault == FAULT_UNAUTHENTICATED ? FAULT_NONE : fault;
}

/* Verifies a token that isn't in the cache. FAULT_NONE with *refusal NULL: good. */
static enum fault token_check(struct token_verifier *verifier, struct arena *arena, const char *compact,
	struct caller *caller, const char **refusal)
{
	const struct token_issuer *issuer;
	struct parts parts;
	enum fault fault;

	*refusal = "the token is not a JWT";
	if (!parts_read(arena, compact, &parts))
		return FAULT_NONE;
	*refusal = token_header_refusal(parts.header);
	if (*refusal)
		return FAULT_NONE;
	issuer = issuer_find(verifier, parts.claims);
	if (!issuer) {
		*refusal = "the token is of an issuer that is not trusted here";
		return FAULT_NONE;
	}
	fault = signature_check(verifier, arena, issuer, compact, &parts, refusal);
	if (fault != FAULT_NONE || *refusal)
		return fault;
	*refusal = token_claims_refusal(parts.claims, verifier->audience, clock_now() / 1000);
	if (!*refusal)
		*refusal = token_caller_read(arena, parts.claims, issuer, caller);
	return FAULT_NONE;
}

/* Until when (ms) a verified token is kept. */
static int64_t cached_until(const struct caller *caller, int64_t now)
{
	int64_t expires = (caller->expires + TOKEN_LEEWAY_SECONDS) * 1000;

	return expires < now + TOKEN_CACHE_MS ? expires : now + TOKEN_CACHE_MS;
}

enum fault token_verify(struct token_verifier *verifier, struct arena *arena, const char *compact,
	struct caller *caller, const char **reason)
{
	size_t length = strnlen(compact, TOKEN_MAX_BYTES + 1);
	unsigned char digest[RSA_SHA256_BYTES];
	int64_t now = clock_now();
	struct caller found;
	const char *refusal;
	enum fault fault;

	if (length > TOKEN_MAX_BYTES) {
		*reason = "the token is too long";
		return FAULT_UNAUTHENTICATED;
	}
	rsa_sha256(compact, length, digest);
	if (!token_cache_get(verifier->cache, arena, digest, now, &found)) {
		fault = token_check(verifier, arena, compact, &found, &refusal);
		if (fault != FAULT_NONE)
			return fault;
		if (refusal) {
			*reason = refusal;
			return FAULT_UNAUTHENTICATED;
		}
		token_cache_put(verifier->cache, digest, cached_until(&found, now), &found);
	}
	found.token = arena_strndup(arena, compact, length);
	*caller = found;
	return FAULT_NONE;
}
