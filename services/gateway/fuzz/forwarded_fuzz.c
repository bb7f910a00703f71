/* What proxies, or anybody, say of the client: trusted proxies, X-Forwarded-For and Host, a line each. */
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

static void client_hold(struct arena *arena, const char *trusted, const char *list)
{
	const char *client = forwarded_client(arena, list, trusted, PEER);
	const char *wider = arena_printf(arena, PEER " %s", trusted);

	hold(address(client));
	hold(forwarded_trusts(trusted, PEER) || strcmp(client, PEER) == 0);
	/* What a client writes in front of what our proxy adds does not count. */
	hold(strlen(list) > FORWARDED_MAX / 2 ||
		strcmp(forwarded_client(arena, arena_printf(arena, "%s, 192.0.2.7", list), PEER, PEER), "192.0.2.7") ==
			0);
	hold(strcmp(forwarded_client(arena, NULL, wider, PEER), PEER) == 0);
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

	client_hold(arena, trusted, list);
	value_hold(arena, forwarded_client(arena, list, trusted, PEER), host);
	arena_free(arena);
	return 0;
}
