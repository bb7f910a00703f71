/*
 * etag: the tags of rows, and the lists of them in If-Match and If-None-Match (RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2).
 *
 * What a read shows has its version and a digest: "3-0123456789abcdef". A row also shows what others own, the name of its
 * customer or what was made of it, whose changes are no version of its own; If-None-Match compares all of the tag.
 * If-Match guards what is written, and so compares versions: "3", and "3-…" whatever was shown.
 */
#ifndef AFTERCARE_ETAG_H
#define AFTERCARE_ETAG_H

#include <stdbool.h>

struct arena;

/* Whether a header's value is * or a list of tags, each strong ("3") or weak (W/"3"). */
bool etags_valid(const char *value);

/* The tag of a row that is shown as `body`. */
const char *etag_of(struct arena *arena, const char *version, const char *body);

/*
 * The versions that a valid list names, as an array of PostgreSQL's: "{3,4}"; NULL for any. Weak tags and those that
 * are none of ours are versions of nothing: If-Match compares strongly, so they match no row and the answer is 412.
 */
const char *etags_versions(struct arena *arena, const char *value);

/* Whether a valid If-Match names this version by a strong tag, or is *. */
bool etags_name_version(const char *value, const char *version);

/* Whether a valid If-None-Match names this tag of ours, or is *; W/"3" names "3" too. */
bool etags_name(const char *value, const char *etag);

#endif
