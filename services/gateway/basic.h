/* basic: HTTP Basic credentials of OAuth clients: each form-encoded, then joined and in base64 (RFC 6749 section 2.3.1). */
#ifndef AFTERCARE_GATEWAY_BASIC_H
#define AFTERCARE_GATEWAY_BASIC_H

#include <stdbool.h>

struct arena;

#define BASIC_MAX 1024 /* characters of the credentials */

/* Whether an Authorization header (NULL: none) is of this scheme at all. */
bool basic_is(const char *authorization);

/* Reads name and password; false when they aren't well formed, and both are then untouched. */
bool basic_read(struct arena *arena, const char *authorization, const char **name, const char **password)
	__attribute__((warn_unused_result));

#endif
