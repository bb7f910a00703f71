#include "value.h"

#include "clock.h"
#include "text.h"
#include "uuid.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

bool value_has_form(const char *text, const char *pattern)
{
	regex_t form;
	bool fits;

	if (regcomp(&form, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort(); /* a table's defect */
	fits = regexec(&form, text, 0, NULL, 0) == 0;
	regfree(&form);
	return fits;
}

bool field_decimal_valid(const char *text, int digits, int decimals, bool negative)
{
	int whole = 0;
	int behind = 0;

	if (*text == '-') {
		if (!negative)
			return false;
		text++;
	}
	if (*text == '0' && text[1] >= '0' && text[1] <= '9')
		return false; /* one spelling only */
	for (; *text >= '0' && *text <= '9'; text++)
		whole++;
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9'; text++)
			behind++;
		if (behind == 0)
			return false;
	}
	return *text == '\0' && whole > 0 && behind <= decimals &&
		whole <= (digits ? digits : FIELD_DIGITS_MAX) - decimals;
}

/* One @, something on both sides, a dot in the domain, nothing that could break a header (RFC 5321 is far wider). */
static bool email_valid(const char *text)
{
	const char *at = strchr(text, '@');

	if (!at || at == text || strchr(at + 1, '@') || !strchr(at + 1, '.') || strlen(text) > 254)
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7F || strchr("<>(),;:\\\"[]", *c))
			return false;
	return at[1] != '.' && !text_ends(text, ".") && !strstr(at, "..");
}

static bool letters_only(const char *text, size_t length, char from, char to)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < from || text[i] > to)
			return false;
	return true;
}

static bool language_valid(const char *text)
{
	size_t length = strlen(text);

	return (length == 2 && letters_only(text, 2, 'a', 'z')) ||
		(length == 5 && letters_only(text, 2, 'a', 'z') && text[2] == '-' &&
			letters_only(text + 3, 2, 'A', 'Z'));
}

/* The shape of an IANA name; whether it exists PostgreSQL knows, and a check constraint asks it. */
static bool time_zone_valid(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= 40 && text[0] != '/' && !strstr(text, "..") &&
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == length;
}

const char *value_fault(const struct field *field, const char *text)
{
	int64_t instant;

	switch (field->type) {
	case FIELD_CHOICE:
		return field_choice_has(field->choices, text, strlen(text)) ? NULL : "must be one of the listed values";
	case FIELD_ID:
		return uuid_valid(text) ? NULL : "must be a UUID";
	case FIELD_DECIMAL:
	case FIELD_DECIMALS:
		if (!field_decimal_valid(text, field->digits, field->decimals, field->negative))
			return "must be a decimal within its bounds, written as a string";
		return field->positive && (*text == '-' || strspn(text, "0.") == strlen(text)) ? "must be above zero"
											       : NULL;
	case FIELD_DATE:
		return clock_date_valid(text) ? NULL : "must be a date, YYYY-MM-DD";
	case FIELD_TIME:
		return clock_parse(text, &instant) ? NULL
						   : "must be a time with offset, as 2026-11-24T09:30:00Z (RFC 3339)";
	case FIELD_TIME_ZONE:
		return time_zone_valid(text) ? NULL : "must be an IANA time zone, as Europe/Rome";
	case FIELD_EMAIL:
		return email_valid(text) ? NULL : "must be an e-mail address";
	case FIELD_COUNTRY:
		return strlen(text) == 2 && letters_only(text, 2, 'A', 'Z')
			? NULL
			: "must be two capital letters (ISO 3166-1)";
	case FIELD_LANGUAGE:
		return language_valid(text) ? NULL : "must be a language, as it or en-GB";
	default:
		return NULL;
	}
}

bool value_is_plain(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_TEXTS;
}
