/*
 * token_claims: what the JSON of a token must say (RFC 7519, RFC 9068). Private to token.
 * Each check returns NULL when all is well, else why not: a constant sentence for WWW-Authenticate.
 */
#ifndef AFTERCARE_TOKEN_CLAIMS_H
#define AFTERCARE_TOKEN_CLAIMS_H

#include "json.h"
#include "token.h"

/* The header: RS256, at+jwt, a kid, and no critical extension. */
const char *token_header_refusal(const json_t *header);

/* The time at `now` (Unix seconds), and whether the audience is ours. */
const char *token_claims_refusal(const json_t *claims, const char *audience, int64_t now);

/* Who calls, by an issuer whose signature was good; fills all of *caller but its token, with strings in the
 * arena. */
const char *token_caller_read(
	struct arena *arena, const json_t *claims, const struct token_issuer *issuer, struct caller *caller);

#endif
