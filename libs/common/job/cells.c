#include "cells.h"

#include "arena.h"
#include "language.h"
#include "text.h"

#include <string.h>

#define CELL_TEXT_MAX ((size_t)8 * 1024)

/* What tells an object to people, the best first. */
static const char *const telling[] = { "number", "code", "name", "label", "description", "subject", "serial", "raw",
	"street", "postal_code", "city" };

const char *cells_time_format(bool italian)
{
	return italian ? "DD/MM/YYYY HH24:MI" : "YYYY-MM-DD HH24:MI";
}

/* 2026-11-26 as 26/11/2026. */
static const char *date_italian(struct arena *arena, const char *text)
{
	if (strlen(text) != strlen("2026-11-26"))
		return text;
	return arena_printf(arena, "%.2s/%.2s/%.4s", text + 8, text + 5, text);
}

static const char *decimal_italian(struct arena *arena, const char *text)
{
	char *shown = arena_strdup(arena, text);
	char *point = strchr(shown, '.');

	if (point)
		*point = ',';
	return shown;
}

static void json_add(struct text *out, const json_t *value, bool italian);

static void word_add(struct text *out, const char *between, const char *word)
{
	text_addf(out, "%s%s", out->length ? between : "", word);
}

static void object_add(struct text *out, const json_t *object, bool italian)
{
	bool told = false;
	const char *key;
	const json_t *value;

	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		const char *word = json_string_at(object, telling[i]);

		if (word && *word)
			word_add(out, told ? " " : "; ", word);
		told = told || (word && *word);
	}
	if (told)
		return;
	json_object_foreach((json_t *)object, key, value) {
		if (!json_is_null(value) && !text_same(key, "id"))
			json_add(out, value, italian);
	}
}

static void json_add(struct text *out, const json_t *value, bool italian)
{
	size_t index;
	const json_t *item;

	if (json_is_string(value))
		word_add(out, ", ", json_string_value(value));
	else if (json_is_integer(value))
		word_add(out, ", ", arena_printf(out->arena, "%lld", (long long)json_integer_value(value)));
	else if (json_is_boolean(value))
		word_add(out, ", ", json_is_true(value) ? (italian ? "sì" : "yes") : "no");
	else if (json_is_object(value))
		object_add(out, value, italian);
	json_array_foreach((json_t *)value, index, item)
		json_add(out, item, italian);
}

const char *cell_text(struct arena *arena, const struct field *field, const char *text, bool italian)
{
	struct text out = text_new(arena, CELL_TEXT_MAX);
	const char *problem;

	switch (field ? field->type : FIELD_TEXT) {
	case FIELD_BOOLEAN:
		return *text != 't' ? "no" : italian ? "sì" : "yes";
	case FIELD_DATE:
		return italian ? date_italian(arena, text) : text;
	case FIELD_DECIMAL:
		return italian ? decimal_italian(arena, text) : text;
	case FIELD_CHOICE:
		return language_value(arena, field->name, text, italian);
	case FIELD_OBJECT:
	case FIELD_FREE:
	case FIELD_LIST:
	case FIELD_TEXTS:
	case FIELD_IDS:
	case FIELD_DECIMALS:
	case FIELD_JSON:
		json_add(&out, json_read(arena, text, strlen(text), &problem), italian);
		return text_c(&out);
	default:
		return text;
	}
}

bool cell_right(const struct field *field)
{
	return field && (field->type == FIELD_DECIMAL || field->type == FIELD_INTEGER);
}

double cell_share(const struct field *field)
{
	switch (field ? field->type : FIELD_TEXT) {
	case FIELD_BOOLEAN:
	case FIELD_INTEGER:
		return 1;
	case FIELD_DATE:
	case FIELD_DECIMAL:
		return 1.4;
	case FIELD_TIME:
		return 2;
	case FIELD_CHOICE:
		return 1.6;
	default:
		break;
	}
	if (field && field->type == FIELD_TEXT && field->max && field->max <= 40)
		return 1.8;
	return 4;
}
