#include "schema_value.h"

#include "arena.h"
#include "text.h"

/* What field_check refuses in texts: control characters but tab, newline and carriage return. */
#define TEXT_CONTROL "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f"
#define PATTERN_TEXT "^[^" TEXT_CONTROL "]*$"
/* And in those that must say something: nothing but blanks. */
#define PATTERN_SAID "^[^" TEXT_CONTROL "]*[^ \\t\\r\\n" TEXT_CONTROL "][^" TEXT_CONTROL "]*$"
#define PATTERN_DATE "^(19|[2-9][0-9])[0-9]{2}-"
#define PATTERN_TIME                                                                                                   \
	"^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]{1,9})?"                  \
	"([Zz]|[+-](0[0-9]|1[0-5]):[0-9]{2})$"
#define PATTERN_TIME_ZONE "^[A-Za-z0-9_+-][A-Za-z0-9_+/-]*$"
#define PATTERN_COUNTRY   "^[A-Z]{2}$"
#define PATTERN_LANGUAGE  "^[a-z]{2}(-[A-Z]{2})?$"
#define EMAIL_CHARACTER   "[^\\u0000-\\u0020\\u007f<>(),;:\\\\\"\\[\\]@]"
#define EMAIL_LABEL       "[^\\u0000-\\u0020\\u007f<>(),;:\\\\\"\\[\\]@.]"
#define PATTERN_EMAIL     "^" EMAIL_CHARACTER "+@" EMAIL_LABEL "+(\\." EMAIL_LABEL "+)+$"

#define EMAIL_MAX     254
#define PATTERN_MAX   1000
#define TIME_ZONE_MAX 40

bool schema_answers(enum schema_use use)
{
	return use != SCHEMA_CREATE && use != SCHEMA_CHANGE;
}

void schema_type(struct writer *writer, const char *type, bool or_null)
{
	if (!or_null) {
		writer_text(writer, "type", type);
		return;
	}
	writer_list(writer, "type");
	writer_text(writer, NULL, type);
	writer_text(writer, NULL, "null");
	writer_list_end(writer);
}

void schema_choices(struct writer *writer, const char *choices, bool or_null)
{
	writer_list(writer, "enum");
	writer_words(writer, choices);
	if (or_null)
		writer_json(writer, NULL, "null");
	writer_list_end(writer);
}

/* digits - decimals before the point, without leading zeros; at most decimals behind it. */
static void decimal_write(struct writer *writer, const struct field *field, enum schema_use use)
{
	bool positive = field->positive && !schema_answers(use);
	int whole = (field->digits ? field->digits : FIELD_DIGITS_MAX) - field->decimals;
	const char *sign = positive ? "(?=.*[1-9])" : field->negative ? "-?" : "";
	const char *fraction = "";

	if (field->decimals)
		fraction = arena_printf(writer->arena, "(\\.[0-9]{1,%d})?", field->decimals);
	writer_text(writer, "format", "decimal");
	if (whole > 1)
		writer_textf(writer, "pattern", "^%s(0|[1-9][0-9]{0,%d})%s$", sign, whole - 1, fraction);
	else
		writer_textf(writer, "pattern", "^%s[0-9]%s$", sign, fraction);
}

/* A text of ours never holds the zero character; who reads the pattern must know that it goes with the other control characters. */
static const char *pattern_write(struct arena *arena, const char *pattern)
{
	struct text out = text_new(arena, PATTERN_MAX);

	for (const char *c = pattern; *c; c++)
		text_add(&out, *c == '\x01' ? "\\u0000" : (char[]){ *c, 0 });
	return text_c(&out);
}

static void text_write(struct writer *writer, const struct field *field, enum schema_use use)
{
	long least = field->min > 1 ? field->min : field->flags & EMPTY ? 0 : 1;
	const char *pattern =
		field->flags & (REQUIRED | EITHER) && !(field->flags & EMPTY) ? PATTERN_SAID : PATTERN_TEXT;

	if (!schema_answers(use)) {
		if (least)
			writer_number(writer, "minLength", least);
		writer_number(writer, "maxLength", field->max ? field->max : FIELD_TEXT_MAX);
		writer_text(writer, "pattern", field->pattern ? pattern_write(writer->arena, field->pattern) : pattern);
	} else if (field->max && !(field->flags & READ_ONLY)) {
		writer_number(writer, "maxLength", field->max);
	}
}

void schema_integer(struct writer *writer, const struct field *field, enum schema_use use)
{
	writer_text(writer, "format", "int64");
	if (schema_answers(use) && field->flags & READ_ONLY)
		return; /* bounds are for bodies; the server's own may pass them */
	writer_number(writer, "minimum", field->min);
	if (field->max)
		writer_number(writer, "maximum", field->max);
}

void schema_string(struct writer *writer, const struct field *field, enum schema_use use)
{
	switch (field->type) {
	case FIELD_ID:
	case FIELD_IDS:
		writer_text(writer, "format", "uuid");
		break;
	case FIELD_DECIMAL:
	case FIELD_DECIMALS:
		decimal_write(writer, field, use);
		break;
	case FIELD_DATE:
		writer_text(writer, "format", "date");
		if (!schema_answers(use))
			writer_text(writer, "pattern", PATTERN_DATE);
		break;
	case FIELD_TIME:
		writer_text(writer, "format", "date-time");
		if (!schema_answers(use))
			writer_text(writer, "pattern", PATTERN_TIME);
		break;
	case FIELD_TIME_ZONE:
		writer_number(writer, "maxLength", TIME_ZONE_MAX);
		writer_text(writer, "pattern", PATTERN_TIME_ZONE);
		break;
	case FIELD_EMAIL:
		writer_text(writer, "format", "email");
		writer_number(writer, "maxLength", EMAIL_MAX);
		if (!schema_answers(use))
			writer_text(writer, "pattern", PATTERN_EMAIL);
		break;
	case FIELD_COUNTRY:
		writer_text(writer, "pattern", PATTERN_COUNTRY);
		break;
	case FIELD_LANGUAGE:
		writer_text(writer, "pattern", PATTERN_LANGUAGE);
		break;
	default:
		text_write(writer, field, use);
	}
}
