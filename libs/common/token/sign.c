#include "sign.h"

#include "arena.h"
#include "rsa_key.h"
#include "text.h"

#include <gnutls/abstract.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct token_key {
	gnutls_privkey_t private;
	pthread_mutex_t lock; /* GnuTLS wants one thread at a time for an object */
	struct arena *arena;  /* of the strings */
	const char *id;
	const char *n;
	const char *e;
};

static struct token_key *key_alloc(void)
{
	struct token_key *key = calloc(1, sizeof(*key));

	if (!key || gnutls_privkey_init(&key->private) != 0)
		abort(); /* no memory */
	pthread_mutex_init(&key->lock, NULL);
	key->arena = arena_new();
	return key;
}

/* Reads n and e out of the key; false when it isn't an RSA key. */
static bool key_name(struct token_key *key)
{
	gnutls_datum_t n;
	gnutls_datum_t e;

	if (gnutls_privkey_export_rsa_raw2(
		    key->private, &n, &e, NULL, NULL, NULL, NULL, NULL, NULL, GNUTLS_EXPORT_FLAG_NO_LZ) != 0)
		return false;
	key->n = text_base64url(key->arena, n.data, n.size);
	key->e = text_base64url(key->arena, e.data, e.size);
	key->id = rsa_thumbprint(key->arena, key->n, key->e);
	gnutls_free(n.data);
	gnutls_free(e.data);
	return true;
}

struct token_key *token_key_new(void)
{
	struct token_key *key = key_alloc();

	if (gnutls_privkey_generate(key->private, GNUTLS_PK_RSA, TOKEN_KEY_BITS, 0) != 0 || !key_name(key))
		abort(); /* without entropy or memory there is nothing to fall back to */
	return key;
}

enum fault token_key_read(const char *pem, struct token_key **key)
{
	const gnutls_datum_t data = { .data = (unsigned char *)pem, .size = (unsigned)strnlen(pem, TOKEN_KEY_PEM_MAX) };
	struct token_key *read = key_alloc();
	unsigned bits = 0;

	if (gnutls_privkey_import_x509_raw(read->private, &data, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN) != 0 ||
		gnutls_privkey_get_pk_algorithm(read->private, &bits) != GNUTLS_PK_RSA || bits < RSA_KEY_BITS_MIN ||
		!key_name(read)) {
		token_key_free(read);
		return FAULT_INVALID;
	}
	*key = read;
	return FAULT_NONE;
}

void token_key_free(struct token_key *key)
{
	if (!key)
		return;
	gnutls_privkey_deinit(key->private);
	pthread_mutex_destroy(&key->lock);
	arena_free(key->arena);
	free(key);
}

char *token_key_pem(struct arena *arena, const struct token_key *key)
{
	gnutls_x509_privkey_t private = NULL;
	gnutls_datum_t pem;
	char *text;

	if (gnutls_privkey_export_x509(key->private, &private) != 0 ||
		gnutls_x509_privkey_export2_pkcs8(private, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem) != 0)
		abort(); /* a key that was made or read here can be written */
	text = arena_strndup(arena, (const char *)pem.data, pem.size);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(private);
	return text;
}

const char *token_key_id(const struct token_key *key)
{
	return key->id;
}

char *token_key_public(struct arena *arena, const struct token_key *key)
{
	return arena_printf(arena,
		"{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}", key->id,
		key->n, key->e);
}

enum fault token_sign(struct arena *arena, struct token_key *key, const char *claims, const char **compact)
{
	const char *header = arena_printf(arena, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}", key->id);
	char *text = arena_printf(arena, "%s.%s", text_base64url(arena, header, strlen(header)),
		text_base64url(arena, claims, strlen(claims)));
	const gnutls_datum_t data = { .data = (unsigned char *)text, .size = (unsigned)strlen(text) };
	gnutls_datum_t signature;
	int failed;

	pthread_mutex_lock(&key->lock);
	failed = gnutls_privkey_sign_data2(key->private, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signature);
	pthread_mutex_unlock(&key->lock);
	if (failed)
		return FAULT_INTERNAL;
	*compact = arena_printf(arena, "%s.%s", text, text_base64url(arena, signature.data, signature.size));
	gnutls_free(signature.data);
	return FAULT_NONE;
}
