/* limit: how many requests an address and an account may send, and who the address is behind trusted proxies. */
#ifndef AFTERCARE_GATEWAY_LIMIT_H
#define AFTERCARE_GATEWAY_LIMIT_H

#include "request.h"

/* The address that limits count by: the peer's, or what a trusted proxy says; of IPv6 the /64. In the arena. */
const char *limit_address(struct request *request);

/* The client's whole address, for Forwarded. */
const char *limit_client(const struct request *request);

/* Whether the client came by HTTPS, as a trusted proxy says. */
bool limit_https(const struct request *request);

/* FAULT_TOO_MANY_REQUESTS when the address or the account (once the token is verified) has none left. */
enum fault limit_take_address(struct request *request) __attribute__((warn_unused_result));
enum fault limit_take_account(struct request *request) __attribute__((warn_unused_result));

#endif
