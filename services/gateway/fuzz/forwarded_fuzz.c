/* What proxies, or anybody, say of the client: trusted proxies, X-Forwarded-For or Forwarded, and Host, a line each. */
#include "forwarded.h"

#include "arena.h"
#include "fuzz.h"

#include <arpa/inet.h>
#include <string.h>

#define PEER "10.0.0.1"

static bool address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static char *line_cut(char **rest)
{
	char *line = *rest;
	size_t length = strcspn(line, "\n");

	*rest = line + length + (line[length] == '\n');
	line[length] = '\0';
	return line;
}

static void client_hold(struct arena *arena, const char *trusted, const char *list, enum forwarded_syntax syntax)
{
	const char *pair = syntax == FORWARDED_ELEMENTS ? "for=" : "";
	const char *client = forwarded_read(arena, list, syntax, trusted, PEER).client;
	const char *wider = arena_printf(arena, PEER " %s", trusted);
	const char *added = arena_printf(arena, "%s, %s192.0.2.7", list, pair);

	hold(address(client));
	hold(forwarded_trusts(trusted, PEER) || strcmp(client, PEER) == 0);
	/* What a client writes in front of what our proxy adds does not count. */
	hold(strlen(list) > FORWARDED_MAX / 2 ||
		strcmp(forwarded_read(arena, added, syntax, PEER, PEER).client, "192.0.2.7") == 0);
	hold(strcmp(forwarded_read(arena, NULL, syntax, wider, PEER).client, PEER) == 0);
}

static void value_hold(struct arena *arena, const char *client, const char *host)
{
	const char *value = forwarded_value(arena, client, host, true);

	hold(strncmp(value, "for=", 4) == 0 && !strpbrk(value, "\r\n"));
	hold(strcmp(value + strlen(value) - strlen(";proto=https"), ";proto=https") == 0);
	for (int quotes = 0; *value; value++) {
		quotes += *value == '"';
		hold(value[1] || quotes % 2 == 0);
		hold(quotes % 2 || !strchr("\\ ", *value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *rest = arena_strndup(arena, (const char *)data, size);
	const char *trusted = line_cut(&rest);
	const char *list = line_cut(&rest);
	const char *host = line_cut(&rest);

	client_hold(arena, trusted, list, FORWARDED_ADDRESSES);
	client_hold(arena, trusted, list, FORWARDED_ELEMENTS);
	value_hold(arena, forwarded_read(arena, list, FORWARDED_ADDRESSES, trusted, PEER).client, host);
	arena_free(arena);
	return 0;
}
