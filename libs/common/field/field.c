#include "field.h"

#include "arena.h"
#include "clock.h"
#include "text.h"
#include "uuid.h"

#include <stdlib.h>
#include <string.h>

#define POINTER_MAX 512

struct check {
	struct fault_list *faults;
	enum field_mode mode;
	int depth;
};

static void value_check(struct check *check, const struct field *field, json_t *value, const char *pointer);

const struct field *field_find(const struct field *fields, const char *name)
{
	for (const struct field *field = fields; field && field->name; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
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

/* What is wrong with a text of a non-plain type, or NULL. */
static const char *form_fault(const struct field *field, const char *text)
{
	int64_t instant;

	switch (field->type) {
	case FIELD_CHOICE:
		return field_choice_has(field->choices, text, strlen(text)) ? NULL : "must be one of the listed values";
	case FIELD_ID:
		return uuid_valid(text) ? NULL : "must be a UUID";
	case FIELD_DECIMAL:
	case FIELD_DECIMALS:
		return field_decimal_valid(text, field->digits, field->decimals, field->negative)
			? NULL
			: "must be a decimal within its bounds, written as a string";
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

static bool plain_text(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_TEXTS;
}

/* Control characters would break logs, CSV and printed documents; newline and tab are what people type. */
static bool control_free(const char *text)
{
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\r' && *c != '\t') || *c == 0x7F)
			return false;
	return true;
}

static void text_check(
	struct check *check, const struct field *field, const char *text, size_t length, const char *pointer)
{
	long max = field->max ? field->max : FIELD_TEXT_MAX;
	const char *wrong;

	if (strlen(text) != length || !control_free(text)) {
		fault_add(check->faults, pointer, "characters", "control characters are not allowed");
		return;
	}
	if (plain_text(field->type)) {
		long characters = text_utf8_length(text, length);

		if (characters == 0 && !(field->flags & EMPTY))
			fault_add(check->faults, pointer, "length", "must not be empty");
		else if (characters > max)
			fault_add(check->faults, pointer, "length", "at most %ld characters, has %ld", max, characters);
		else if (characters < field->min)
			fault_add(check->faults, pointer, "length", "at least %ld characters", field->min);
		return;
	}
	wrong = form_fault(field, text);
	if (wrong && field->type == FIELD_CHOICE)
		fault_add(check->faults, pointer, "choice", "must be one of: %s", field->choices);
	else if (wrong)
		fault_add(check->faults, pointer, "format", "%s", wrong);
}

static void integer_check(struct check *check, const struct field *field, json_t *value, const char *pointer)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value))
		fault_add(check->faults, pointer, "type", "must be a whole number");
	else if (number < field->min || (field->max && number > field->max))
		fault_add(check->faults, pointer, "range", "must be from %ld to %ld", field->min, field->max);
}

static const char *below(struct check *check, const char *pointer, const char *name)
{
	return arena_printf(check->faults->arena, "%.*s/%s", POINTER_MAX, pointer, name);
}

static void object_check(struct check *check, const struct field *fields, json_t *object, const char *pointer)
{
	const char *key;
	json_t *value;

	if (++check->depth > FIELD_DEPTH_MAX) {
		fault_add(check->faults, pointer, "depth", "nested too deep");
		check->depth--;
		return;
	}
	json_object_foreach(object, key, value) {
		const struct field *field = field_find(fields, key);
		const char *at;

		/* A key is text of the client's: it goes into a pointer escaped (RFC 6901). */
		if (!field) {
			struct text escaped = text_new(check->faults->arena, POINTER_MAX);

			for (const char *c = key; *c; c++)
				text_add(&escaped, *c == '~' ? "~0" : *c == '/' ? "~1" : (char[]){ *c, 0 });
			fault_add(check->faults, below(check, pointer, text_c(&escaped)), "unknown", "no such field");
			continue;
		}
		at = below(check, pointer, key);
		if (field->flags & READ_ONLY)
			fault_add(check->faults, at, "read-only", "is set by the server");
		else if (check->mode == FIELD_CHANGE && check->depth == 1 && (field->flags & FIXED))
			fault_add(check->faults, at, "fixed", "can't be changed after creation");
		else
			value_check(check, field, value, at);
	}
	for (const struct field *field = fields; field->name; field++) {
		bool whole = check->mode == FIELD_CREATE;

		if (!whole || json_object_get(object, field->name))
			continue;
		if (field->fallback)
			json_object_set_new(object, field->name, json_loads(field->fallback, JSON_DECODE_ANY, NULL));
		else if (field->flags & REQUIRED)
			fault_add(check->faults, below(check, pointer, field->name), "required", "is required");
	}
	check->depth--;
}

static void list_check(struct check *check, const struct field *field, json_t *list, const char *pointer)
{
	long max = field->max && field->type != FIELD_TEXTS ? field->max : FIELD_LIST_MAX; /* of texts: characters */
	enum field_mode mode = check->mode;
	size_t index;
	json_t *item;

	if (!json_is_array(list)) {
		fault_add(check->faults, pointer, "type", "must be a list");
		return;
	}
	if ((long)json_array_size(list) > max) {
		fault_add(check->faults, pointer, "length", "at most %ld items, has %zu", max, json_array_size(list));
		return;
	}
	check->mode = FIELD_CREATE; /* a list is replaced as a whole: its items are new */
	json_array_foreach(list, index, item) {
		const char *at = below(check, pointer, arena_printf(check->faults->arena, "%zu", index));

		if (field->type == FIELD_LIST) {
			if (json_is_object(item))
				object_check(check, field->fields, item, at);
			else
				fault_add(check->faults, at, "type", "must be an object");
		} else if (!json_is_string(item)) {
			fault_add(check->faults, at, "type", "must be a string");
		} else {
			struct field one = *field;

			if (field->type == FIELD_IDS)
				one.type = FIELD_ID;
			else if (field->choices)
				one.type = FIELD_CHOICE;
			text_check(check, &one, json_string_value(item), json_string_length(item), at);
		}
	}
	check->mode = mode;
}

static void value_check(struct check *check, const struct field *field, json_t *value, const char *pointer)
{
	if (json_is_null(value)) {
		if (field->flags & REQUIRED || field->fallback)
			fault_add(check->faults, pointer, "required", "can't be null");
		return;
	}
	switch (field->type) {
	case FIELD_INTEGER:
		integer_check(check, field, value, pointer);
		break;
	case FIELD_BOOLEAN:
		if (!json_is_boolean(value))
			fault_add(check->faults, pointer, "type", "must be true or false");
		break;
	case FIELD_OBJECT:
		if (json_is_object(value))
			object_check(check, field->fields, value, pointer);
		else
			fault_add(check->faults, pointer, "type", "must be an object");
		break;
	case FIELD_LIST:
	case FIELD_TEXTS:
	case FIELD_IDS:
	case FIELD_DECIMALS:
		list_check(check, field, value, pointer);
		break;
	case FIELD_JSON:
		break;
	default:
		if (json_is_string(value))
			text_check(check, field, json_string_value(value), json_string_length(value), pointer);
		else
			fault_add(check->faults, pointer, "type", "must be a string");
	}
}

enum fault field_check(const struct field *fields, json_t *body, enum field_mode mode, struct fault_list *faults)
{
	struct check check = { .faults = faults, .mode = mode };
	size_t before = faults->count;

	if (!json_is_object(body)) {
		fault_add(faults, "", "type", "the body must be a JSON object");
		return FAULT_MALFORMED;
	}
	object_check(&check, fields, body, "");
	return faults->count == before ? FAULT_NONE : FAULT_INVALID;
}

static bool integer_text_valid(const struct field *field, const char *text)
{
	char *end;
	long number;

	if (!*text || strlen(text) > 18 || strspn(text, "-0123456789") != strlen(text))
		return false;
	number = strtol(text, &end, 10);
	return *end == '\0' && number >= field->min && (!field->max || number <= field->max);
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
	else if (plain_text(field->type))
		wrong = strlen(text) <= FIELD_TEXT_MAX ? NULL : "is too long";
	else
		wrong = form_fault(field, text);
	if (!wrong)
		return true;
	if (field->type == FIELD_CHOICE)
		fault_add_parameter(faults, parameter, "choice", "must be one of: %s", field->choices);
	else
		fault_add_parameter(faults, parameter, "format", "%s", wrong);
	return false;
}
