#include "secret.h"

#include "arena.h"
#include "text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static void password_verifies(void **state)
{
	const char *hash;
	const char *again;
	bool matches = false;

	assert_int_equal(secret_password_hash(*state, "correct horse", &hash), FAULT_NONE);
	assert_true(text_starts(hash, "$argon2id$v=19$m=65536,t=2,p=1$"));
	assert_int_equal(secret_password_verify(hash, "correct horse", &matches), FAULT_NONE);
	assert_true(matches);
	assert_int_equal(secret_password_verify(hash, "correct horsE", &matches), FAULT_NONE);
	assert_false(matches);
	assert_int_equal(secret_password_hash(*state, "correct horse", &again), FAULT_NONE);
	assert_string_not_equal(hash, again);
}

static double seconds_of_verify(const char *hash, bool *matches)
{
	struct timespec before;
	struct timespec after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	assert_int_equal(secret_password_verify(hash, "some password", matches), FAULT_NONE);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

static void unknown_account_costs_the_same_work(void **state)
{
	const char *hash;
	bool matches = true;
	double known;
	double unknown;

	assert_int_equal(secret_password_hash(*state, "another", &hash), FAULT_NONE);
	known = seconds_of_verify(hash, &matches);
	assert_false(matches);
	matches = true;
	unknown = seconds_of_verify(NULL, &matches);
	assert_false(matches);
	assert_true(unknown > known / 4 && unknown < known * 4); /* without the work it would be a thousandth */
}

static void odd_passwords_and_hashes(void **state)
{
	char longest[SECRET_PASSWORD_MAX + 2];
	const char *hash = "untouched";
	bool matches = true;

	memset(longest, 'x', sizeof(longest));
	longest[SECRET_PASSWORD_MAX + 1] = '\0';
	assert_int_equal(secret_password_hash(*state, longest, &hash), FAULT_INVALID);
	assert_string_equal(hash, "untouched");
	longest[SECRET_PASSWORD_MAX] = '\0';
	assert_int_equal(secret_password_hash(*state, longest, &hash), FAULT_NONE);
	longest[SECRET_PASSWORD_MAX] = 'x'; /* one more than was hashed: not the same password cut short */
	assert_int_equal(secret_password_verify(hash, longest, &matches), FAULT_NONE);
	assert_false(matches);
	matches = true;
	assert_int_equal(secret_password_verify("no hash at all", "x", &matches), FAULT_NONE);
	assert_false(matches);
}

static void random_is_random(void **state)
{
	char *one = secret_random(*state, 32);

	assert_int_equal(strlen(one), 43);
	assert_string_not_equal(one, secret_random(*state, 32));
	assert_int_equal(strlen(secret_random(*state, SECRET_RANDOM_MAX)), 1366);
}

static void digests_of_fips_180(void **state)
{
	assert_string_equal(
		secret_sha256_hex(*state, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(
		secret_sha256_hex(*state, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void sha256_of_pieces(void **state)
{
	struct secret_digest *digest = secret_digest_new(*state);

	secret_digest_add(digest, "a", 1);
	secret_digest_add(digest, "", 0);
	secret_digest_add(digest, "bc", 2);
	assert_string_equal(secret_digest_hex(*state, digest), secret_sha256_hex(*state, "abc"));
}

static void equal(void **state)
{
	(void)state;
	assert_true(secret_equal("token", "token"));
	assert_true(secret_equal("", ""));
	assert_false(secret_equal("token", "token "));
	assert_false(secret_equal("token", "Token"));
	assert_false(secret_equal(NULL, NULL));
	assert_false(secret_equal(NULL, ""));
}

static void keys_are_32_bytes(void **state)
{
	unsigned char key[SECRET_KEY_BYTES] = { 7 };
	unsigned char zero[SECRET_KEY_BYTES] = { 0 };

	assert_false(secret_key_read("", key));
	assert_false(secret_key_read(secret_random(*state, 31), key));
	assert_false(secret_key_read(secret_random(*state, 33), key));
	assert_false(secret_key_read("not base64url, not base64url, not base64url", key));
	assert_int_equal(key[0], 7);
	assert_true(secret_key_read("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", key));
	assert_memory_equal(key, zero, sizeof(key));
}

static void sealed_opens_only_as_it_was_sealed(void **state)
{
	static const char plain[] = "-----BEGIN PRIVATE KEY-----\0binary too";
	unsigned char key[SECRET_KEY_BYTES];
	unsigned char other[SECRET_KEY_BYTES];
	size_t length = 0;
	char *sealed;
	char *opened;

	assert_true(secret_key_read(secret_random(*state, SECRET_KEY_BYTES), key));
	assert_true(secret_key_read(secret_random(*state, SECRET_KEY_BYTES), other));
	sealed = secret_seal(*state, key, "signing-key:1", plain, sizeof(plain));
	assert_null(strstr(sealed, "BEGIN"));
	opened = secret_open(*state, key, "signing-key:1", sealed, &length);
	assert_non_null(opened);
	assert_int_equal(length, sizeof(plain));
	assert_memory_equal(opened, plain, sizeof(plain));
	assert_string_not_equal(sealed, secret_seal(*state, key, "signing-key:1", plain, sizeof(plain)));
	assert_null(secret_open(*state, other, "signing-key:1", sealed, &length));
	assert_null(secret_open(*state, key, "signing-key:2", sealed, &length));
	for (size_t i = 0; sealed[i]; i++) {
		char kept = sealed[i];

		sealed[i] = kept == 'A' ? 'B' : 'A';
		assert_null(secret_open(*state, key, "signing-key:1", sealed, &length));
		sealed[i] = kept;
	}
	sealed[strlen(sealed) - 4] = '\0';
	assert_null(secret_open(*state, key, "signing-key:1", sealed, &length));
	assert_null(secret_open(*state, key, "signing-key:1", "", &length));
	assert_null(secret_open(*state, key, "signing-key:1", "AAAA", &length));
	assert_int_equal(length, sizeof(plain));
}

static void nothing_can_be_sealed_too(void **state)
{
	unsigned char key[SECRET_KEY_BYTES] = { 0 };
	size_t length = 9;

	assert_non_null(secret_open(*state, key, "", secret_seal(*state, key, "", "", 0), &length));
	assert_int_equal(length, 0);
}

/* RFC 4231 section 4.2; a key that is shorter is one with zeros behind. */
static void keyed_digest_of_rfc_4231(void **state)
{
	unsigned char key[SECRET_KEY_BYTES] = { 0 };
	unsigned char digest[SECRET_SHA256_BYTES];

	memset(key, 0x0b, 20);
	secret_sha256_keyed(key, "Hi There", 8, digest);
	assert_string_equal(text_hex(*state, digest, sizeof(digest)),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

static void *verify_in_thread(void *result)
{
	bool matches;

	*(enum fault *)result = secret_password_verify(NULL, "x", &matches);
	return NULL;
}

static void a_flood_waits_or_is_told_busy(void **state)
{
	pthread_t threads[SECRET_HASHERS * 3];
	enum fault results[SECRET_HASHERS * 3];
	const size_t count = sizeof(threads) / sizeof(*threads);
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_in_thread, &results[i]), 0);
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		assert_true(results[i] == FAULT_NONE || results[i] == FAULT_BUSY);
		good += results[i] == FAULT_NONE;
	}
	assert_true(good >= SECRET_HASHERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(password_verifies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unknown_account_costs_the_same_work, set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_passwords_and_hashes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(random_is_random, set_up, tear_down),
		cmocka_unit_test_setup_teardown(digests_of_fips_180, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sha256_of_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keyed_digest_of_rfc_4231, set_up, tear_down),
		cmocka_unit_test(equal),
		cmocka_unit_test_setup_teardown(keys_are_32_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sealed_opens_only_as_it_was_sealed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_can_be_sealed_too, set_up, tear_down),
		cmocka_unit_test(a_flood_waits_or_is_told_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
