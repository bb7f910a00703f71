/* What anybody says to take: weights stay in their bounds, and elements added in front change nothing they don't name. */
#include "accept.h"

#include "arena.h"
#include "fuzz.h"

#include <string.h>

static void bounded(int weight)
{
	hold(weight >= 0 && weight <= ACCEPT_MOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *header = arena_strndup(arena, (const char *)data, size);
	const char *behind = arena_printf(arena, "z/z;q=0.5;a=\"b,\\\"c\", %s", header);
	const char *refused = arena_printf(arena, "text/csv;q=0.000,%s", header);

	bounded(accept_type(header, "text/csv"));
	bounded(accept_coding(header, "gzip"));
	bounded(accept_language(header, "it"));
	hold(!*header || accept_type(behind, "text/csv") == accept_type(header, "text/csv"));
	hold(accept_coding(behind, "gzip") == accept_coding(header, "gzip"));
	/* Taken all the same only when it is named once more. */
	hold(!accept_type(refused, "text/csv") || strcasestr(header, "text/csv"));
	arena_free(arena);
	return 0;
}
