#include "schema.h"

#include "arena.h"
#include "page.h"
#include "schema_value.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PATTERN_QUERY    "^[^\\u0000]*$"
#define PATTERN_QUERY_IN "^[^\\u0000,]*$"

/* Where in a body we are. */
struct place {
	enum schema_use use;
	bool topmost;
	bool whole; /* the body of a request: takes refuse_on */
};

static void object_write(struct writer *writer, const struct field *fields, struct place place);

bool schema_shows(const struct field *field, enum schema_use use, bool topmost)
{
	if (schema_answers(use))
		return !(field->flags & WRITE_ONLY);
	if (field->flags & READ_ONLY)
		return false;
	return !(use == SCHEMA_CHANGE && topmost && field->flags & FIXED);
}

static bool nullable(const struct field *field, struct place place)
{
	if (field->flags & REQUIRED || field->fallback)
		return false;
	if (place.topmost && schema_answers(place.use) && strcmp(field->name, "id") == 0)
		return false;
	/* A promise to consumers was made before: it is not narrowed by what is known of rows since, unless it was made so. */
	return !(field->flags & NEVER_NULL && (place.use != SCHEMA_EVENT || field->flags & PROMISED));
}

static void list_write(struct writer *writer, const struct field *field, enum schema_use use)
{
	if (!schema_answers(use) && (field->flags & (REQUIRED | EMPTY)) == REQUIRED)
		writer_number(writer, "minItems", 1);
	writer_number(writer, "maxItems", field->type != FIELD_TEXTS && field->max ? field->max : FIELD_LIST_MAX);
	writer_object(writer, "items");
	if (field->type == FIELD_LIST) {
		writer_text(writer, "type", "object");
		/* A list is replaced as a whole: its items are new, also in a change. */
		object_write(writer, field->fields,
			(struct place){ use == SCHEMA_CHANGE ? SCHEMA_CREATE : use, false, false });
	} else {
		writer_text(writer, "type", "string");
		if (field->choices)
			schema_choices(writer, field->choices, false);
		else
			schema_string(writer, field, use);
	}
	writer_object_end(writer);
}

static void constraints_write(struct writer *writer, const struct field *field, struct place place)
{
	bool or_null = nullable(field, place);

	switch (field->type) {
	case FIELD_JSON:
		break; /* anything */
	case FIELD_BOOLEAN:
		schema_type(writer, "boolean", or_null);
		break;
	case FIELD_INTEGER:
		schema_type(writer, "integer", or_null);
		schema_integer(writer, field, place.use);
		break;
	case FIELD_CHOICE:
		schema_type(writer, "string", or_null);
		schema_choices(
			writer, field->given && !schema_answers(place.use) ? field->given : field->choices, or_null);
		break;
	case FIELD_OBJECT:
		schema_type(writer, "object", or_null);
		object_write(writer, field->fields, (struct place){ place.use, false, false });
		break;
	case FIELD_FREE:
		schema_type(writer, "object", or_null);
		writer_json(writer, "patternProperties",
			"{\"^[1-9][0-9]?$\":{\"type\":[\"string\",\"boolean\",\"null\"]}}");
		writer_flag(writer, "additionalProperties", false);
		break;
	case FIELD_LIST:
	case FIELD_TEXTS:
	case FIELD_IDS:
	case FIELD_DECIMALS:
		schema_type(writer, "array", or_null);
		list_write(writer, field, place.use);
		break;
	default:
		schema_type(writer, "string", or_null);
		schema_string(writer, field, place.use);
	}
}

static void notes_write(struct writer *writer, const struct field *field, enum schema_use use)
{
	const char *cost = field->flags & COST ? " Needs costs:read." : "";
	const char *internal = field->flags & INTERNAL ? " Not for the portal." : "";

	if (field->help || *cost || *internal) {
		const char *note =
			arena_printf(writer->arena, "%s%s%s", field->help ? field->help : "", cost, internal);

		writer_text(writer, "description", note + (*note == ' '));
	}
	if (schema_answers(use) && use != SCHEMA_EVENT && field->flags & READ_ONLY)
		writer_flag(writer, "readOnly", true);
	if (field->flags & WRITE_ONLY)
		writer_flag(writer, "writeOnly", true);
	if (use == SCHEMA_CREATE && field->fallback)
		writer_json(writer, "default", field->fallback);
	if (field->example) {
		writer_list(writer, "examples");
		writer_json(writer, NULL, field->example);
		writer_list_end(writer);
	}
}

static bool required(const struct field *field, struct place place)
{
	switch (place.use) {
	case SCHEMA_EVENT: /* what can be null may also be missing, in events older than the field */
		return place.topmost && !nullable(field, place) && !(field->flags & LATER);
	case SCHEMA_ANSWER: /* what an inner object keeps in a merge may miss what a whole one must have */
		return place.topmost && field->flags & REQUIRED;
	case SCHEMA_CREATE:
		return field->flags & REQUIRED && !field->fallback;
	default:
		return false;
	}
}

/* Taken from every body of a write before its table is asked. */
static void refuse_on_write(struct writer *writer)
{
	writer_json(writer, "refuse_on",
		arena_printf(writer->arena,
			"{\"type\":\"array\",\"maxItems\":%d,\"items\":{\"type\":\"string\",\"maxLength\":%d,"
			"\"pattern\":\"^[a-z0-9-]+$\"},"
			"\"description\":\"Codes of warnings: one of them then refuses the request with 409.\"}",
			REFUSE_ON_CODES_MAX, REFUSE_ON_CODE_MAX));
}

/* A member for each field; whether any is required. */
static bool members_write(struct writer *writer, const struct field *fields, struct place place)
{
	bool any = false;

	for (const struct field *field = fields; field && field->name; field++) {
		if (!schema_shows(field, place.use, place.topmost) || field_find(fields, field->name) != field)
			continue; /* of two rows of a name the first counts */
		any |= required(field, place);
		writer_object(writer, field->name);
		constraints_write(writer, field, place);
		notes_write(writer, field, place.use);
		writer_object_end(writer);
	}
	return any;
}

void schema_members(struct writer *writer, const struct field *fields, enum schema_use use)
{
	members_write(writer, fields, (struct place){ use, true, false });
}

/* At least one of the fields that say EITHER, and not as null. */
static void either_write(struct writer *writer, const struct field *fields)
{
	bool any = false;

	for (const struct field *field = fields; field->name; field++) {
		if (!(field->flags & EITHER))
			continue;
		if (!any)
			writer_list(writer, "anyOf");
		any = true;
		writer_object(writer, NULL);
		writer_list(writer, "required");
		writer_text(writer, NULL, field->name);
		writer_list_end(writer);
		writer_object(writer, "properties");
		writer_json(writer, field->name, "{\"not\":{\"type\":\"null\"}}");
		writer_object_end(writer);
		writer_object_end(writer);
	}
	if (any)
		writer_list_end(writer);
}

/* The members behind "type": "object". */
static void object_write(struct writer *writer, const struct field *fields, struct place place)
{
	bool any;

	writer_object(writer, "properties");
	if (place.whole)
		refuse_on_write(writer);
	any = members_write(writer, fields, place);
	writer_object_end(writer);
	if (any) {
		writer_list(writer, "required");
		for (const struct field *field = fields; field->name; field++)
			if (schema_shows(field, place.use, place.topmost) && required(field, place))
				writer_text(writer, NULL, field->name);
		writer_list_end(writer);
	}
	if (place.use == SCHEMA_CREATE)
		either_write(writer, fields);
	if (!schema_answers(place.use))
		writer_flag(writer, "additionalProperties", false);
}

void schema_object(
	struct writer *writer, const char *key, const char *title, const struct field *fields, enum schema_use use)
{
	writer_object(writer, key);
	if (title)
		writer_text(writer, "title", title);
	writer_text(writer, "type", "object");
	object_write(writer, fields, (struct place){ use, true, false });
	writer_object_end(writer);
}

void schema_body(struct writer *writer, const char *key, const struct field *fields, enum schema_use use)
{
	writer_object(writer, key);
	writer_text(writer, "type", "object");
	object_write(writer, fields, (struct place){ use, true, true });
	writer_object_end(writer);
}

void schema_row_required(struct writer *writer, const char *key, const struct field *fields)
{
	writer_list(writer, key);
	for (const struct field *field = fields; field->name; field++)
		if (!(field->flags & (COST | INTERNAL | WRITE_ONLY | ONCE)))
			writer_text(writer, NULL, field->name);
	writer_list_end(writer);
}

/* Values of filters are checked like those of bodies, but a text may be anything. */
static void query_value_write(struct writer *writer, const struct field *field, enum comparison comparison)
{
	bool pattern = comparison == COMPARE_PREFIX || comparison == COMPARE_CONTAINS;

	if (pattern || field->type == FIELD_TEXT || field->type == FIELD_TEXTS) {
		writer_text(writer, "type", "string");
		writer_text(writer, "pattern", comparison == COMPARE_IN ? PATTERN_QUERY_IN : PATTERN_QUERY);
	} else if (field->type == FIELD_IDS) {
		writer_text(writer, "type", "string");
		schema_string(writer, field, SCHEMA_CREATE);
	} else {
		struct field plain = *field;

		plain.flags = REQUIRED; /* never null */
		plain.given = NULL;     /* lists show them all */
		constraints_write(writer, &plain, (struct place){ SCHEMA_CREATE, true, false });
	}
}

void schema_query(struct writer *writer, const char *key, const struct field *field, enum comparison comparison)
{
	writer_object(writer, key);
	if (comparison == COMPARE_EMPTY) {
		writer_text(writer, "type", "boolean");
	} else if (comparison == COMPARE_IN) {
		writer_text(writer, "type", "array");
		writer_number(writer, "minItems", 1);
		writer_number(writer, "maxItems", PAGE_IN_MAX);
		writer_object(writer, "items");
		query_value_write(writer, field, comparison);
		writer_object_end(writer);
	} else {
		query_value_write(writer, field, comparison);
	}
	writer_object_end(writer);
}

void schema_parameter(struct writer *writer, const char *key, const struct field *field)
{
	writer_object(writer, key);
	if (field->type == FIELD_TEXT && field->pattern) { /* a body's field that comes in the query */
		writer_text(writer, "type", "string");
		schema_string(writer, field, SCHEMA_CREATE);
	} else {
		if (field->type == FIELD_TEXT)
			writer_number(writer, "minLength", 1);
		query_value_write(writer, field, COMPARE_EQ);
	}
	writer_object_end(writer);
}

const char *schema_name(struct arena *arena, const char *name)
{
	struct text out = text_new(arena, 256);
	bool upper = true;

	for (const char *c = name; *c; c++) {
		if (*c == '_' || *c == '-' || *c == ' ') {
			upper = true;
			continue;
		}
		text_add_char(&out, upper ? (char)toupper((unsigned char)*c) : *c);
		upper = false;
	}
	return text_c(&out);
}
