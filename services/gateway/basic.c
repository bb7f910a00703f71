#include "basic.h"

#include "arena.h"
#include "query.h"
#include "text.h"

#include <string.h>
#include <strings.h>

#define SCHEME "Basic "

bool basic_is(const char *authorization)
{
	return authorization && strncasecmp(authorization, SCHEME, strlen(SCHEME)) == 0;
}

bool basic_read(struct arena *arena, const char *authorization, const char **name, const char **password)
{
	const char *encoded = authorization + strlen(SCHEME);
	const char *first;
	const char *second;
	const char *colon;
	char *url;
	char *pair;
	size_t length;

	if (!basic_is(authorization) || strlen(encoded) > BASIC_MAX)
		return false;
	/* base64 differs from base64url in two characters and the padding. */
	url = arena_strndup(arena, encoded, strcspn(encoded, "="));
	for (char *c = url; *c; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	pair = text_base64url_decode(arena, url, &length);
	colon = pair && strlen(pair) == length ? strchr(pair, ':') : NULL;
	if (!colon)
		return false;
	first = percent_decode(arena, pair, (size_t)(colon - pair), true);
	second = percent_decode(arena, colon + 1, strlen(colon + 1), true);
	if (!first || !second)
		return false;
	*name = first;
	*password = second;
	return true;
}
