/*
 * rsa_key: RSA keys on GnuTLS, for signatures of JWS algorithm RS256 (RFC 7518 section 3.3) and nothing else.
 * Private to token. Keys are shared by reference count and may be used from any thread.
 */
#ifndef AFTERCARE_RSA_KEY_H
#define AFTERCARE_RSA_KEY_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define RSA_KEY_BITS_MIN 2048 /* RFC 7518 section 3.3 */
#define RSA_KEY_BITS_MAX 8192
#define RSA_SHA256_BYTES 32

struct rsa_key;

/* A public key from a JWK's n and e (base64url, RFC 7518 section 6.3.1); NULL when they are not one in bounds. */
struct rsa_key *rsa_key_new(const char *n, const char *e);

/* One more holder; returns the key. */
struct rsa_key *rsa_key_hold(struct rsa_key *key);

/* One holder less; the last frees it. NULL is fine. */
void rsa_key_release(struct rsa_key *key);

/* Whether the signature of RS256 over text is by this key. */
bool rsa_key_verifies(struct rsa_key *key, const char *text, size_t length, const void *signature, size_t size);

void rsa_sha256(const void *bytes, size_t length, unsigned char digest[RSA_SHA256_BYTES]);

/* The thumbprint of n and e (RFC 7638), in the arena: what we use as kid. */
char *rsa_thumbprint(struct arena *arena, const char *n, const char *e);

#endif
