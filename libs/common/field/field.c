#include "field.h"

#include "arena.h"
#include "text.h"
#include "uuid.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EITHER_MAX 256

const struct field *field_find(const struct field *fields, const char *name)
{
	for (const struct field *field = fields; field && field->name; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

bool field_never_null(const struct field *field)
{
	return field->flags & (REQUIRED | NEVER_NULL) || field->fallback;
}

bool field_choice_has(const char *choices, const char *word, size_t length)
{
	for (const char *at = choices; *at;) {
		size_t n = strcspn(at, " ");

		if (n == length && memcmp(at, word, length) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

const char *field_sql_type(const struct field *field)
{
	switch (field->type) {
	case FIELD_ID:
		return "uuid";
	case FIELD_INTEGER:
		return "bigint";
	case FIELD_DECIMAL:
		return "numeric";
	case FIELD_BOOLEAN:
		return "boolean";
	case FIELD_DATE:
		return "date";
	case FIELD_TIME:
		return "timestamptz";
	case FIELD_OBJECT:
	case FIELD_LIST:
	case FIELD_JSON:
	case FIELD_FREE:
		return "jsonb";
	case FIELD_TEXTS:
		return "text[]";
	case FIELD_IDS:
		return "uuid[]";
	case FIELD_DECIMALS:
		return "numeric[]";
	default:
		return "text";
	}
}

const struct field *field_either(struct arena *arena, const struct field *fields, const char **names)
{
	struct text list = text_new(arena, EITHER_MAX);
	const struct field *first = NULL;

	for (const struct field *field = fields; field && field->name; field++) {
		if (!(field->flags & EITHER))
			continue;
		text_addf(&list, "%s%s", first ? ", " : "", field->name);
		first = first ? first : field;
	}
	*names = text_c(&list);
	return first;
}

bool field_slot_valid(const char *text)
{
	size_t length = strlen(text);

	return length >= 1 && length <= 2 && text[0] != '0' && strspn(text, "0123456789") == length;
}

static bool integer_text_valid(const struct field *field, const char *text)
{
	char *end;
	long number;

	if (!*text || strspn(text, "-0123456789") != strlen(text))
		return false;
	errno = 0;
	number = strtol(text, &end, 10);
	return errno == 0 && *end == '\0' && number >= field->min && (!field->max || number <= field->max);
}

bool field_check_text(const struct field *field, const char *text, const char *parameter, struct fault_list *faults)
{
	const char *wrong = NULL;

	if (text_utf8_length(text, strlen(text)) < 0)
		wrong = "must be UTF-8";
	else if (field->type == FIELD_INTEGER)
		wrong = integer_text_valid(field, text) ? NULL : "must be a whole number within its bounds";
	else if (field->type == FIELD_BOOLEAN)
		wrong = text_same(text, "true") || text_same(text, "false") ? NULL : "must be true or false";
	else if (field->type == FIELD_IDS)
		wrong = uuid_valid(text) ? NULL : "must be a UUID";
	else if (value_is_plain(field->type))
		wrong = strlen(text) <= FIELD_TEXT_MAX ? NULL : "is too long";
	else
		wrong = value_fault(field, text);
	if (wrong && field->type == FIELD_TIME && strchr(text, ' ')) /* which a plus is in an address */
		wrong = "must be a time with offset (RFC 3339), whose + an address spells %2B";
	if (!wrong)
		return true;
	if (field->type == FIELD_CHOICE)
		fault_add_parameter(faults, parameter, "choice", "must be one of: %s", field->choices);
	else
		fault_add_parameter(faults, parameter, "format", "%s", wrong);
	return false;
}
