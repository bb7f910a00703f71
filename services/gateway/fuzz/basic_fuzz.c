/* Basic credentials of anybody; those that we make come back as they were. */
#include "basic.h"

#include "arena.h"
#include "fuzz.h"
#include "query.h"
#include "text.h"

#include <string.h>

static void round_trip(struct arena *arena, const char *name, const char *password)
{
	const char *pair = arena_printf(arena, "%s:%s", percent_encode(arena, name), percent_encode(arena, password));
	char *encoded = text_base64url(arena, pair, strlen(pair));
	const char *read_name = NULL;
	const char *read_password = NULL;
	bool good;

	for (char *c = encoded; *c; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	good = basic_read(arena, arena_printf(arena, "basic %s==", encoded), &read_name, &read_password);
	hold(good == (strlen(encoded) + 2 <= BASIC_MAX));
	hold(!good || (strcmp(name, read_name) == 0 && strcmp(password, read_password) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *text = arena_strndup(arena, (const char *)data, size);
	const char *name = NULL;
	const char *password = NULL;
	bool good = basic_read(arena, arena_printf(arena, "Basic %s", text), &name, &password);
	char *middle = text + strlen(text) / 2;

	hold(good == (name && password));
	hold(!good || (strlen(name) < BASIC_MAX && strlen(password) < BASIC_MAX));
	(void)basic_is(text);
	password = arena_strdup(arena, middle);
	*middle = '\0';
	round_trip(arena, text, password);
	arena_free(arena);
	return 0;
}
