#include "etag.h"

#include "arena.h"
#include "secret.h"
#include "text.h"

#include <string.h>

#define VERSIONS_MAX       8192
#define VERSION_DIGITS_MAX 9

struct tag {
	const char *opaque; /* with its quotes */
	size_t length;
	bool weak;
};

enum next { NEXT_TAG, NEXT_END, NEXT_WRONG };

/* The next tag of a list; empty elements are nothing (RFC 9110 section 5.6.1). */
static enum next tag_next(const char **at, struct tag *tag)
{
	const char *c = *at + strspn(*at, " \t,");

	if (*c == '\0')
		return NEXT_END;
	tag->weak = text_starts(c, "W/");
	tag->opaque = tag->weak ? c + 2 : c;
	if (*tag->opaque != '"')
		return NEXT_WRONG;
	for (c = tag->opaque + 1; *c != '"'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7F)
			return NEXT_WRONG;
	tag->length = (size_t)(++c - tag->opaque);
	c += strspn(c, " \t");
	*at = c;
	return *c == '\0' || *c == ',' ? NEXT_TAG : NEXT_WRONG;
}

bool etags_valid(const char *value)
{
	struct tag tag;
	enum next next;
	bool any = text_same(value, "*");

	if (any)
		return true;
	while ((next = tag_next(&value, &tag)) == NEXT_TAG)
		any = true;
	return any && next == NEXT_END;
}

const char *etag_of(struct arena *arena, const char *version, const char *body)
{
	return arena_printf(arena, "\"%s-%s\"", version, secret_short_hex(arena, body, strlen(body)));
}

/* How many digits of a version a tag begins with; 0 when it is none of a version, or weak. */
static size_t version_length(const struct tag *tag)
{
	size_t digits = strspn(tag->opaque + 1, "0123456789");
	char behind = tag->opaque[1 + digits];

	return !tag->weak && digits <= VERSION_DIGITS_MAX && (behind == '"' || behind == '-') ? digits : 0;
}

const char *etags_versions(struct arena *arena, const char *value)
{
	struct text out = text_new(arena, VERSIONS_MAX);
	struct tag tag;

	if (text_same(value, "*"))
		return NULL;
	text_add_char(&out, '{');
	while (tag_next(&value, &tag) == NEXT_TAG)
		if (version_length(&tag))
			text_addf(&out, "%s%.*s", out.length > 1 ? "," : "", (int)version_length(&tag), tag.opaque + 1);
	text_add_char(&out, '}');
	return out.full ? "{}" : text_c(&out);
}

bool etags_name_version(const char *value, const char *version)
{
	struct tag tag;

	if (text_same(value, "*"))
		return true;
	while (tag_next(&value, &tag) == NEXT_TAG)
		if (version_length(&tag) == strlen(version) && text_starts(tag.opaque + 1, version))
			return true;
	return false;
}

bool etags_name(const char *value, const char *etag)
{
	struct tag tag;

	if (text_same(value, "*"))
		return true;
	while (tag_next(&value, &tag) == NEXT_TAG)
		if (tag.length == strlen(etag) && memcmp(tag.opaque, etag, tag.length) == 0)
			return true;
	return false;
}
