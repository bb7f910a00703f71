#include "forwarded.h"

#include "arena.h"
#include "headers.h"
#include "text.h"

#include <arpa/inet.h>
#include <string.h>

#define BLANKS    " \t"
#define VALUE_MAX ((size_t)32 * 1024) /* more than the headers of a request hold */

bool forwarded_trusts(const char *trusted, const char *address)
{
	size_t length = strlen(address);

	for (const char *at = trusted; at && *at;) {
		size_t word = strcspn(at, " ,");

		if (word == length && strncmp(at, address, length) == 0)
			return true;
		at += word + strspn(at + word, " ,");
	}
	return false;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Cuts the last element off the list; the list itself when it is the only one. */
static const char *last_cut(char *list)
{
	char *comma = strrchr(list, ',');
	char *one = comma ? comma + 1 : list;
	char *end = one + strlen(one);

	while (end > one && strchr(BLANKS, end[-1]))
		*--end = '\0';
	if (comma)
		*comma = '\0';
	return one + strspn(one, BLANKS);
}

const char *forwarded_client(struct arena *arena, const char *list, const char *trusted, const char *peer)
{
	const char *one;
	char *rest;

	if (!list || strlen(list) > FORWARDED_MAX || !forwarded_trusts(trusted, peer))
		return peer;
	rest = arena_strdup(arena, list);
	do
		one = last_cut(rest);
	while (one != rest + strspn(rest, BLANKS) && forwarded_trusts(trusted, one));
	return is_address(one) ? one : peer;
}

const char *forwarded_value(struct arena *arena, const char *client, const char *host, bool https)
{
	struct text out = text_new(arena, VALUE_MAX);

	/* An address with colons is no token (RFC 7239 section 6). */
	text_addf(&out, strchr(client, ':') ? "for=\"[%s]\"" : "for=%s", client);
	if (host && headers_value_ok(host) && !strpbrk(host, "\"\\"))
		text_addf(&out, ";host=\"%s\"", host);
	text_addf(&out, ";proto=%s", https ? "https" : "http");
	return text_c(&out);
}
