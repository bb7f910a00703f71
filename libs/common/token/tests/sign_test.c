#include "sign.h"

#include "arena.h"
#include "json.h"
#include "rsa_key.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 1024 bits, PKCS#8: too short to be taken. Made for this test. */
static const char short_key[] = "-----BEGIN PRIVATE KEY-----\n"
				"MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALNmOHOQ+F96HJwR\n"
				"UO1oJh+XtOqzKkeg+1tas8lhHsP+jsFRkoPrvD68Zcf6Ykupx40FOD6ZWQFzCnPQ\n"
				"rJJnqZMIE7vEQvA3Isvhervwv1sqPNkyOg/SbRJaBcPvJdCqBtyewu4n1eBOVk5l\n"
				"+3/f5/mn+K6I9BwW9gPCEGWGFhk1AgMBAAECgYEAm+eHw5cG4iKC3naF9+t8xhPX\n"
				"G+gcJCeYiWmnuKh4TifY89PqGk8xRuv/H+1OoyamzrzshipKGWJagQ+mCY2g5Tr5\n"
				"pzEKCyOQW2WYMWi6Hi/KD6xFy34FnXIda6eUvhtSmMZNr+qcM/0xwKNVa9PuEJuz\n"
				"nKxWlNNqVYikc35AZ7kCQQDkEaeTktaJ3ATzqxCdem9e/588J85533GUEU+kb7hL\n"
				"+Cd8GZXxvI4CrypV/VtmxGbanb8U8QpcECBVMJAO0aM3AkEAyV6wq8T7i4yhvR2k\n"
				"OCGkLqoMnZjSw6khQ7Cp9LbFVEO14KOUyFxos1mx/LWk682e0ozfHC+UwU+6ndmx\n"
				"ehc08wJAFt36Sl6fqiToTjIpsVB0WDcTFSn8ltWjgrAVpywYc22HL/c0xI8eQgCk\n"
				"IwkLIAuzMFo+rW/ZlQ983m3HE+VLEwJAbcZ4C3vcIWwt89nH322/gkzjibp5E38N\n"
				"Ckixrh1BH7m12dtzTXLLBRLdq8UePgofDesL6eKqdmPPeSPm04b5LwJBAJHztPaP\n"
				"MPCww+4XpdXXdZs2NvMhZTrJOeSkD+hr2ETBc9FCHNDGPQiip5o5uzyOh2SuGUi6\n"
				"jpyRJvQVBTWS2Y4=\n"
				"-----END PRIVATE KEY-----\n";

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

static void signed_tokens_have_the_shape_of_rfc_9068(void **state)
{
	struct token_key *key = token_key_new();
	const char *compact = NULL;
	const char *problem;
	size_t length;
	char *header;
	const json_t *json;

	assert_int_equal(token_sign(*state, key, "{\"sub\":\"x\"}", &compact), FAULT_NONE);
	header = arena_strndup(*state, compact, strcspn(compact, "."));
	header = text_base64url_decode(*state, header, &length);
	json = json_read(*state, header, length, &problem);
	assert_string_equal(json_string_at(json, "alg"), "RS256");
	assert_string_equal(json_string_at(json, "typ"), "at+jwt");
	assert_string_equal(json_string_at(json, "kid"), token_key_id(key));
	assert_non_null(strstr(compact, ".eyJzdWIiOiJ4In0."));
	token_key_free(key);
}

static void key_survives_pem_and_public_half_verifies(void **state)
{
	struct token_key *key = token_key_new();
	struct token_key *again = NULL;
	struct rsa_key *public;
	const char *compact = NULL;
	const char *problem;
	const json_t *jwk;
	const char *jwk_text;
	const char *last;
	char *signature;
	size_t length;

	assert_int_equal(token_key_read(token_key_pem(*state, key), &again), FAULT_NONE);
	assert_string_equal(token_key_id(again), token_key_id(key));
	assert_int_equal(token_sign(*state, again, "{}", &compact), FAULT_NONE);
	jwk_text = token_key_public(*state, key);
	jwk = json_read(*state, jwk_text, strlen(jwk_text), &problem);
	assert_non_null(jwk);
	assert_int_equal(json_object_size(jwk), 6); /* and none of the private numbers */
	assert_string_equal(json_string_at(jwk, "kid"), token_key_id(key));
	assert_string_equal(json_string_at(jwk, "use"), "sig");
	public = rsa_key_new(json_string_at(jwk, "n"), json_string_at(jwk, "e"));
	assert_non_null(public);
	last = strrchr(compact, '.');
	signature = text_base64url_decode(*state, last + 1, &length);
	assert_int_equal(length, TOKEN_KEY_BITS / 8);
	assert_true(rsa_key_verifies(public, compact, (size_t)(last - compact), signature, length));
	assert_false(rsa_key_verifies(public, compact, (size_t)(last - compact - 1), signature, length));
	assert_false(rsa_key_verifies(public, compact, (size_t)(last - compact), signature, 0));
	rsa_key_release(public);
	token_key_free(key);
	token_key_free(again);
}

static void what_is_no_fit_key_is_refused(void **state)
{
	struct token_key *key = NULL;

	(void)state;
	assert_int_equal(token_key_read("", &key), FAULT_INVALID);
	assert_int_equal(
		token_key_read("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", &key), FAULT_INVALID);
	assert_int_equal(token_key_read(short_key, &key), FAULT_INVALID);
	assert_null(key);
	token_key_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signed_tokens_have_the_shape_of_rfc_9068, set_up, tear_down),
		cmocka_unit_test_setup_teardown(key_survives_pem_and_public_half_verifies, set_up, tear_down),
		cmocka_unit_test(what_is_no_fit_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
