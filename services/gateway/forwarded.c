#include "forwarded.h"

#include "arena.h"
#include "headers.h"
#include "text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS    " \t"
#define IPV4_BITS 32
#define IPV6_BITS 128
#define V4_BEGIN  12                  /* byte of an IPv6 address in which that of IPv4 begins */
#define VALUE_MAX ((size_t)32 * 1024) /* more than the headers of a request hold */

/* An address as that of IPv6, IPv4 within it (RFC 4291 section 2.5.5.2): one spelling of each. False when it is none. */
static bool address_read(const char *text, struct in6_addr *address)
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	*address = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	return inet_pton(AF_INET, text, address->s6_addr + V4_BEGIN) == 1;
}

static bool bits_same(const struct in6_addr *one, const struct in6_addr *other, long bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned char mask = (unsigned char)(0xff00 >> (bits % 8));

	return memcmp(one, other, whole) == 0 && !(mask && (one->s6_addr[whole] ^ other->s6_addr[whole]) & mask);
}

/* Reads ADDRESS or ADDRESS/BITS; bits are those of IPv6. False when it is neither. */
static bool network_read(const char *word, size_t length, struct in6_addr *network, long *bits)
{
	char text[INET6_ADDRSTRLEN + sizeof("/128")];
	char *slash, *end = text;
	long most;

	if (length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (!address_read(text, network))
		return false;
	most = strchr(text, ':') ? IPV6_BITS : IPV4_BITS;
	*bits = slash ? strtol(slash + 1, &end, 10) : most;
	if (slash && (!isdigit((unsigned char)slash[1]) || *end || *bits > most))
		return false;
	*bits += IPV6_BITS - most;
	return true;
}

/* The next word of a list at `*at`, which then stands behind it; its length, 0 at the end. */
static size_t word_next(const char **at, const char **word)
{
	size_t length;

	*word = *at + strspn(*at, " ,");
	length = strcspn(*word, " ,");
	*at = *word + length;
	return length;
}

bool forwarded_trusts(const char *trusted, const char *address)
{
	struct in6_addr one, network;
	const char *word;
	size_t length;
	long bits;

	if (!trusted || !address_read(address, &one))
		return false;
	while ((length = word_next(&trusted, &word)))
		if (network_read(word, length, &network, &bits) && bits_same(&one, &network, bits))
			return true;
	return false;
}

const char *forwarded_broken(const char *trusted)
{
	struct in6_addr network;
	const char *word;
	size_t length;
	long bits;

	while ((length = word_next(&trusted, &word)))
		if (!network_read(word, length, &network, &bits))
			return "must be addresses or networks as 10.0.0.0/8, separated by spaces";
	return NULL;
}

static bool is_address(const char *text)
{
	struct in6_addr address;

	return address_read(text, &address);
}

/* Whether the character at `at` has an odd number of backslashes before it. */
static bool is_escaped(const char *list, const char *at)
{
	size_t before = 0;

	while (at - before > list && at[-1 - (ptrdiff_t)before] == '\\')
		before++;
	return before % 2;
}

/*
 * Cuts the last element off the list; the list itself when it is the only one. It is sought from the right, for the left part
 * is the client's to write: a quotation mark that it opens there must not swallow what our proxy says.
 */
static char *last_cut(char *list)
{
	bool quoted = false;

	for (char *at = list + strlen(list); at-- > list;) {
		if (*at == '"' && !is_escaped(list, at))
			quoted = !quoted;
		if (*at == ',' && !quoted) {
			*at = '\0';
			return at + 1;
		}
	}
	return list;
}

/* Cuts the blanks around it off. */
static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(BLANKS, end[-1]))
		*--end = '\0';
	return text + strspn(text, BLANKS);
}

/* The address of a node, which may have brackets around it and a port behind; "" when it is none. */
static const char *node_address(struct arena *arena, const char *node)
{
	bool bracket = node[0] == '[';
	const char *end = bracket ? strchr(node, ']') : strchr(node, ':');
	char *address;

	if (is_address(node))
		return node;
	if (!end || (bracket && end[1] && end[1] != ':'))
		return "";
	address = arena_strndup(arena, node + bracket, (size_t)(end - node) - bracket);
	return is_address(address) && bracket == (strchr(address, ':') != NULL) ? address : "";
}

/* What an element of Forwarded says. */
struct element {
	const char *node; /* NULL: not said */
	const char *protocol;
};

/* Where a pair of this name is kept, or NULL. */
static const char **place_of(struct element *element, const char *name)
{
	if (strcasecmp(name, "for") == 0)
		return &element->node;
	return strcasecmp(name, "proto") == 0 ? &element->protocol : NULL;
}

/* Takes the value that *rest begins with, behind which another pair or the end must be; NULL when it is malformed. */
static const char *value_take(char **rest)
{
	char *value = *rest, *from = *rest, *to = *rest;
	bool quoted = *from == '"';

	if (quoted) {
		for (from++; *from && *from != '"'; from++) {
			if (*from == '\\' && from[1])
				from++;
			*to++ = *from;
		}
		if (*from++ != '"')
			return NULL;
	} else {
		from = to = value + strcspn(value, ";\"" BLANKS);
	}
	from += strspn(from, BLANKS);
	if ((*from && *from != ';') || (to == value && !quoted))
		return NULL;
	*rest = from + (*from == ';');
	*to = '\0';
	return value;
}

/* Parses pairs, name=value;name="value" (RFC 7239 section 4). False when they are malformed, or one of ours is there twice. */
static bool element_parse(char *text, struct element *element)
{
	char *rest = text;

	while (*(rest += strspn(rest, ";" BLANKS))) {
		char *name = rest;
		size_t length = strcspn(rest, "=;\"" BLANKS);
		const char **place, *value;

		rest += length;
		if (length == 0 || *rest++ != '=')
			return false;
		value = value_take(&rest);
		name[length] = '\0';
		place = place_of(element, name);
		if (!value || (place && *place))
			return false;
		if (place)
			*place = value;
	}
	return true;
}

/* Looks at the last element of a list of X-Forwarded-For or Forwarded: who spoke to the proxy that wrote it. */
static struct forwarded element_read(struct arena *arena, char *text, enum forwarded_syntax syntax)
{
	struct element element = { 0 };

	if (syntax == FORWARDED_ADDRESSES)
		return (struct forwarded){ .client = node_address(arena, trim(text)) };
	if (!element_parse(text, &element) || !element.node)
		return (struct forwarded){ .client = "" };
	return (struct forwarded){ node_address(arena, element.node), element.protocol };
}

struct forwarded forwarded_read(
	struct arena *arena, const char *list, enum forwarded_syntax syntax, const char *trusted, const char *peer)
{
	struct forwarded said;
	char *rest, *one;

	if (!list || strlen(list) > FORWARDED_MAX || !forwarded_trusts(trusted, peer))
		return (struct forwarded){ .client = peer };
	rest = arena_strdup(arena, list);
	do {
		one = last_cut(rest);
		said = element_read(arena, one, syntax);
	} while (one != rest && forwarded_trusts(trusted, said.client));
	return *said.client ? said : (struct forwarded){ .client = peer };
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
