/*
 * forwarded: who sent a request, through proxies that are trusted to say so (X-Forwarded-For), and how the services are told
 * (Forwarded, RFC 7239).
 */
#ifndef AFTERCARE_GATEWAY_FORWARDED_H
#define AFTERCARE_GATEWAY_FORWARDED_H

#include <stdbool.h>

struct arena;

#define FORWARDED_MAX 1000 /* bytes of X-Forwarded-For that are looked at */

/* Whether an address is in the space separated list of trusted proxies (NULL: none). */
bool forwarded_trusts(const char *trusted, const char *address);

/*
 * The client that a peer speaks for. Each proxy adds who spoke to it: from the right, the first that isn't trusted is the
 * client. The peer itself when it isn't trusted, or when what is said is no address. list is X-Forwarded-For, or NULL.
 */
const char *forwarded_client(struct arena *arena, const char *list, const char *trusted, const char *peer);

/* The value of Forwarded. host is left out when it can't be quoted (or is NULL). */
const char *forwarded_value(struct arena *arena, const char *client, const char *host, bool https);

#endif
