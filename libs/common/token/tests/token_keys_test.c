#include "token_keys.h"

#include "arena.h"
#include "rsa_key.h"
#include "sign.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct token_issuer issuers[] = { { .issuer = "i", .jwks_url = "u" }, { 0 } };

/* A clock that the test moves, and a server that it switches. */
static int64_t moment;
static const char *document;
static atomic_int fetches;
static bool slow;

static int64_t test_clock(void)
{
	return moment;
}

static enum fault fetch(void *context, struct arena *arena, const char *url, const char **body)
{
	(void)context;
	assert_string_equal(url, "u");
	fetches++;
	if (slow)
		usleep(100000);
	if (!document)
		return FAULT_UNAVAILABLE;
	*body = arena_strdup(arena, document);
	return FAULT_NONE;
}

/* A 2048-bit modulus (of RFC 7638 section 3.1) under several names. */
#define N                                                                                                              \
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"                      \
	"BJECPebWKRXjBZCiFV4n3oknj"                                                                                    \
	"hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"                                              \
	"FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQv"                                                           \
	"RL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-"                 \
	"csFCur-kEgU8awapJzKn"                                                                                         \
	"qDKgw"
#define JWK(kid) "{\"kty\":\"RSA\",\"kid\":\"" kid "\",\"n\":\"" N "\",\"e\":\"AQAB\"}"

static int set_up(void **state)
{
	moment = 1000000;
	document = "{\"keys\":[" JWK("a") "]}";
	fetches = 0;
	slow = false;
	*state = token_keys_new(issuers, fetch, NULL, test_clock);
	return 0;
}

static int tear_down(void **state)
{
	token_keys_free(*state);
	return 0;
}

static enum fault find(struct token_keys *keys, const char *kid)
{
	struct arena *arena = arena_new();
	struct rsa_key *key = NULL;
	enum fault fault = token_keys_find(keys, arena, &issuers[0], kid, &key);

	assert_true((fault == FAULT_NONE) == (key != NULL));
	arena_free(arena);
	return fault;
}

static void thumbprint_of_rfc_7638(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(rsa_thumbprint(arena, N, "AQAB"), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	arena_free(arena);
}

static void unknown_kid_refetches_at_most_each_gap(void **state)
{
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	assert_int_equal(find(*state, "b"), FAULT_UNAUTHENTICATED);
	assert_int_equal(fetches, 1);
	moment += TOKEN_JWKS_MIN_GAP_MS - 1;
	assert_int_equal(find(*state, "b"), FAULT_UNAUTHENTICATED);
	assert_int_equal(fetches, 1);
	moment += 1;
	for (int i = 0; i < 5; i++)
		assert_int_equal(find(*state, "b"), FAULT_UNAUTHENTICATED);
	assert_int_equal(fetches, 2);
	document = "{\"keys\":[" JWK("a") "," JWK("b") "]}";
	moment += TOKEN_JWKS_MIN_GAP_MS;
	assert_int_equal(find(*state, "b"), FAULT_NONE);
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	assert_int_equal(fetches, 3);
}

static void keys_are_refreshed_and_withdrawn_ones_go(void **state)
{
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	document = "{\"keys\":[" JWK("b") "]}";
	moment += TOKEN_JWKS_REFRESH_MS - 1;
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	assert_int_equal(fetches, 1);
	moment += 1;
	assert_int_equal(find(*state, "a"), FAULT_UNAUTHENTICATED);
	assert_int_equal(fetches, 2);
}

static void keys_outlive_an_issuer_that_is_down_for_a_while(void **state)
{
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	document = NULL;
	moment += TOKEN_JWKS_REFRESH_MS;
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	assert_int_equal(fetches, 2);
	assert_int_equal(find(*state, "a"), FAULT_NONE);
	assert_int_equal(find(*state, "b"), FAULT_UNAUTHENTICATED);
	assert_int_equal(fetches, 2);
	moment += TOKEN_JWKS_STALE_MS;
	assert_int_equal(find(*state, "a"), FAULT_UNAVAILABLE);
}

static void an_issuer_that_never_answered_is_asked_again_soon(void **state)
{
	document = NULL;
	assert_int_equal(find(*state, "a"), FAULT_UNAVAILABLE);
	assert_int_equal(find(*state, "a"), FAULT_UNAVAILABLE);
	assert_int_equal(fetches, 1);
	moment += TOKEN_JWKS_RETRY_MS;
	document = "{\"keys\":[" JWK("a") "]}";
	assert_int_equal(find(*state, "a"), FAULT_NONE);
}

static void bad_documents_leave_no_keys(void **state)
{
	static const char *const bad[] = { "", "no json", "[]", "{}", "{\"keys\":{}}", "{\"keys\":null}" };
	static const char *const keyless[] = { "{\"keys\":[]}", "{\"keys\":[1,null,{}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"" N "\",\"e\":\"\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"====\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"n\":\"" N "\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"" N "\",\"e\":\"AQAB\",\"use\":\"enc\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"" N "\",\"e\":\"AQAB\",\"alg\":\"PS256\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" N "\",\"e\":\"AQAB\"}]}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		document = bad[i];
		moment += TOKEN_JWKS_STALE_MS;
		assert_int_equal(find(*state, "a"), FAULT_UNAVAILABLE);
	}
	for (size_t i = 0; i < sizeof(keyless) / sizeof(*keyless); i++) {
		document = keyless[i];
		moment += TOKEN_JWKS_STALE_MS;
		assert_int_equal(find(*state, "a"), FAULT_UNAUTHENTICATED);
	}
}

static void too_many_keys_and_too_long_documents(void **state)
{
	static char big[TOKEN_JWKS_MAX_BYTES * 2];
	size_t length = (size_t)snprintf(big, sizeof(big), "{\"keys\":[" JWK("k0"));
	char kid[8];

	for (int i = 1; i < TOKEN_JWKS_MAX_KEYS + 5; i++)
		length += (size_t)snprintf(big + length, sizeof(big) - length,
			",{\"kty\":\"RSA\",\"kid\":\"k%d\",\"n\":\"" N "\",\"e\":\"AQAB\"}", i);
	snprintf(big + length, sizeof(big) - length, "]}");
	document = big;
	snprintf(kid, sizeof(kid), "k%d", TOKEN_JWKS_MAX_KEYS - 1);
	assert_int_equal(find(*state, kid), FAULT_NONE);
	snprintf(kid, sizeof(kid), "k%d", TOKEN_JWKS_MAX_KEYS);
	assert_int_equal(find(*state, kid), FAULT_UNAUTHENTICATED);
	memset(big, ' ', TOKEN_JWKS_MAX_BYTES + 1);
	strcpy(big + TOKEN_JWKS_MAX_BYTES, "{\"keys\":[]}");
	moment += TOKEN_JWKS_STALE_MS;
	assert_int_equal(find(*state, "k0"), FAULT_UNAVAILABLE);
}

static void *find_in_thread(void *keys)
{
	return (void *)(intptr_t)find(keys, "a");
}

static void one_thread_fetches_for_all(void **state)
{
	pthread_t threads[8];

	slow = true;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, find_in_thread, *state), 0);
	for (int i = 0; i < 8; i++) {
		void *fault;

		pthread_join(threads[i], &fault);
		assert_int_equal((intptr_t)fault, FAULT_NONE);
	}
	assert_int_equal(fetches, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thumbprint_of_rfc_7638),
		TEST(unknown_kid_refetches_at_most_each_gap),
		TEST(keys_are_refreshed_and_withdrawn_ones_go),
		TEST(keys_outlive_an_issuer_that_is_down_for_a_while),
		TEST(an_issuer_that_never_answered_is_asked_again_soon),
		TEST(bad_documents_leave_no_keys),
		TEST(too_many_keys_and_too_long_documents),
		TEST(one_thread_fetches_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
