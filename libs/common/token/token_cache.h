/*
 * token_cache: callers of tokens that were verified lately, by the full SHA-256 of the token. Private to token. A table
 * of TOKEN_CACHE_ENTRIES places in sets of four; the entry that ends first makes room. Thread safe.
 */
#ifndef AFTERCARE_TOKEN_CACHE_H
#define AFTERCARE_TOKEN_CACHE_H

#include "rsa_key.h"
#include "token.h"

#include <stdbool.h>

struct token_cache;

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache);

/* Fills *caller (all but its token) with copies in the arena; false when it isn't known, or ended before now
 * (ms). */
bool token_cache_get(struct token_cache *cache, struct arena *arena, const unsigned char digest[RSA_SHA256_BYTES],
	int64_t now, struct caller *caller);

/* Keeps a copy of *caller until then (ms). */
void token_cache_put(struct token_cache *cache, const unsigned char digest[RSA_SHA256_BYTES], int64_t until,
	const struct caller *caller);

#endif
