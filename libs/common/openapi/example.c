/* example: values that field_check takes, made from a field's example or its type. */
#include "arena.h"
#include "schema.h"

#include <string.h>

static void object_write(struct writer *writer, const struct field *fields, enum schema_use use, bool topmost);

/* The field's name as words, within its bounds: a text that tells what it is. */
static const char *words(struct arena *arena, const struct field *field)
{
	size_t max = field->max ? (size_t)field->max : FIELD_TEXT_MAX;
	size_t min = field->min > 0 ? (size_t)field->min : 0;
	struct text out = text_new(arena, FIELD_TEXT_MAX);

	for (const char *c = field->name; *c && out.length < max; c++)
		text_add_char(&out, *c == '_' ? ' ' : *c);
	while (out.length < min)
		text_add_char(&out, 'x');
	return text_c(&out);
}

static const char *decimal(struct arena *arena, const struct field *field)
{
	return field->decimals ? arena_printf(arena, "1.%.*s", field->decimals < 2 ? field->decimals : 2, "50") : "1";
}

static const char *string(struct arena *arena, const struct field *field)
{
	if (field->choices)
		return arena_strndup(arena, field->choices, strcspn(field->choices, " "));
	switch (field->type) {
	case FIELD_ID:
	case FIELD_IDS:
		return "0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00";
	case FIELD_DECIMAL:
	case FIELD_DECIMALS:
		return decimal(arena, field);
	case FIELD_DATE:
		return "2026-11-24";
	case FIELD_TIME:
		return "2026-11-24T09:30:00.000Z";
	case FIELD_TIME_ZONE:
		return "Europe/Rome";
	case FIELD_EMAIL:
		return "anna.bianchi@example.com";
	case FIELD_COUNTRY:
		return "IT";
	case FIELD_LANGUAGE:
		return "it";
	default:
		return words(arena, field);
	}
}

static void made_write(struct writer *writer, const char *key, const struct field *field, enum schema_use use)
{
	switch (field->type) {
	case FIELD_INTEGER:
		writer_number(writer, key, field->min > 1 ? field->min : field->max < 0 ? field->max : 1);
		break;
	case FIELD_BOOLEAN:
		writer_flag(writer, key, true);
		break;
	case FIELD_JSON:
		writer_object(writer, key);
		writer_object_end(writer);
		break;
	case FIELD_FREE:
		writer_object(writer, key);
		writer_text(writer, "12", "gold");
		writer_object_end(writer);
		break;
	case FIELD_OBJECT:
		writer_object(writer, key);
		object_write(writer, field->fields, use, false);
		writer_object_end(writer);
		break;
	case FIELD_LIST:
		writer_list(writer, key);
		writer_object(writer, NULL);
		object_write(writer, field->fields, use, false);
		writer_object_end(writer);
		writer_list_end(writer);
		break;
	case FIELD_TEXTS:
	case FIELD_IDS:
	case FIELD_DECIMALS:
		writer_list(writer, key);
		writer_text(writer, NULL, string(writer->arena, field));
		writer_list_end(writer);
		break;
	default:
		writer_text(writer, key, string(writer->arena, field));
	}
}

static void example_value(struct writer *writer, const char *key, const struct field *field, enum schema_use use)
{
	if (field->example)
		writer_json(writer, key, field->example);
	else if (field->fallback)
		writer_json(writer, key, field->fallback);
	else
		made_write(writer, key, field, use);
}

/*
 * Answers show everything; bodies what must be there and what has an example of its own; a change one such field, or
 * else the first there is.
 */
static bool told(const struct field *field, enum schema_use use, bool topmost)
{
	if (!schema_shows(field, use, topmost))
		return false;
	if (!topmost || (use != SCHEMA_CREATE && use != SCHEMA_CHANGE))
		return true;
	return field->flags & REQUIRED || (field->example && field->type != FIELD_ID);
}

static void object_write(struct writer *writer, const struct field *fields, enum schema_use use, bool topmost)
{
	const struct field *first = NULL;
	bool either = use == SCHEMA_CREATE && topmost; /* one of those that say so is wanted: the first will do */
	bool any = false;

	for (const struct field *field = fields; field && field->name; field++) {
		if (!first && schema_shows(field, use, topmost))
			first = field;
		if (!told(field, use, topmost) && !(either && field->flags & EITHER))
			continue;
		if (field->flags & EITHER)
			either = false;
		any = true;
		example_value(writer, field->name, field, use);
		if (use == SCHEMA_CHANGE && topmost)
			return;
	}
	if (!any && first && topmost && use == SCHEMA_CHANGE)
		example_value(writer, first->name, first, use);
}

void example_object(struct writer *writer, const char *key, const struct field *fields, enum schema_use use)
{
	writer_object(writer, key);
	object_write(writer, fields, use, true);
	writer_object_end(writer);
}
