#include "secret.h"

#include "arena.h"
#include "text.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES

/* A password that nobody has, hashed with today's parameters: the work for an account that doesn't exist. */
static const char nobody[] =
	"$argon2id$v=19$m=65536,t=2,p=1$S/+wBIc2JkYCkjRzYItQ7Q$P+xnK/kJ6qUCH03Kz+dXlcYw3WtnXDwCC52GKggtp2E";

static pthread_once_t ready_once = PTHREAD_ONCE_INIT;
static sem_t hashers;

static void ready_make(void)
{
	if (sodium_init() < 0 || sem_init(&hashers, 0, SECRET_HASHERS) != 0) {
		fprintf(stderr, "aftercare: libsodium can't be used\n");
		abort();
	}
}

static void ready(void)
{
	pthread_once(&ready_once, ready_make);
}

/* Waits for one of the places to hash in; false when none came free in time. */
static bool hasher_take(void)
{
	struct timespec until;

	ready();
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SECRET_WAIT_MS / 1000;
	while (sem_timedwait(&hashers, &until) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

void secret_process_close(void)
{
	const struct rlimit none = { 0, 0 };

	/* The limit is for cores written to files, the flag also for those piped to a program (core(5), ptrace(2)). */
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		abort();
}

enum fault secret_password_hash(struct arena *arena, const char *password, const char **hash)
{
	char encoded[crypto_pwhash_STRBYTES];
	size_t length = strlen(password);
	int failed;

	if (length > SECRET_PASSWORD_MAX)
		return FAULT_INVALID;
	if (!hasher_take())
		return FAULT_BUSY;
	failed = crypto_pwhash_argon2id_str(encoded, password, length, SECRET_PASSWORD_PASSES, SECRET_PASSWORD_MEMORY);
	sem_post(&hashers);
	if (failed)
		return FAULT_BUSY; /* no memory for it now */
	*hash = arena_strdup(arena, encoded);
	return FAULT_NONE;
}

enum fault secret_password_verify(const char *hash, const char *password, bool *matches)
{
	size_t length = strlen(password);
	bool same;

	if (!hasher_take())
		return FAULT_BUSY;
	if (length > SECRET_PASSWORD_MAX) {
		length = SECRET_PASSWORD_MAX;
		hash = NULL;
	}
	errno = 0;
	same = crypto_pwhash_str_verify(hash ? hash : nobody, password, length) == 0;
	sem_post(&hashers);
	if (!same && errno == ENOMEM)
		return FAULT_BUSY;
	*matches = same && hash;
	return FAULT_NONE;
}

char *secret_random(struct arena *arena, size_t bytes)
{
	unsigned char random[SECRET_RANDOM_MAX];
	char *text;

	ready();
	if (bytes > sizeof(random))
		abort(); /* a defect of the caller; fewer bytes than asked for would be worse */
	randombytes_buf(random, bytes);
	text = text_base64url(arena, random, bytes);
	sodium_memzero(random, bytes);
	return text;
}

void secret_sha256(const void *bytes, size_t length, unsigned char digest[SECRET_SHA256_BYTES])
{
	crypto_hash_sha256(digest, bytes, length);
}

char *secret_sha256_hex(struct arena *arena, const char *string)
{
	unsigned char digest[SECRET_SHA256_BYTES];

	secret_sha256(string, strlen(string), digest);
	return text_hex(arena, digest, sizeof(digest));
}

char *secret_short_hex(struct arena *arena, const void *bytes, size_t length)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = { 0 };
	unsigned char digest[crypto_shorthash_BYTES];

	crypto_shorthash(digest, bytes, length, key);
	return text_hex(arena, digest, sizeof(digest));
}

void secret_sha256_keyed(const unsigned char key[SECRET_KEY_BYTES], const void *bytes, size_t length,
	unsigned char digest[SECRET_SHA256_BYTES])
{
	_Static_assert(SECRET_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES, "the key is as long as libsodium takes it");
	crypto_auth_hmacsha256(digest, bytes, length, key);
}

struct secret_digest {
	crypto_hash_sha256_state state;
};

struct secret_digest *secret_digest_new(struct arena *arena)
{
	struct secret_digest *digest = arena_alloc(arena, sizeof(*digest));

	crypto_hash_sha256_init(&digest->state);
	return digest;
}

void secret_digest_add(struct secret_digest *digest, const void *bytes, size_t length)
{
	crypto_hash_sha256_update(&digest->state, bytes, length);
}

char *secret_digest_hex(struct arena *arena, struct secret_digest *digest)
{
	unsigned char bytes[SECRET_SHA256_BYTES];

	crypto_hash_sha256_final(&digest->state, bytes);
	return text_hex(arena, bytes, sizeof(bytes));
}

bool secret_equal(const char *a, const char *b)
{
	unsigned char digest_a[SECRET_SHA256_BYTES];
	unsigned char digest_b[SECRET_SHA256_BYTES];

	if (!a || !b)
		return false;
	/* Digests have one length whatever the strings', so the comparison tells nothing about where they
	 * differ. */
	secret_sha256(a, strlen(a), digest_a);
	secret_sha256(b, strlen(b), digest_b);
	return sodium_memcmp(digest_a, digest_b, sizeof(digest_a)) == 0;
}

bool secret_key_read(const char *string, unsigned char key[SECRET_KEY_BYTES])
{
	struct arena *arena = arena_new();
	size_t length;
	char *bytes = text_base64url_decode(arena, string, &length);
	bool good = bytes && length == SECRET_KEY_BYTES;

	if (good)
		memcpy(key, bytes, SECRET_KEY_BYTES);
	if (bytes)
		sodium_memzero(bytes, length);
	arena_free(arena);
	return good;
}

char *secret_seal(struct arena *arena, const unsigned char key[SECRET_KEY_BYTES], const char *purpose,
	const void *bytes, size_t length)
{
	unsigned char *sealed;

	ready();
	if (length > SECRET_SEALED_MAX)
		abort(); /* a defect of the caller: keys and tokens are small */
	sealed = arena_alloc(arena, NONCE_BYTES + length + TAG_BYTES);
	randombytes_buf(sealed, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, bytes, length,
		(const unsigned char *)purpose, strlen(purpose), NULL, sealed, key);
	return text_base64url(arena, sealed, NONCE_BYTES + length + TAG_BYTES);
}

char *secret_open(struct arena *arena, const unsigned char key[SECRET_KEY_BYTES], const char *purpose,
	const char *sealed, size_t *length)
{
	unsigned char *bytes;
	unsigned char *plain;
	size_t size;

	ready();
	if (strlen(sealed) > (NONCE_BYTES + SECRET_SEALED_MAX + TAG_BYTES) / 3 * 4 + 4)
		return NULL;
	bytes = (unsigned char *)text_base64url_decode(arena, sealed, &size);
	if (!bytes || size < NONCE_BYTES + TAG_BYTES)
		return NULL;
	plain = arena_alloc(arena, size - NONCE_BYTES - TAG_BYTES + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + NONCE_BYTES, size - NONCE_BYTES,
		    (const unsigned char *)purpose, strlen(purpose), bytes, key) != 0)
		return NULL;
	*length = size - NONCE_BYTES - TAG_BYTES;
	return (char *)plain;
}
