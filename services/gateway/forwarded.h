/*
 * forwarded: who sent a request, through proxies that are trusted to say so (X-Forwarded-For, or Forwarded of RFC 7239), and
 * how the services are told (Forwarded).
 */
#ifndef AFTERCARE_GATEWAY_FORWARDED_H
#define AFTERCARE_GATEWAY_FORWARDED_H

#include <stdbool.h>

struct arena;

#define FORWARDED_MAX 1000 /* bytes of what proxies say that are looked at */

/* Whether an address is in the space separated list of trusted proxies and networks, as 10.0.0.0/8 (NULL: none). */
bool forwarded_trusts(const char *trusted, const char *address);

/* The rule that such a list breaks, or NULL. */
const char *forwarded_broken(const char *trusted);

enum forwarded_syntax {
	FORWARDED_ADDRESSES, /* X-Forwarded-For: addresses */
	FORWARDED_ELEMENTS,  /* Forwarded: elements of pairs */
};

struct forwarded {
	const char *client;
	const char *protocol; /* by which the client came, where the header says so; or NULL */
};

/*
 * The client that a peer speaks for. Each proxy adds who spoke to it: from the right, the first that isn't trusted is the
 * client. The peer itself when it isn't trusted, or when what is said is no address. list is the header, or NULL.
 */
struct forwarded forwarded_read(
	struct arena *arena, const char *list, enum forwarded_syntax syntax, const char *trusted, const char *peer);

/* The value of Forwarded. host is left out when it can't be quoted (or is NULL). */
const char *forwarded_value(struct arena *arena, const char *client, const char *host, bool https);

#endif
