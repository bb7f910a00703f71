/*
 * Tokens of anybody: none verifies, whatever it looks like; and claims signed by a trusted issuer give no more than
 * allowed.
 */
#include "token.h"

#include "arena.h"
#include "fuzz.h"
#include "json.h"
#include "sign.h"
#include "token_claims.h"

#include <string.h>

static struct token_key *key;
static struct token_verifier *verifier;
static const struct token_issuer issuers[] = {
	{ .issuer = "i", .jwks_url = "u" },
	{ .issuer = "f", .jwks_url = "u", .tenants = "0190b0a4-7e1c-7cc3-98a1-6a8f3c1b2d4e" },
	{ 0 },
};

static enum fault fetch(void *context, struct arena *arena, const char *url, const char **body)
{
	(void)context;
	(void)url;
	*body = arena_printf(arena, "{\"keys\":[%s]}", token_key_public(arena, key));
	return FAULT_NONE;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	key = token_key_new();
	verifier = token_verifier_new("a", issuers, fetch, NULL);
	return 0;
}

static void verify(struct arena *arena, const char *compact)
{
	const char *reason = NULL;
	struct caller caller;

	if (token_verify(verifier, arena, compact, &caller, &reason) == FAULT_NONE || !reason)
		abort();
}

/* Claims whose signature was good, in the header's and the claims' JSON. */
static void read_claims(struct arena *arena, const char *bytes, size_t length)
{
	const char *problem;
	const json_t *json = json_read(arena, bytes, length, &problem);

	if (!json_is_object(json))
		return;
	(void)token_header_refusal(json);
	(void)token_claims_refusal(json, "a", 1700000000);
	for (int i = 0; i < 2; i++) {
		struct caller caller;

		if (token_caller_read(arena, json, &issuers[i], &caller))
			continue;
		if (!caller.subject || !caller.name || (caller.scopes & ~role_scopes(caller.roles)))
			abort();
		if (!caller.tenant && (i == 1 || caller.roles != ROLE_BIT(ROLE_PLATFORM)))
			abort();
		if (i == 1 && (caller.roles & ROLE_BIT(ROLE_PLATFORM)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	if (size > 0 && data[0] == '{')
		read_claims(arena, (const char *)data, size);
	else
		verify(arena, arena_strndup(arena, (const char *)data, size));
	arena_free(arena);
	return 0;
}
