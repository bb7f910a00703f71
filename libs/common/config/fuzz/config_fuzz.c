/* Flags and variables of anybody, one a line: what is taken is within the bounds of its option. */
#include "config.h"

#include "arena.h"
#include "fuzz.h"
#include "text.h"

#include <string.h>

#define LINES_MAX 64

static const struct option options[] = {
	{ "AFTERCARE_LISTEN", OPTION_ADDRESS, true, NULL, 0, 0, NULL, "Where." },
	{ "AFTERCARE_LEVEL", OPTION_CHOICE, false, "info", 0, 0, "debug info error", "Lowest level." },
	{ "AFTERCARE_WORKERS", OPTION_INTEGER, false, "4", 1, 64, NULL, "Threads." },
	{ "AFTERCARE_OFFSET", OPTION_INTEGER, false, NULL, 0, 0, NULL, "Any number." },
	{ "AFTERCARE_DEMO", OPTION_BOOLEAN, false, "false", 0, 0, NULL, "Demo data." },
	{ "AFTERCARE_ISSUER", OPTION_URL, false, NULL, 0, 0, NULL, "Who signs." },
	{ "AFTERCARE_TITLE", OPTION_TEXT, false, NULL, 2, 5, NULL, "Shown on top." },
	{ "AFTERCARE_PASSWORD", OPTION_SECRET, false, NULL, 8, 100, NULL, "Password." },
	{ 0 },
};

static const struct option *const tables[] = { options, NULL };

static void url_hold(const char *url)
{
	hold(!url || text_starts(url, "http://") || text_starts(url, "https://"));
	hold(!url || strcspn(url, " \r\n\"<>#\\") == strlen(url));
	hold(!url || !memchr(url, '@', 8 + strcspn(url + 8, "/?")));
}

static void values_hold(const struct config *config)
{
	const char *level = config_text(config, "AFTERCARE_LEVEL");
	const char *title = config_text(config, "AFTERCARE_TITLE");
	const char *password = config_text(config, "AFTERCARE_PASSWORD");
	long workers = config_integer(config, "AFTERCARE_WORKERS");
	long characters = title ? text_utf8_length(title, strlen(title)) : 2;

	hold(text_same(level, "debug") || text_same(level, "info") || text_same(level, "error"));
	hold(workers >= 1 && workers <= 64);
	hold(characters >= 2 && characters <= 5);
	hold(!strpbrk(config_text(config, "AFTERCARE_LISTEN"), " /@\r\n"));
	hold(!password || strlen(password) >= 8);
	(void)config_integer(config, "AFTERCARE_OFFSET");
	(void)config_boolean(config, "AFTERCARE_DEMO");
	url_hold(config_text(config, "AFTERCARE_ISSUER"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct fault_list faults = { .arena = arena };
	char *environment[LINES_MAX + 1] = { NULL };
	char *arguments[LINES_MAX + 1] = { NULL };
	char *line = arena_strndup(arena, (const char *)data, size);
	struct config *config = NULL;
	int variables = 0;
	int flags = 0;

	/* Secrets in files would let the input read what it likes. */
	if (strcasestr(line, "file"))
		*line = '\0';
	while (line && *line && variables < LINES_MAX && flags < LINES_MAX) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		if (text_starts(line, "AFTERCARE_"))
			environment[variables++] = line;
		else
			arguments[flags++] = line;
		line = end ? end + 1 : NULL;
	}
	hold((config_load(arena, tables, flags, arguments, environment, &config, &faults) == FAULT_NONE) ==
		(faults.count == 0));
	hold((faults.count == 0) == (config != NULL));
	if (config)
		values_hold(config);
	arena_free(arena);
	return 0;
}
