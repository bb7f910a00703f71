/* Bodies against a table of every type, and texts of query strings: what is taken is a value of PostgreSQL's type, what is
 * refused is told at a place that exists and stays as it came. */
#include "field.h"

#include "arena.h"
#include "clock.h"
#include "fuzz.h"
#include "text.h"
#include "uuid.h"

#include <ctype.h>
#include <string.h>

#define DIGITS   12 /* of amount */
#define DECIMALS 2

static const struct field part_fields[] = {
	{ "code", FIELD_TEXT, REQUIRED, .max = 4 },
	{ "count", FIELD_INTEGER, 0, .min = 1, .max = 9, .fallback = "1" },
	{ "seen", FIELD_TIME, READ_ONLY },
	{ 0 },
};

static const struct field place_fields[] = {
	{ "city", FIELD_TEXT, REQUIRED, .min = 2, .max = 8 },
	{ "country", FIELD_COUNTRY, FIXED, .fallback = "\"IT\"" },
	{ "parts", FIELD_LIST, 0, .max = 3, .fields = part_fields },
	{ 0 },
};

static const struct field fields[] = {
	{ "id", FIELD_ID, FIXED | VIRTUAL },
	{ "name", FIELD_TEXT, REQUIRED, .max = 8 },
	{ "note", FIELD_TEXT, EMPTY },
	{ "kind", FIELD_CHOICE, 0, .choices = "prospect acquired", .fallback = "\"prospect\"" },
	{ "rank", FIELD_INTEGER, 0, .min = -5, .max = 5 },
	{ "amount", FIELD_DECIMAL, 0, .digits = DIGITS, .decimals = DECIMALS, .negative = true },
	{ "active", FIELD_BOOLEAN, 0, .fallback = "true" },
	{ "day", FIELD_DATE },
	{ "at", FIELD_TIME },
	{ "zone", FIELD_TIME_ZONE },
	{ "email", FIELD_EMAIL },
	{ "language", FIELD_LANGUAGE },
	{ "place", FIELD_OBJECT, 0, .fields = place_fields },
	{ "parts", FIELD_LIST, 0, .fields = part_fields },
	{ "tags", FIELD_TEXTS, 0, .max = 5 },
	{ "flags", FIELD_TEXTS, 0, .choices = "a b" },
	{ "ids", FIELD_IDS, 0, .max = 3 },
	{ "scores", FIELD_DECIMALS, 0, .digits = DIGITS, .decimals = DECIMALS },
	{ "version", FIELD_INTEGER, READ_ONLY },
	{ "shape", FIELD_JSON, READ_ONLY },
	{ 0 },
};

/* numeric(DIGITS, DECIMALS) takes it without rounding. */
static void decimal_hold(const char *text, bool negative)
{
	size_t whole = strspn(text + (*text == '-'), "0123456789");
	const char *rest = text + (*text == '-') + whole;

	hold(negative || *text != '-');
	hold(whole >= 1 && whole <= DIGITS - DECIMALS);
	hold(!*rest || (*rest == '.' && rest[1] && strlen(rest + 1) <= DECIMALS));
	hold(strspn(rest, ".0123456789") == strlen(rest));
}

static void text_hold(const struct field *field, const char *text)
{
	int64_t instant = 0;
	char spelled[CLOCK_TEXT];

	switch (field->type) {
	case FIELD_ID:
	case FIELD_IDS:
		hold(uuid_valid(text));
		break;
	case FIELD_CHOICE:
		hold(field_choice_has(field->choices, text, strlen(text)) && !strchr(text, ' ') && *text);
		break;
	case FIELD_DECIMAL:
	case FIELD_DECIMALS:
		decimal_hold(text, field->negative);
		break;
	case FIELD_DATE:
		hold(strlen(text) == 10 && clock_date_valid(text));
		break;
	case FIELD_TIME:
		/* PostgreSQL reads no more than 128 bytes, and no offset beyond 15:59. */
		hold(strlen(text) < 128 && clock_parse(text, &instant));
		hold(clock_parse(clock_format(instant, spelled), &instant));
		break;
	case FIELD_EMAIL:
		hold(strchr(text, '@') && !strpbrk(text, " \r\n\t<>"));
		break;
	default:
		hold(!strpbrk(text, "\x01\x08\x0B\x1B\x7F"));
		hold(text_utf8_length(text, strlen(text)) <= (field->max ? field->max : FIELD_TEXT_MAX));
	}
}

static void object_hold(const struct field *table, const json_t *object);

static void value_hold(const struct field *field, const json_t *value)
{
	size_t index;
	const json_t *item;

	hold(!(field->flags & READ_ONLY));
	if (json_is_null(value)) {
		hold(!(field->flags & REQUIRED) && !field->fallback);
	} else if (field->type == FIELD_INTEGER) {
		hold(json_integer_value(value) >= field->min && json_integer_value(value) <= field->max);
	} else if (field->type == FIELD_BOOLEAN) {
		hold(json_is_boolean(value));
	} else if (field->type == FIELD_OBJECT) {
		object_hold(field->fields, value);
	} else if (json_is_array(value)) {
		hold(json_array_size(value) <= FIELD_LIST_MAX);
		json_array_foreach((json_t *)value, index, item) {
			if (field->type == FIELD_LIST)
				object_hold(field->fields, item);
			else
				text_hold(field, json_string_value(item));
		}
	} else {
		text_hold(field, json_string_value(value));
	}
}

static void object_hold(const struct field *table, const json_t *object)
{
	const char *key;
	const json_t *value;

	hold(json_is_object(object));
	json_object_foreach((json_t *)object, key, value) {
		hold(field_find(table, key) != NULL);
		value_hold(field_find(table, key), value);
	}
}

/* What a JSON pointer (RFC 6901) names; *last gets its last token. NULL when it isn't there. */
static const json_t *resolve(struct arena *arena, const json_t *at, const char *pointer, bool parent)
{
	while (at && *pointer == '/') {
		size_t length = strcspn(pointer + 1, "/");
		char *token = arena_strndup(arena, pointer + 1, length);
		char *out = token;

		pointer += length + 1;
		if (parent && !*pointer)
			return at;
		for (const char *c = token; *c; c++)
			*out++ = (char)(*c != '~' ? *c : *++c == '0' ? '~' : '/');
		*out = '\0';
		at = json_is_array(at) ? json_array_get(at, strtoul(token, NULL, 10)) : json_object_get(at, token);
	}
	return *pointer ? NULL : at;
}

static void faults_hold(struct arena *arena, const json_t *body, const struct fault_list *faults)
{
	for (size_t i = 0; i < faults->count && i < FAULT_LIST_MAX; i++) {
		const struct fault_detail *fault = &faults->items[i];

		hold(fault->pointer && !fault->parameter && *fault->detail);
		hold(resolve(arena, body, fault->pointer, strcmp(fault->code, "required") == 0) != NULL);
	}
}

static void body_check(struct arena *arena, const char *bytes, size_t length, enum field_mode mode)
{
	const char *problem;
	json_t *body = json_read(arena, bytes, length, &problem);
	json_t *before;
	struct fault_list faults = { .arena = arena };
	enum fault fault;

	if (!body)
		return;
	before = json_keep(arena, json_deep_copy(body));
	fault = field_check(fields, body, mode, &faults);
	hold((fault == FAULT_NONE) == (faults.count == 0));
	if (fault) {
		hold(json_equal(body, before));
		faults_hold(arena, body, &faults);
		return;
	}
	object_hold(fields, body);
	hold(mode == FIELD_CHANGE || json_object_get(body, "name"));
	/* Fallbacks are all that is put in, and they are good themselves. */
	before = json_keep(arena, json_deep_copy(body));
	hold(field_check(fields, body, mode, &faults) == FAULT_NONE && json_equal(body, before));
}

static void text_check(struct arena *arena, const char *text)
{
	for (const struct field *field = fields; field->name; field++) {
		struct fault_list faults = { .arena = arena };

		if (field->type == FIELD_OBJECT || field->type == FIELD_LIST || field->type == FIELD_JSON)
			continue;
		if (!field_check_text(field, text, "x", &faults)) {
			hold(faults.count == 1 && faults.items[0].parameter);
		} else if (field->type == FIELD_INTEGER) {
			hold(strspn(text, "-0123456789") == strlen(text) && isdigit(text[strlen(text) - 1]));
		} else if (field->type == FIELD_BOOLEAN) {
			hold(text_same(text, "true") || text_same(text, "false"));
		} else if (field->type != FIELD_TEXT && field->type != FIELD_TEXTS) {
			text_hold(field, text);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	body_check(arena, (const char *)data, size, FIELD_CREATE);
	body_check(arena, (const char *)data, size, FIELD_CHANGE);
	text_check(arena, arena_strndup(arena, (const char *)data, size));
	arena_free(arena);
	return 0;
}
