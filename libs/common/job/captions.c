#include "captions.h"

#include "arena.h"
#include "language.h"
#include "list.h"
#include "text.h"

#include <ctype.h>
#include <string.h>

#define FILTERS_TEXT_MAX 4000

/* "customer.city" as "customer city": what hangs on another is called by both. */
static char *words_of(struct arena *arena, const char *name, bool italian)
{
	struct text out = text_new(arena, FILTERS_TEXT_MAX);
	char *rest = arena_strdup(arena, name);
	char *part;

	while ((part = strsep(&rest, ".")) != NULL)
		text_addf(&out, "%s%s", out.length ? " " : "", language_name(arena, part, italian));
	return arena_strdup(arena, text_c(&out));
}

const char *caption_of(struct arena *arena, const json_t *labels, const char *name, bool italian)
{
	size_t index;
	const json_t *item;
	char *words;

	json_array_foreach((json_t *)labels, index, item)
		if (text_same(json_string_at(item, "field"), name))
			return json_string_at(item, "label");
	words = words_of(arena, name, italian);
	*words = (char)toupper((unsigned char)*words);
	return words;
}

/* A value as it was asked for; of choices, what people call them. */
static void value_add(struct text *out, const struct field *fields, const struct parameter *parameter, bool italian)
{
	const struct field *field = field_find(fields, parameter->name);
	char *rest = arena_strdup(out->arena, parameter->value);
	const char *between = "";
	const char *value;

	if (!field || field->type != FIELD_CHOICE) {
		text_add(out, parameter->value);
		return;
	}
	while ((value = strsep(&rest, ",")) != NULL) {
		text_addf(out, "%s%s", between, language_value(out->arena, field->name, value, italian));
		between = ", ";
	}
}

static void sort_add(struct text *out, const json_t *labels, const char *sort, bool italian)
{
	char *rest = arena_strdup(out->arena, sort);
	const char *between = italian ? " · ordine: " : " · sorted by: ";
	const char *key;

	while ((key = strsep(&rest, ",")) != NULL) {
		bool falling = *key == '-';

		text_addf(out, "%s%s %s", between, caption_of(out->arena, labels, key + falling, italian),
			falling ? "↓" : "↑");
		between = ", ";
	}
}

const char *captions_filters(
	struct arena *arena, const json_t *labels, const struct field *fields, const struct query *query, bool italian)
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

		if (!list_selects(parameter->name))
			continue;
		text_add(&out, count++ ? " · " : italian ? "Filtri: " : "Filters: ");
		if (strcmp(parameter->name, "q") == 0)
			text_addf(&out, "«%s»", parameter->value);
		else {
			text_addf(&out, "%s %s ", caption_of(arena, labels, parameter->name, italian),
				signs[parameter->comparison][italian]);
			value_add(&out, fields, parameter, italian);
		}
	}
	if (count == 0)
		text_add(&out, italian ? "Senza filtri" : "No filters");
	if (sort)
		sort_add(&out, labels, sort, italian);
	return text_c(&out);
}
