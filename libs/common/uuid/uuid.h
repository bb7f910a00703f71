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

/* A new one: 48 bits of Unix milliseconds, then 74 random bits. Ordered only to the millisecond. */
struct uuid uuid_new(void);

/* Whether text is a UUID in the canonical 8-4-4-4-12 form, in either case. */
bool uuid_valid(const char *text);

#endif
