/*
 * token_keys: the public keys of each issuer, fetched as JWKS (RFC 7517) and kept. Private to token. Thread safe.
 *
 * Keys are fetched when first needed, again when older than TOKEN_JWKS_REFRESH_MS, and when a kid is unknown, but not
 * more often than every TOKEN_JWKS_MIN_GAP_MS. One thread fetches, without holding the lock; the others go on with the
 * keys there are, or wait for it. While an issuer doesn't answer, its keys stay good for TOKEN_JWKS_STALE_MS.
 */
#ifndef AFTERCARE_TOKEN_KEYS_H
#define AFTERCARE_TOKEN_KEYS_H

#include "rsa_key.h"
#include "token.h"

struct token_keys;

/* clock tells monotonic milliseconds. Issuers are borrowed. */
struct token_keys *token_keys_new(
	const struct token_issuer *issuers, token_fetch fetch, void *context, int64_t (*clock)(void));
void token_keys_free(struct token_keys *keys);

/*
 * *key gets the key, held until the arena ends. FAULT_UNAUTHENTICATED: the issuer (an element of the issuers
 * given) has no such key; FAULT_UNAVAILABLE: its keys can't be had.
 */
enum fault token_keys_find(struct token_keys *keys, struct arena *arena, const struct token_issuer *issuer,
	const char *kid, struct rsa_key **key) __attribute__((warn_unused_result));

#endif
