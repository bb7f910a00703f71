#include "rsa_key.h"

#include "arena.h"
#include "text.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct rsa_key {
	atomic_int holders;
	pthread_mutex_t lock; /* GnuTLS wants one thread at a time for an object */
	gnutls_pubkey_t public;
};

/* Makes GnuTLS's key of the two numbers; false when they are no RSA key of a size we take. */
static bool public_import(gnutls_pubkey_t public, struct arena *arena, const char *n, const char *e)
{
	gnutls_datum_t modulus;
	gnutls_datum_t exponent;
	unsigned bits = 0;
	size_t length;

	modulus.data = (unsigned char *)text_base64url_decode(arena, n, &length);
	if (!modulus.data || length < RSA_KEY_BITS_MIN / 8 || length > RSA_KEY_BITS_MAX / 8 + 1)
		return false;
	modulus.size = (unsigned)length;
	exponent.data = (unsigned char *)text_base64url_decode(arena, e, &length);
	if (!exponent.data || length == 0 || length > 8)
		return false;
	exponent.size = (unsigned)length;
	return gnutls_pubkey_import_rsa_raw(public, &modulus, &exponent) == 0 &&
		gnutls_pubkey_get_pk_algorithm(public, &bits) == GNUTLS_PK_RSA && bits >= RSA_KEY_BITS_MIN &&
		bits <= RSA_KEY_BITS_MAX;
}

struct rsa_key *rsa_key_new(const char *n, const char *e)
{
	struct arena *arena = arena_new();
	struct rsa_key *key = calloc(1, sizeof(*key));

	if (!key || gnutls_pubkey_init(&key->public) != 0)
		abort(); /* no memory */
	atomic_init(&key->holders, 1);
	pthread_mutex_init(&key->lock, NULL);
	if (!public_import(key->public, arena, n, e)) {
		rsa_key_release(key);
		key = NULL;
	}
	arena_free(arena);
	return key;
}

struct rsa_key *rsa_key_hold(struct rsa_key *key)
{
	atomic_fetch_add(&key->holders, 1);
	return key;
}

void rsa_key_release(struct rsa_key *key)
{
	if (!key || atomic_fetch_sub(&key->holders, 1) > 1)
		return;
	gnutls_pubkey_deinit(key->public);
	pthread_mutex_destroy(&key->lock);
	free(key);
}

bool rsa_key_verifies(struct rsa_key *key, const char *text, size_t length, const void *signature, size_t size)
{
	const gnutls_datum_t data = { .data = (unsigned char *)text, .size = (unsigned)length };
	const gnutls_datum_t signed_by = { .data = (unsigned char *)signature, .size = (unsigned)size };
	int result;

	pthread_mutex_lock(&key->lock);
	result = gnutls_pubkey_verify_data2(key->public, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signed_by);
	pthread_mutex_unlock(&key->lock);
	return result >= 0;
}

void rsa_sha256(const void *bytes, size_t length, unsigned char digest[RSA_SHA256_BYTES])
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, digest) != 0)
		abort(); /* SHA-256 is always there; going on with no digest would be worse */
}

char *rsa_thumbprint(struct arena *arena, const char *n, const char *e)
{
	/* The required members only, in the order of their names, without spaces. */
	const char *json = arena_printf(arena, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", e, n);
	unsigned char digest[RSA_SHA256_BYTES];

	rsa_sha256(json, strlen(json), digest);
	return text_base64url(arena, digest, sizeof(digest));
}
