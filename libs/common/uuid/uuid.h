/*
 * uuid: time-ordered identifiers, version 7 (RFC 9562 section 5.7). Thread safe.
 */
#ifndef AFTERCARE_UUID_H
#define AFTERCARE_UUID_H

#include <stdbool.h>

#define UUID_TEXT 37 /* bytes of the text with its final zero */

struct uuid {
	char text[UUID_TEXT];
};

/*
 * A new one: 48 bits of Unix milliseconds, 12 of their fraction (section 6.2, method 3), then 62 random bits. Those of one
 * thread are in the order of their making.
 */
struct uuid uuid_new(void);

/*
 * A new one that tells which node made it, in its last 16 bits (RFC 9562 section 6.4): 46 random bits are left. The node is
 * a name, as of a service; what uuid_of tells of another name may be true by chance, once in 65,536.
 */
struct uuid uuid_new_of(const char *node);
bool uuid_of(const char *text, const char *node);

/* Whether text is a UUID in the canonical 8-4-4-4-12 form, in either case. */
bool uuid_valid(const char *text);

/* A valid one as it is spelled here and by PostgreSQL: taken in either case, it is told in lower case (RFC 9562 section 4). */
struct uuid uuid_lower(const char *text);

#endif
