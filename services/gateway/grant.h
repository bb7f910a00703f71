/* grant: the tokens that a login gives, and the answer that carries them (RFC 6749 section 5.1). */
#ifndef AFTERCARE_GATEWAY_GRANT_H
#define AFTERCARE_GATEWAY_GRANT_H

#include "field.h"
#include "request.h"

#define GRANT_REFRESH_PREFIX "aft_" /* a refresh token: aft_TENANT.RANDOM; the tenant says where to look */
#define GRANT_RANDOM_BYTES   32

/* Who gets tokens. Strings are borrowed. */
struct grant {
	const char *id; /* jti */
	const char *tenant;
	const char *subject;
	const char *name;
	const char *roles;         /* space separated */
	const char *technician_id; /* or NULL */
	const char *customer_id;   /* or NULL */
	const char *scope;         /* what to narrow the roles' scopes to, or NULL */
	int64_t expires;           /* Unix seconds; 0: after a full life */
};

/* A new UUID in the arena: for jti and sessions. */
const char *grant_id(struct request *request);

/* A new refresh token of a tenant, and the digest under which it is kept. */
const char *grant_refresh(struct request *request, const char *tenant, const char **digest);

/* Takes a refresh token apart; false when it isn't one of ours. */
bool grant_refresh_read(struct request *request, const char *refresh, const char **tenant, const char **digest);

/* The scopes that roles give, narrowed; NULL when `wanted` names one they don't give. "" when nothing is left. */
const char *grant_scope(struct request *request, const char *roles, const char *wanted);

/* Lives of the tokens in seconds, from the configuration, as statements want them. */
const char *grant_access_seconds(struct request *request);
const char *grant_refresh_seconds(struct request *request);
const char *grant_session_seconds(struct request *request);

/* Signs an access token with these scopes. */
enum fault grant_sign(struct request *request, const struct grant *grant, const char *scope, const char **token)
	__attribute__((warn_unused_result));

/* Signs the access token and answers with it and the refresh token (NULL: none). */
enum fault grant_answer(struct request *request, const struct grant *grant, const char *refresh, int status)
	__attribute__((warn_unused_result));

extern const struct field grant_fields[];

#endif
