/*
 * secret: passwords, random tokens, digests, and sealing of what must not lie open in a database. On libsodium.
 *
 * Passwords are argon2id (RFC 9106) with parameters that take about 100 ms and 64 MiB. At most SECRET_HASHERS of them
 * run at once, so that a flood of logins fills neither memory nor all cores; others wait SECRET_WAIT_MS, then get
 * FAULT_BUSY. Everything here is thread safe.
 */
#ifndef AFTERCARE_SECRET_H
#define AFTERCARE_SECRET_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define SECRET_PASSWORD_MAX    1024 /* bytes; a longer password never matches and can't be hashed */
#define SECRET_PASSWORD_MEMORY ((size_t)64 * 1024 * 1024)
#define SECRET_PASSWORD_PASSES 2
#define SECRET_HASHERS         4    /* password hashes computed at the same time */
#define SECRET_WAIT_MS         2000 /* for one's turn */
#define SECRET_KEY_BYTES       32
#define SECRET_SHA256_BYTES    32
#define SECRET_RANDOM_MAX      ((size_t)1024)
#define SECRET_SEALED_MAX      ((size_t)1024 * 1024) /* bytes that can be sealed */

/*
 * Keeps the memory of this process to itself: the kernel writes no core of it, and no process of the same user but root's
 * may read it. For main, before a secret is read.
 */
void secret_process_close(void);

/* *hash gets the encoded argon2id string ($argon2id$v=19$…), in the arena. FAULT_INVALID: longer than the
 * maximum. */
enum fault secret_password_hash(struct arena *arena, const char *password, const char **hash)
	__attribute__((warn_unused_result));

/*
 * *matches tells whether the password belongs to the hash. With hash NULL (no such account) it does the same
 * work and is false, so that the time taken doesn't tell whether an account exists.
 */
enum fault secret_password_verify(const char *hash, const char *password, bool *matches)
	__attribute__((warn_unused_result));

/* `bytes` random bytes from the kernel as base64url, for refresh tokens, client secrets and the like. */
char *secret_random(struct arena *arena, size_t bytes);

/* SHA-256 (FIPS 180-4); tokens of high entropy are kept as this digest. */
void secret_sha256(const void *bytes, size_t length, unsigned char digest[SECRET_SHA256_BYTES]);
char *secret_sha256_hex(struct arena *arena, const char *string);

/* SipHash-2-4 of bytes, the same everywhere: 16 digits that tell texts apart, though not against who seeks two alike. */
char *secret_short_hex(struct arena *arena, const void *bytes, size_t length);

/* HMAC-SHA-256 (RFC 2104): of what holds a password, which a plain digest would give to whoever can try many. */
void secret_sha256_keyed(const unsigned char key[SECRET_KEY_BYTES], const void *bytes, size_t length,
	unsigned char digest[SECRET_SHA256_BYTES]);

/* The same of what comes piece by piece: begin (in the arena), add, end once. */
struct secret_digest;
struct secret_digest *secret_digest_new(struct arena *arena);
void secret_digest_add(struct secret_digest *digest, const void *bytes, size_t length);
char *secret_digest_hex(struct arena *arena, struct secret_digest *digest);

/* Whether two strings are the same, in a time that doesn't tell where they differ. NULL equals nothing. */
bool secret_equal(const char *a, const char *b);

/* Reads a key given as base64url of 32 bytes (as secret_random(arena, 32) makes it); false when it isn't one. */
bool secret_key_read(const char *string, unsigned char key[SECRET_KEY_BYTES]) __attribute__((warn_unused_result));

/*
 * Seals bytes with XChaCha20-Poly1305: base64url of a random nonce, the ciphertext and its tag. `purpose` (what it is,
 * whose it is) is bound to it: what was sealed for one purpose doesn't open for another.
 */
char *secret_seal(struct arena *arena, const unsigned char key[SECRET_KEY_BYTES], const char *purpose,
	const void *bytes, size_t length);

/* Opens it; NULL when key, purpose or bytes are not the sealed ones. A zero byte follows the *length bytes. */
char *secret_open(struct arena *arena, const unsigned char key[SECRET_KEY_BYTES], const char *purpose,
	const char *sealed, size_t *length) __attribute__((warn_unused_result));

#endif
