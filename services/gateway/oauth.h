/* oauth: the token endpoint (RFC 6749), revocation (RFC 7009), keys (RFC 7517) and what there is to discover. */
#ifndef AFTERCARE_GATEWAY_OAUTH_H
#define AFTERCARE_GATEWAY_OAUTH_H

#include "field.h"
#include "request.h"

/* POST /oauth/token: client_credentials, refresh_token. */
enum fault oauth_token(struct request *request);
extern const struct field oauth_token_fields[];

/* POST /oauth/revoke: an access or a refresh token. */
enum fault oauth_revoke(struct request *request);
extern const struct field oauth_revoke_fields[];

/* GET /.well-known/jwks.json and openid-configuration */
enum fault oauth_jwks(struct request *request);
enum fault oauth_discovery(struct request *request);
extern const struct field oauth_jwks_fields[];
extern const struct field oauth_discovery_fields[];

/* POST /v1/services/gateway/actions/rotate-keys */
enum fault oauth_rotate_keys(struct request *request);

#endif
