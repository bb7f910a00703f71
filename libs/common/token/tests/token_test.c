#include "token.h"

#include "arena.h"
#include "clock.h"
#include "sign.h"
#include "text.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OURS     "https://aftercare.example"
#define FOREIGN  "https://id.example.org"
#define AUDIENCE "aftercare"
#define TENANT   "0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4e"
#define OTHER    "0190b0a4-7e1c-7cc3-98a1-000000000000"

static const struct token_issuer issuers[] = {
	{ .issuer = OURS, .jwks_url = "http://localhost/ours" },
	{ .issuer = FOREIGN, .jwks_url = "http://localhost/foreign", .tenants = OTHER " " TENANT },
	{ 0 },
};

/* Keys take long to make: once for all tests. */
static struct token_key *our_key;
static struct token_key *foreign_key;
static struct token_key *stranger_key;

struct fixture {
	struct arena *arena;
	struct token_verifier *verifier;
	struct token_key *published; /* by our issuer */
	int fetches;
	bool down;
	struct caller caller;
	const char *reason;
};

static enum fault fetch(void *context, struct arena *arena, const char *url, const char **body)
{
	struct fixture *fixture = context;
	const struct token_key *key = text_ends(url, "/ours") ? fixture->published : foreign_key;

	fixture->fetches++;
	if (fixture->down)
		return FAULT_UNAVAILABLE;
	*body = arena_printf(arena, "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"x\"},%s]}", token_key_public(arena, key));
	return FAULT_NONE;
}

static int keys_make(void **state)
{
	(void)state;
	our_key = token_key_new();
	foreign_key = token_key_new();
	stranger_key = token_key_new();
	return 0;
}

static int keys_free(void **state)
{
	(void)state;
	token_key_free(our_key);
	token_key_free(foreign_key);
	token_key_free(stranger_key);
	return 0;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	fixture->published = our_key;
	fixture->verifier = token_verifier_new(AUDIENCE, issuers, fetch, fixture);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	token_verifier_free(fixture->verifier);
	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

/* Claims that are good for issuer, then more ones (",\"name\":…" or ""). */
static const char *claims_of(struct fixture *fixture, const char *issuer, const char *more)
{
	return arena_printf(fixture->arena,
		"{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":%lld,\"sub\":\"anna\",\"tenant\":\"%s\","
		"\"roles\":[\"operator\"]%s}",
		issuer, AUDIENCE, (long long)(clock_now() / 1000 + 600), TENANT, more);
}

static const char *sign(struct fixture *fixture, struct token_key *key, const char *claims)
{
	const char *compact = NULL;

	assert_int_equal(token_sign(fixture->arena, key, claims, &compact), FAULT_NONE);
	return compact;
}

static enum fault verify(struct fixture *fixture, const char *compact)
{
	fixture->reason = NULL;
	return token_verify(fixture->verifier, fixture->arena, compact, &fixture->caller, &fixture->reason);
}

static void assert_refused(struct fixture *fixture, const char *compact, const char *reason)
{
	memset(&fixture->caller, 0, sizeof(fixture->caller));
	assert_int_equal(verify(fixture, compact), FAULT_UNAUTHENTICATED);
	assert_string_equal(fixture->reason, reason);
	assert_null(fixture->caller.subject);
}

/* Signs claims given as a whole, %lld standing for now plus an offset. */
static const char *sign_at(struct fixture *fixture, const char *format, long offset)
{
	char claims[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(claims, sizeof(claims), format, (long long)(clock_now() / 1000 + offset));
#pragma GCC diagnostic pop
	return sign(fixture, our_key, claims);
}

#define HEAD "{\"iss\":\"" OURS "\",\"sub\":\"anna\",\"tenant\":\"" TENANT "\",\"roles\":[\"operator\"]"

static void good_token_tells_the_caller(void **state)
{
	struct fixture *fixture = *state;
	const char *compact = sign(fixture, our_key,
		claims_of(fixture, OURS,
			",\"jti\":\"j1\",\"name\":\"Anna "
			"Bianchi\",\"technician_id\":\"0190B0A4-7E1C-7CC3-98A1-6A8F3C1B2D4F\""));

	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	assert_string_equal(fixture->caller.token, compact);
	assert_string_equal(fixture->caller.id, "j1");
	assert_string_equal(fixture->caller.issuer, OURS);
	assert_string_equal(fixture->caller.subject, "anna");
	assert_string_equal(fixture->caller.name, "Anna Bianchi");
	assert_string_equal(fixture->caller.tenant, TENANT);
	assert_string_equal(fixture->caller.technician_id, "0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4f");
	assert_null(fixture->caller.customer_id);
	assert_int_equal(fixture->caller.roles, ROLE_BIT(ROLE_OPERATOR));
	assert_true(fixture->caller.scopes == role_scopes(ROLE_BIT(ROLE_OPERATOR)));
	assert_true(fixture->caller.expires > clock_now() / 1000);
}

static void name_falls_back_to_subject(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ""))), FAULT_NONE);
	assert_string_equal(fixture->caller.name, "anna");
	assert_null(fixture->caller.id);
}

static void audience_may_be_a_list(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		verify(fixture, sign_at(fixture, HEAD ",\"aud\":[\"x\",\"aftercare\"],\"exp\":%lld}", 60)), FAULT_NONE);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":[\"x\",1],\"exp\":%lld}", 60),
		"the token is for another audience");
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare2\",\"exp\":%lld}", 60),
		"the token is for another audience");
	assert_refused(fixture, sign_at(fixture, HEAD ",\"exp\":%lld}", 60), "the token is for another audience");
}

static void time_is_checked(void **state)
{
	static const char expired[] = "the token has expired";
	static const char none[] = "the token says no time of expiry";
	struct fixture *fixture = *state;
	const char *nbf = HEAD ",\"aud\":\"aftercare\",\"exp\":99999999999,\"nbf\":%lld}";

	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":%lld}", -3600), expired);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":%lld}", -6), expired);
	assert_int_equal(
		verify(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":%lld}", -3)), FAULT_NONE);
	assert_int_equal(
		verify(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":%lld.5}", 9)), FAULT_NONE);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\"}", 0), none);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":\"%lld\"}", 60), none);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":1e300}", 60), none);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":-1}", 60), none);
	assert_refused(fixture, sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":9223372036854775807}", 60), none);
	assert_refused(fixture, sign_at(fixture, nbf, 30), "the token is not valid yet");
	assert_int_equal(verify(fixture, sign_at(fixture, nbf, 3)), FAULT_NONE);
	assert_int_equal(verify(fixture, sign_at(fixture, nbf, -30)), FAULT_NONE);
}

static void issuer_must_be_known_and_sign_itself(void **state)
{
	struct fixture *fixture = *state;

	assert_refused(fixture, sign(fixture, our_key, claims_of(fixture, "https://evil.example", "")),
		"the token is of an issuer that is not trusted here");
	assert_refused(fixture, sign(fixture, our_key, claims_of(fixture, FOREIGN, "")),
		"the token is signed with a key that its issuer does not have");
	assert_refused(fixture, sign(fixture, stranger_key, claims_of(fixture, OURS, "")),
		"the token is signed with a key that its issuer does not have");
	assert_int_equal(verify(fixture, sign(fixture, foreign_key, claims_of(fixture, FOREIGN, ""))), FAULT_NONE);
	assert_string_equal(fixture->caller.issuer, FOREIGN);
}

/* Puts a header and claims together with signature bytes. */
static const char *forge(
	struct fixture *fixture, const char *header, const char *claims, const void *bytes, size_t size)
{
	return arena_printf(fixture->arena, "%s.%s.%s", text_base64url(fixture->arena, header, strlen(header)),
		text_base64url(fixture->arena, claims, strlen(claims)), text_base64url(fixture->arena, bytes, size));
}

static void none_is_refused(void **state)
{
	static const char *const spellings[] = { "none", "None", "NONE", "nOnE", "" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		const char *header = arena_printf(fixture->arena, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
			spellings[i], token_key_id(our_key));

		assert_refused(fixture, forge(fixture, header, claims_of(fixture, OURS, ""), "", 0),
			"the token must be signed with RS256");
	}
	assert_refused(fixture,
		forge(fixture, "{\"typ\":\"at+jwt\",\"kid\":\"k\"}", claims_of(fixture, OURS, ""), "", 0),
		"the token must be signed with RS256");
}

static char *public_pem(struct arena *arena, struct token_key *key)
{
	char *private = token_key_pem(arena, key);
	const gnutls_datum_t data = { .data = (unsigned char *)private, .size = (unsigned)strlen(private) };
	gnutls_datum_t pem;
	gnutls_privkey_t privkey;
	gnutls_pubkey_t pubkey;
	char *text;

	assert_int_equal(gnutls_privkey_init(&privkey), 0);
	assert_int_equal(gnutls_pubkey_init(&pubkey), 0);
	assert_int_equal(gnutls_privkey_import_x509_raw(privkey, &data, GNUTLS_X509_FMT_PEM, NULL, 0), 0);
	assert_int_equal(gnutls_pubkey_import_privkey(pubkey, privkey, 0, 0), 0);
	assert_int_equal(gnutls_pubkey_export2(pubkey, GNUTLS_X509_FMT_PEM, &pem), 0);
	text = arena_strndup(arena, (char *)pem.data, pem.size);
	gnutls_free(pem.data);
	gnutls_pubkey_deinit(pubkey);
	gnutls_privkey_deinit(privkey);
	return text;
}

static void hmac_with_the_public_key_is_refused(void **state)
{
	static const char *const algorithms[] = { "HS256", "RS256" };
	struct fixture *fixture = *state;
	const char *pem = public_pem(fixture->arena, our_key);
	unsigned char mac[32];

	for (int i = 0; i < 2; i++) {
		const char *header = arena_printf(fixture->arena, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
			algorithms[i], token_key_id(our_key));
		const char *claims = claims_of(fixture, OURS, "");
		const char *text =
			arena_printf(fixture->arena, "%s.%s", text_base64url(fixture->arena, header, strlen(header)),
				text_base64url(fixture->arena, claims, strlen(claims)));

		assert_int_equal(gnutls_hmac_fast(GNUTLS_MAC_SHA256, pem, strlen(pem), text, strlen(text), mac), 0);
		assert_refused(fixture, forge(fixture, header, claims, mac, sizeof(mac)),
			i == 0 ? "the token must be signed with RS256" : "the signature of the token is wrong");
	}
}

static void other_algorithms_and_types_are_refused(void **state)
{
	struct fixture *fixture = *state;
	const char *claims = claims_of(fixture, OURS, "");
	char signature[256] = "x";

	assert_refused(fixture,
		forge(fixture, "{\"alg\":\"PS256\",\"typ\":\"at+jwt\",\"kid\":\"k\"}", claims, signature, 256),
		"the token must be signed with RS256");
	assert_refused(fixture,
		forge(fixture, "{\"alg\":\"RS512\",\"typ\":\"at+jwt\",\"kid\":\"k\"}", claims, signature, 256),
		"the token must be signed with RS256");
	assert_refused(fixture,
		forge(fixture, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k\"}", claims, signature, 256),
		"the token is not an access token (typ at+jwt)");
	assert_refused(fixture, forge(fixture, "{\"alg\":\"RS256\",\"kid\":\"k\"}", claims, signature, 256),
		"the token is not an access token (typ at+jwt)");
	assert_refused(fixture, forge(fixture, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", claims, signature, 256),
		"the token names no key");
	assert_refused(fixture,
		forge(fixture, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k\",\"crit\":[\"b64\"]}", claims,
			signature, 256),
		"the token has critical extensions");
	assert_refused(fixture,
		forge(fixture, "{\"alg\":\"none\",\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k\"}", claims,
			signature, 256),
		"the token is not a JWT");
}

static void every_changed_byte_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char *compact = arena_strdup(fixture->arena, sign(fixture, our_key, claims_of(fixture, OURS, "")));
	size_t length = strlen(compact);

	for (size_t i = 0; i < length; i += i < length - 360 ? 3 : 1) {
		char kept = compact[i];

		compact[i] = kept == 'A' ? 'B' : 'A';
		assert_int_equal(verify(fixture, compact), FAULT_UNAUTHENTICATED);
		compact[i] = kept;
	}
	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	compact[length - 1] = '\0';
	assert_int_equal(verify(fixture, compact), FAULT_UNAUTHENTICATED);
}

static void shapes_that_are_no_jwt(void **state)
{
	static const char *const shapes[] = { "", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30", "e30.e30.AA.AA",
		"W10.e30.AAAA", "bnVsbA.e30.AAAA", "e30=.e30.AAAA", "e30 .e30.AAAA", "\xFF.\xFF.\xFF" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		assert_int_equal(verify(fixture, shapes[i]), FAULT_UNAUTHENTICATED);
	assert_int_equal(fixture->fetches, 0); /* what isn't a token costs no request */
}

static void too_long_is_refused_unread(void **state)
{
	struct fixture *fixture = *state;
	char *padding = arena_alloc(fixture->arena, TOKEN_MAX_BYTES + 1);

	memset(padding, 'x', TOKEN_MAX_BYTES);
	assert_refused(fixture,
		sign(fixture, our_key,
			claims_of(fixture, OURS, arena_printf(fixture->arena, ",\"padding\":\"%s\"", padding))),
		"the token is too long");
}

static void unknown_key_is_asked_for_once_in_a_while(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ""))), FAULT_NONE);
	assert_int_equal(fixture->fetches, 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(verify(fixture, sign(fixture, stranger_key, claims_of(fixture, OURS, ""))),
			FAULT_UNAUTHENTICATED);
	assert_int_equal(fixture->fetches, 1); /* asked a moment ago; token_keys_test moves the clock */
}

static void unreachable_keys_are_another_fault(void **state)
{
	struct fixture *fixture = *state;

	fixture->down = true;
	assert_int_equal(verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ""))), FAULT_UNAVAILABLE);
	assert_null(fixture->reason);
}

static void good_token_is_cached_until_forgotten(void **state)
{
	struct fixture *fixture = *state;
	const char *compact = sign(fixture, our_key, claims_of(fixture, OURS, ",\"jti\":\"j\",\"name\":\"Anna\""));
	struct caller first;

	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	first = fixture->caller;
	fixture->published = stranger_key;
	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	assert_int_equal(fixture->fetches, 1);
	assert_string_equal(fixture->caller.token, compact);
	assert_string_equal(fixture->caller.id, "j");
	assert_string_equal(fixture->caller.name, "Anna");
	assert_string_equal(fixture->caller.subject, first.subject);
	assert_string_equal(fixture->caller.tenant, first.tenant);
	assert_null(fixture->caller.technician_id);
	assert_true(fixture->caller.scopes == first.scopes && fixture->caller.expires == first.expires);
	assert_ptr_not_equal(fixture->caller.subject, first.subject);
	token_verifier_forget(fixture->verifier);
	assert_refused(fixture, compact, "the token is signed with a key that its issuer does not have");
	assert_int_equal(fixture->fetches, 2);
	assert_int_equal(verify(fixture, sign(fixture, stranger_key, claims_of(fixture, OURS, ""))), FAULT_NONE);
}

static void cached_token_still_expires(void **state)
{
	struct fixture *fixture = *state;
	const char *compact = sign_at(fixture, HEAD ",\"aud\":\"aftercare\",\"exp\":%lld}", 3 - TOKEN_LEEWAY_SECONDS);
	int64_t started = clock_monotonic();

	assert_int_equal(verify(fixture, compact), FAULT_NONE);
	while (verify(fixture, compact) == FAULT_NONE) {
		assert_true(clock_monotonic() - started < 30000);
		usleep(20000);
	}
	assert_string_equal(fixture->reason, "the token has expired");
}

static void many_tokens_do_not_mix(void **state)
{
	struct fixture *fixture = *state;
	const char *tokens[40];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 40; i++) {
			char more[64];

			snprintf(more, sizeof(more), ",\"jti\":\"number %d\"", i);
			if (round == 0)
				tokens[i] = sign(fixture, our_key, claims_of(fixture, OURS, more));
			assert_int_equal(verify(fixture, tokens[i]), FAULT_NONE);
			snprintf(more, sizeof(more), "number %d", i);
			assert_string_equal(fixture->caller.id, more);
		}
	}
}

static void issuer_speaks_for_its_tenants_only(void **state)
{
	struct fixture *fixture = *state;
	const char *claims = arena_printf(fixture->arena,
		"{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"admin\","
		"\"platform\"],"
		"\"tenant\":\"0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4f\"}",
		FOREIGN, AUDIENCE);

	assert_refused(fixture, sign(fixture, foreign_key, claims), "the issuer may not speak for this tenant");
	/* Its own tenant, but the role that makes tenants is not its to give. */
	claims = arena_printf(fixture->arena,
		"{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"operator\","
		"\"platform\"],"
		"\"tenant\":\"%s\"}",
		FOREIGN, AUDIENCE, OTHER);
	assert_int_equal(verify(fixture, sign(fixture, foreign_key, claims)), FAULT_NONE);
	assert_int_equal(fixture->caller.roles, ROLE_BIT(ROLE_OPERATOR));
	assert_false(fixture->caller.scopes & SCOPE_BIT(SCOPE_TENANTS_WRITE));
}

static void only_platform_needs_no_tenant(void **state)
{
	static const char platform[] = "{\"iss\":\"" OURS "\",\"aud\":\"" AUDIENCE
				       "\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"platform\"]}";
	static const char both[] = "{\"iss\":\"" OURS "\",\"aud\":\"" AUDIENCE
				   "\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"platform\",\"admin\"]}";
	static const char foreign[] = "{\"iss\":\"" FOREIGN "\",\"aud\":\"" AUDIENCE
				      "\",\"exp\":99999999999,\"sub\":\"x\",\"roles\":[\"platform\"]}";
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture, sign(fixture, our_key, platform)), FAULT_NONE);
	assert_null(fixture->caller.tenant);
	assert_true(fixture->caller.scopes == SCOPE_BIT(SCOPE_TENANTS_WRITE));
	assert_refused(fixture, sign(fixture, our_key, both), "the token names no tenant");
	assert_refused(fixture, sign(fixture, foreign_key, foreign), "the token names no tenant");
}

static void scope_narrows_and_never_widens(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture,
				 sign(fixture, our_key,
					 claims_of(fixture, OURS,
						 ",\"scope\":\"calls:read  accounts:write "
						 "unknown:thing customers:read\""))),
		FAULT_NONE);
	assert_true(fixture->caller.scopes == (SCOPE_BIT(SCOPE_CALLS_READ) | SCOPE_BIT(SCOPE_CUSTOMERS_READ)));
	assert_int_equal(
		verify(fixture, sign(fixture, our_key, claims_of(fixture, OURS, ",\"scope\":\"\""))), FAULT_NONE);
	assert_true(fixture->caller.scopes == 0);
}

static void unknown_roles_are_ignored(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(verify(fixture,
				 sign_at(fixture,
					 "{\"iss\":\"" OURS "\",\"aud\":\"" AUDIENCE
					 "\",\"exp\":%lld,\"sub\":\"x\",\"tenant\":\"" TENANT
					 "\",\"roles\":[\"wizard\",\"sales\",\"\"]}",
					 60)),
		FAULT_NONE);
	assert_int_equal(fixture->caller.roles, ROLE_BIT(ROLE_SALES));
}

static void ill_typed_claims_are_refused(void **state)
{
	static const char *const more[] = { ",\"name\":1", ",\"jti\":{}", ",\"technician_id\":\"7\"",
		",\"customer_id\":\"\"", ",\"scope\":[\"calls:read\"]", ",\"technician_id\":null" };
	static const char *const whole[] = {
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"tenant\":\"" TENANT "\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"\",\"tenant\":\"" TENANT
		"\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"x\",\"tenant\":\"demo\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"x\",\"tenant\":\"" TENANT
		"\",\"roles\":\"admin\"}",
		"{\"iss\":\"" OURS "\",\"aud\":\"aftercare\",\"exp\":99999999999,\"sub\":\"x\",\"tenant\":\"" TENANT
		"\",\"roles\":[1]}",
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		assert_refused(fixture, sign(fixture, our_key, claims_of(fixture, OURS, more[i])),
			"a claim of the token misses or has the wrong type");
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		assert_refused(
			fixture, sign(fixture, our_key, whole[i]), "a claim of the token misses or has the wrong type");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_token_tells_the_caller),
		TEST(name_falls_back_to_subject),
		TEST(audience_may_be_a_list),
		TEST(time_is_checked),
		TEST(issuer_must_be_known_and_sign_itself),
		TEST(none_is_refused),
		TEST(hmac_with_the_public_key_is_refused),
		TEST(other_algorithms_and_types_are_refused),
		TEST(every_changed_byte_is_refused),
		TEST(shapes_that_are_no_jwt),
		TEST(too_long_is_refused_unread),
		TEST(unknown_key_is_asked_for_once_in_a_while),
		TEST(unreachable_keys_are_another_fault),
		TEST(good_token_is_cached_until_forgotten),
		TEST(cached_token_still_expires),
		TEST(many_tokens_do_not_mix),
		TEST(issuer_speaks_for_its_tenants_only),
		TEST(only_platform_needs_no_tenant),
		TEST(scope_narrows_and_never_widens),
		TEST(unknown_roles_are_ignored),
		TEST(ill_typed_claims_are_refused),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
