/* Which tokens are good: claims, signatures, shapes. */
#include "token_fixture.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <unistd.h>

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
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
