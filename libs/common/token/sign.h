/*
 * sign: makes access tokens (RFC 9068) signed with RS256, and the keys for it. The gateway's half of token.
 *
 * A key is immutable and may be used from any thread. Its id (kid) is the thumbprint of RFC 7638, so that the
 * same key has the same id everywhere.
 */
#ifndef AFTERCARE_SIGN_H
#define AFTERCARE_SIGN_H

#include "fault.h"

struct arena;

#define TOKEN_KEY_BITS    2048
#define TOKEN_KEY_PEM_MAX 8192 /* bytes of a private key as text */

struct token_key;

/* Generates a new key: takes some 100 ms. End it with token_key_free. */
struct token_key *token_key_new(void);

/* Reads a private RSA key of at least 2048 bits (PKCS#8 or PKCS#1, unencrypted). FAULT_INVALID when it isn't
 * one. */
enum fault token_key_read(const char *pem, struct token_key **key) __attribute__((warn_unused_result));
void token_key_free(struct token_key *key);

/* The private key as PKCS#8 PEM: to be sealed before it is stored. */
char *token_key_pem(struct arena *arena, const struct token_key *key);

/* The kid. Borrowed from the key. */
const char *token_key_id(const struct token_key *key);

/* The public half as a JWK (RFC 7517): {"kty":"RSA","use":"sig","alg":"RS256","kid":…,"n":…,"e":…}. */
char *token_key_public(struct arena *arena, const struct token_key *key);

/*
 * Signs claims, a JSON object as text (checked by nobody here), to a compact JWS with the header
 * {"alg":"RS256","typ":"at+jwt","kid":…}. *compact lies in the arena. FAULT_INTERNAL when GnuTLS fails.
 */
enum fault token_sign(struct arena *arena, struct token_key *key, const char *claims, const char **compact)
	__attribute__((warn_unused_result));

#endif
