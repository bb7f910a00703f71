/* Query strings of anybody: what is taken apart is UTF-8 within its limits, and put together again reads the same; any
 * text survives percent-encoding. */
#include "query.h"

#include "arena.h"
#include "fuzz.h"
#include "text.h"

#include <string.h>

#define TEXT_MAX ((size_t)1024 * 1024)

static void same(const struct query *one, const struct query *other)
{
	hold(one->count == other->count);
	for (size_t i = 0; i < one->count; i++) {
		hold(strcmp(one->items[i].name, other->items[i].name) == 0);
		hold(strcmp(one->items[i].value, other->items[i].value) == 0);
		hold(one->items[i].comparison == other->items[i].comparison);
	}
}

static const char *together(struct arena *arena, const struct query *query)
{
	struct text out = text_new(arena, TEXT_MAX);

	for (size_t i = 0; i < query->count; i++)
		text_addf(&out, "%s%s=%s", i ? "&" : "", percent_encode(arena, query->items[i].spelled),
			percent_encode(arena, query->items[i].value));
	hold(!out.full);
	return text_c(&out);
}

static void parse(struct arena *arena, const char *text)
{
	struct fault_list faults = { .arena = arena };
	struct query query;
	struct query again;
	enum fault fault = query_parse(arena, text, &query, &faults);

	hold((fault == FAULT_NONE) == (faults.count == 0));
	hold(query.count <= QUERY_PARAMETERS_MAX);
	for (size_t i = 0; i < query.count; i++) {
		const struct parameter *item = &query.items[i];
		size_t name = strlen(item->name);

		hold(text_utf8_length(item->spelled, strlen(item->spelled)) >= 0);
		hold(text_utf8_length(item->value, strlen(item->value)) >= 0);
		hold(text_starts(item->spelled, item->name) && (unsigned)item->comparison <= COMPARE_UNKNOWN);
		hold(item->comparison == COMPARE_UNKNOWN || !item->spelled[name] ||
			strcmp(item->spelled + name, arena_printf(arena, "[%s]", comparison_name(item->comparison))) ==
				0);
		hold(item->comparison != COMPARE_EQ || query_value(&query, item->name) != NULL);
	}
	if (fault)
		return;
	hold(query_parse(arena, together(arena, &query), &again, &faults) == FAULT_NONE);
	same(&query, &again);
	hold(query_pairs(arena, text, &again, &faults) == FAULT_NONE && again.count == query.count);
}

static void encode(struct arena *arena, const char *text)
{
	const char *encoded = percent_encode(arena, text);
	const char *decoded = percent_decode(arena, encoded, strlen(encoded), true);

	hold(strcspn(encoded, "&=+#?[] \"<>") == strlen(encoded));
	hold(decoded && strcmp(decoded, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);

	parse(arena, text);
	encode(arena, text);
	arena_free(arena);
	return 0;
}
