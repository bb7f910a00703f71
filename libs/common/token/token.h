/*
 * token: verifies access tokens (JWT, RFC 7519 and 9068) signed with RS256.
 *
 * The algorithm is pinned: the header must say RS256 and typ at+jwt, the key is looked up by `kid` among its issuer's
 * keys, and nothing but RSA PKCS#1 v1.5 with SHA-256 is ever computed, by GnuTLS. exp, nbf, iss, aud are checked here.
 * (libjwt 1.10 is not used: it refuses any typ but JWT, and obeys whatever algorithm the header names.) Verified tokens
 * are cached by their full SHA-256 until min(exp, 60 s). A verifier is shared by all threads.
 */
#ifndef AFTERCARE_TOKEN_H
#define AFTERCARE_TOKEN_H

#include "fault.h"
#include "rights.h"

#include <stdint.h>

struct arena;

#define TOKEN_MAX_BYTES       8192 /* a longer Authorization value is refused unread */
#define TOKEN_CACHE_MS        60000
#define TOKEN_CACHE_ENTRIES   4096
#define TOKEN_LEEWAY_SECONDS  5 /* clocks of two machines differ */
#define TOKEN_JWKS_REFRESH_MS 300000
#define TOKEN_JWKS_MIN_GAP_MS 5000    /* an unknown kid makes us ask again, at most this often */
#define TOKEN_JWKS_RETRY_MS   500     /* the gap while an issuer has never answered */
#define TOKEN_JWKS_STALE_MS   3600000 /* keys of an issuer that no longer answers are trusted this long */
#define TOKEN_JWKS_WAIT_MS    3000    /* for the answer that another thread is fetching */
#define TOKEN_JWKS_MAX_BYTES  65536
#define TOKEN_JWKS_MAX_KEYS   16 /* of one issuer; further ones are ignored */

/* Who calls. Strings live in the arena given to token_verify. */
struct caller {
	const char *token; /* the compact token itself, to pass on */
	const char *id;    /* jti, or NULL */
	const char *issuer;
	const char *subject;       /* sub: the account's or client's id */
	const char *name;          /* for people: name, else the subject */
	const char *tenant;        /* UUID in lower case; NULL for a caller whose only role is platform */
	const char *technician_id; /* or NULL */
	const char *customer_id;   /* or NULL */
	role_mask roles;
	scope_mask scopes; /* of the roles, narrowed by the scope claim where there is one */
	int64_t expires;   /* Unix seconds */
};

/* Fetches the JWKS document of an issuer into the arena: over HTTP in services, by hand in tests. */
typedef enum fault (*token_fetch)(void *context, struct arena *arena, const char *url, const char **body);

struct token_issuer {
	const char *issuer;
	const char *jwks_url;
	const char *tenants; /* tenants it may speak for, space separated; NULL: all (our own issuer). With a
				list, the role platform is not taken from it. */
};

struct token_verifier;

/* Issuers are borrowed and end with a NULL issuer. End it with token_verifier_free. */
struct token_verifier *token_verifier_new(
	const char *audience, const struct token_issuer *issuers, token_fetch fetch, void *context);
void token_verifier_free(struct token_verifier *verifier);

/*
 * FAULT_NONE and *caller; FAULT_UNAUTHENTICATED with *reason (a sentence for WWW-Authenticate, constant) when
 * the token is not one of ours; FAULT_UNAVAILABLE when the keys can't be had.
 */
enum fault token_verify(struct token_verifier *verifier, struct arena *arena, const char *compact,
	struct caller *caller, const char **reason) __attribute__((warn_unused_result));

#endif
