/* Lists of ETags of anybody: the versions of a valid one are integers of PostgreSQL's, and each is named by its tag. */
#include "etag.h"

#include "arena.h"
#include "fuzz.h"

#include <string.h>

static void versions_hold(struct arena *arena, const char *value, const char *versions)
{
	size_t length = strlen(versions);

	hold(versions[0] == '{' && versions[length - 1] == '}');
	for (const char *at = versions + 1; *at && *at != '}';) {
		size_t digits = strspn(at, "0123456789");

		hold(digits >= 1 && digits <= 9 && (at[digits] == ',' || at[digits] == '}'));
		hold(etags_name_version(value, arena_strndup(arena, at, digits)));
		at += digits + (at[digits] == ',');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *value = arena_strndup(arena, (const char *)data, size);

	if (etags_valid(value)) {
		const char *versions = etags_versions(arena, value);

		hold((versions == NULL) == (strcmp(value, "*") == 0));
		hold(!etags_name_version(value, "3") || !versions || strstr(versions, "3"));
		hold(!versions || !strstr(value, "\"3\"") || etags_name(value, "\"3\""));
		if (versions)
			versions_hold(arena, value, versions);
	}
	arena_free(arena);
	return 0;
}
