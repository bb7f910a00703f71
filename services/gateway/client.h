/* client: programs that log in by themselves (client_credentials, RFC 6749 section 4.4). */
#ifndef AFTERCARE_GATEWAY_CLIENT_H
#define AFTERCARE_GATEWAY_CLIENT_H

#include "resource.h"

extern const struct resource client;

/* POST /v1/clients: the answer shows the secret, once. */
enum fault client_create(struct request *request);

/* POST /v1/clients/{id}/actions/change-secret: the old one is over. */
enum fault client_change_secret(struct request *request);

#endif
