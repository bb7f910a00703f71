/* token_fixture: a verifier of two issuers, and tokens of theirs: what the tests of token share. */
#ifndef AFTERCARE_TOKEN_FIXTURE_H
#define AFTERCARE_TOKEN_FIXTURE_H

#include "arena.h"
#include "clock.h"
#include "sign.h"
#include "text.h"
#include "token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static inline enum fault fetch(void *context, struct arena *arena, const char *url, const char **body)
{
	struct fixture *fixture = context;
	const struct token_key *key = text_ends(url, "/ours") ? fixture->published : foreign_key;

	fixture->fetches++;
	if (fixture->down)
		return FAULT_UNAVAILABLE;
	*body = arena_printf(arena, "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"x\"},%s]}", token_key_public(arena, key));
	return FAULT_NONE;
}

static inline int keys_make(void **state)
{
	(void)state;
	our_key = token_key_new();
	foreign_key = token_key_new();
	stranger_key = token_key_new();
	return 0;
}

static inline int keys_free(void **state)
{
	(void)state;
	token_key_free(our_key);
	token_key_free(foreign_key);
	token_key_free(stranger_key);
	return 0;
}

static inline int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	fixture->published = our_key;
	fixture->verifier = token_verifier_new(AUDIENCE, issuers, fetch, fixture);
	*state = fixture;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *fixture = *state;

	token_verifier_free(fixture->verifier);
	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

/* Claims that are good for issuer, then more ones (",\"name\":…" or ""). */
static inline const char *claims_of(struct fixture *fixture, const char *issuer, const char *more)
{
	return arena_printf(fixture->arena,
		"{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":%lld,\"sub\":\"anna\",\"tenant\":\"%s\","
		"\"roles\":[\"operator\"]%s}",
		issuer, AUDIENCE, (long long)(clock_now() / 1000 + 600), TENANT, more);
}

static inline const char *sign(struct fixture *fixture, struct token_key *key, const char *claims)
{
	const char *compact = NULL;

	assert_int_equal(token_sign(fixture->arena, key, claims, &compact), FAULT_NONE);
	return compact;
}

static inline enum fault verify(struct fixture *fixture, const char *compact)
{
	fixture->reason = NULL;
	return token_verify(fixture->verifier, fixture->arena, compact, &fixture->caller, &fixture->reason);
}

static inline void assert_refused(struct fixture *fixture, const char *compact, const char *reason)
{
	memset(&fixture->caller, 0, sizeof(fixture->caller));
	assert_int_equal(verify(fixture, compact), FAULT_UNAUTHENTICATED);
	assert_string_equal(fixture->reason, reason);
	assert_null(fixture->caller.subject);
}

/* Signs claims given as a whole, %lld standing for now plus an offset. */
static inline const char *sign_at(struct fixture *fixture, const char *format, long offset)
{
	char claims[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(claims, sizeof(claims), format, (long long)(clock_now() / 1000 + offset));
#pragma GCC diagnostic pop
	return sign(fixture, our_key, claims);
}

#define HEAD "{\"iss\":\"" OURS "\",\"sub\":\"anna\",\"tenant\":\"" TENANT "\",\"roles\":[\"operator\"]"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
