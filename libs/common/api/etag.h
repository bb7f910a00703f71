/* etag: the lists of entity tags in If-Match and If-None-Match (RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2). */
#ifndef AFTERCARE_ETAG_H
#define AFTERCARE_ETAG_H

#include <stdbool.h>

struct arena;

/* Whether a header's value is * or a list of tags, each strong ("3") or weak (W/"3"). */
bool etags_valid(const char *value);

/*
 * The versions that a valid list names, as an array of PostgreSQL's: "{3,4}"; NULL for any. Weak tags and those that
 * are none of ours are versions of nothing: If-Match compares strongly, so they match no row and the answer is 412.
 */
const char *etags_versions(struct arena *arena, const char *value);

/* Whether a valid list names this strong tag of ours, or is *. `weak`: W/"3" names "3" too (If-None-Match). */
bool etags_name(const char *value, const char *etag, bool weak);

#endif
