#include "captions.h"

#include "arena.h"
#include "text.h"

#include <ctype.h>
#include <string.h>

#define FILTERS_TEXT_MAX 4000

const char *caption_of(struct arena *arena, const json_t *labels, const char *name)
{
	size_t index;
	const json_t *item;
	char *words;

	json_array_foreach((json_t *)labels, index, item)
		if (text_same(json_string_at(item, "field"), name))
			return json_string_at(item, "label");
	words = text_words(arena, name);
	*words = (char)toupper((unsigned char)*words);
	return words;
}

static bool is_filter(const struct parameter *parameter)
{
	static const char *const others[] = { "fields", "sort", "limit", "cursor", "labels", "expand" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(parameter->name, others[i]) == 0)
			return false;
	return true;
}

const char *captions_filters(struct arena *arena, const json_t *labels, const struct query *query, bool italian)
{
	static const char *const signs[COMPARE_COUNT][2] = {
		[COMPARE_EQ] = { "=", "=" },
		[COMPARE_NE] = { "≠", "≠" },
		[COMPARE_LT] = { "<", "<" },
		[COMPARE_LTE] = { "≤", "≤" },
		[COMPARE_GT] = { ">", ">" },
		[COMPARE_GTE] = { "≥", "≥" },
		[COMPARE_IN] = { "one of", "uno di" },
		[COMPARE_PREFIX] = { "begins with", "inizia con" },
		[COMPARE_CONTAINS] = { "contains", "contiene" },
		[COMPARE_EMPTY] = { "is empty:", "vuoto:" },
	};
	struct text out = text_new(arena, FILTERS_TEXT_MAX);
	const char *sort = query_value(query, "sort");
	size_t count = 0;

	for (size_t i = 0; i < query->count; i++) {
		const struct parameter *parameter = &query->items[i];

		if (!is_filter(parameter))
			continue;
		text_add(&out, count++ ? " · " : italian ? "Filtri: " : "Filters: ");
		if (strcmp(parameter->name, "q") == 0)
			text_addf(&out, "«%s»", parameter->value);
		else
			text_addf(&out, "%s %s %s", caption_of(arena, labels, parameter->name),
				signs[parameter->comparison][italian], parameter->value);
	}
	if (count == 0)
		text_add(&out, italian ? "Senza filtri" : "No filters");
	if (sort)
		text_addf(&out, italian ? " · ordine: %s" : " · sorted by: %s", sort);
	return text_c(&out);
}
