#include "field.h"

#include "arena.h"
#include "text.h"
#include "uuid.h"
#include "value.h"

#include <string.h>

#define WHOLE_MAX   9007199254740992.0 /* 2^53: up to here a double holds every whole number */
#define UNKNOWN_MAX 512                /* bytes of an unknown key, escaped, that its fault tells */

/* A field that was left out and has a fallback; it is put in when the whole body turned out right. */
struct absent {
	json_t *object;
	const struct field *field;
	struct absent *next;
};

/* An id, which gets its one spelling then: some are kept within JSON, where PostgreSQL compares texts. */
struct id {
	json_t *value;
	struct id *next;
};

struct check {
	struct fault_list *faults;
	enum field_mode mode;
	int depth;
	struct absent *absent;
	struct id *ids;
};

static void value_check(struct check *check, const struct field *field, json_t *value, const char *pointer);

/* Control characters would break logs, CSV and printed documents; newline and tab are what people type. */
static bool control_free(const char *text)
{
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\r' && *c != '\t') || *c == 0x7F)
			return false;
	return true;
}

/* Nothing but blanks: where something must be said, that says nothing. */
static bool blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static bool is_decimal(const struct field *field)
{
	return field->type == FIELD_DECIMAL || field->type == FIELD_DECIMALS;
}

/* What is no string but should be: of a number it is said how it is written. */
static void string_fault(struct check *check, const struct field *field, const char *pointer)
{
	if (is_decimal(field))
		fault_add(check->faults, pointer, "type", "must be a decimal in a string, as \"12.5\"");
	else
		fault_add(check->faults, pointer, "type", "must be a string");
}

static void decimal_fault(struct check *check, const struct field *field, const char *text, const char *pointer)
{
	int digits = (field->digits ? field->digits : FIELD_DIGITS_MAX) - field->decimals;

	if (*text == '-' && !field->negative)
		fault_add(check->faults, pointer, "format", "must not be negative");
	else if (field->decimals)
		fault_add(check->faults, pointer, "format",
			"must be a decimal as 12.5, of at most %d digits before the point and %d behind it", digits,
			field->decimals);
	else
		fault_add(check->faults, pointer, "format", "must be a whole number of at most %d digits", digits);
}

static void id_add(struct check *check, json_t *value)
{
	struct id *id = arena_alloc(check->faults->arena, sizeof(*id));

	*id = (struct id){ value, check->ids };
	check->ids = id;
}

static void ids_spell(const struct check *check)
{
	for (const struct id *id = check->ids; id; id = id->next)
		json_string_set(id->value, uuid_lower(json_string_value(id->value)).text);
}

static void text_check(struct check *check, const struct field *field, json_t *value, const char *pointer)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	long max = field->max ? field->max : FIELD_TEXT_MAX;
	const char *choices = field->given ? field->given : field->choices;
	const char *wrong;

	if (strlen(text) != length || !control_free(text)) {
		fault_add(check->faults, pointer, "characters", "control characters are not allowed");
		return;
	}
	if (value_is_plain(field->type)) {
		long characters = text_utf8_length(text, length);

		if (characters == 0 && !(field->flags & EMPTY))
			fault_add(check->faults, pointer, "length", "must not be empty");
		else if (field->flags & (REQUIRED | EITHER) && !(field->flags & EMPTY) && !field->pattern &&
			blank(text))
			fault_add(check->faults, pointer, "length", "must not be blank");
		else if (characters > max)
			fault_add(check->faults, pointer, "length", "at most %ld characters, has %ld", max, characters);
		else if (characters < field->min)
			fault_add(check->faults, pointer, "length", "at least %ld characters", field->min);
		else if (field->pattern && !value_has_form(text, field->pattern))
			fault_add(check->faults, pointer, "format", "must have the form %s", field->pattern);
		return;
	}
	if (field->type == FIELD_CHOICE) {
		if (!field_choice_has(choices, text, strlen(text)))
			fault_add(check->faults, pointer, "choice", "must be one of: %s", choices);
		return;
	}
	if (is_decimal(field) && !field_decimal_valid(text, field->digits, field->decimals, field->negative)) {
		decimal_fault(check, field, text, pointer);
		return;
	}
	wrong = value_fault(field, text);
	if (wrong)
		fault_add(check->faults, pointer, "format", "%s", wrong);
	else if (field->type == FIELD_ID)
		id_add(check, value);
}

static void integer_check(struct check *check, const struct field *field, json_t *value, const char *pointer)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value))
		fault_add(check->faults, pointer, "type", "must be a whole number");
	else if (field->max && (number < field->min || number > field->max))
		fault_add(check->faults, pointer, "range", "must be from %ld to %ld", field->min, field->max);
	else if (number < field->min)
		fault_add(check->faults, pointer, "range", "must be at least %ld", field->min);
}

static const char *below(struct check *check, const char *pointer, const char *name)
{
	return arena_printf(check->faults->arena, "%s/%s", pointer, name);
}

/* A key is text of the client's: it goes into a pointer escaped (RFC 6901), and a long one not at all. */
static void unknown_add(struct check *check, const char *pointer, const char *key)
{
	struct text escaped = text_new(check->faults->arena, UNKNOWN_MAX);

	for (const char *c = key; *c; c++)
		text_add(&escaped, *c == '~' ? "~0" : *c == '/' ? "~1" : (char[]){ *c, 0 });
	if (escaped.full)
		fault_add(check->faults, pointer, "unknown", "no field has a name as long");
	else
		fault_add(check->faults, below(check, pointer, text_c(&escaped)), "unknown", "no such field");
}

static void absent_add(struct check *check, json_t *object, const struct field *field)
{
	struct absent *absent = arena_alloc(check->faults->arena, sizeof(*absent));

	*absent = (struct absent){ object, field, check->absent };
	check->absent = absent;
}

static void fallbacks_put(const struct check *check)
{
	for (const struct absent *absent = check->absent; absent; absent = absent->next)
		json_object_set_new(absent->object, absent->field->name,
			json_loads(absent->field->fallback, JSON_DECODE_ANY, NULL));
}

/* Of the fields that say EITHER one must be there. */
static void either_check(struct check *check, const struct field *fields, json_t *object, const char *pointer)
{
	const char *names;
	const struct field *first = field_either(check->faults->arena, fields, &names);

	for (const struct field *field = first; field && field->name; field++) {
		const json_t *value = field->flags & EITHER ? json_object_get(object, field->name) : NULL;

		if (value && !json_is_null(value))
			return;
	}
	if (first)
		fault_add(check->faults, below(check, pointer, first->name), "required",
			"is required, or another of: %s", names);
}

static void absent_check(struct check *check, const struct field *fields, json_t *object, const char *pointer)
{
	for (const struct field *field = fields; field->name; field++) {
		if (json_object_get(object, field->name))
			continue;
		if (field->fallback)
			absent_add(check, object, field);
		else if (field->flags & REQUIRED)
			fault_add(check->faults, below(check, pointer, field->name), "required", "is required");
	}
	either_check(check, fields, object, pointer);
}

/* JSON has one kind of number (RFC 8259 section 6): 176.0 is 176, which becomes the member's value. */
static json_t *whole_number(const struct field *field, json_t *object, const char *key, json_t *value)
{
	double number = json_real_value(value);
	json_t *whole;

	if (field->type != FIELD_INTEGER || !json_is_real(value) || number < -WHOLE_MAX || number > WHOLE_MAX ||
		(double)(json_int_t)number != number)
		return value;
	whole = json_integer((json_int_t)number);
	json_object_set_new(object, key, whole);
	return whole;
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

		if (!field) {
			unknown_add(check, pointer, key);
			continue;
		}
		at = below(check, pointer, key);
		if (field->flags & READ_ONLY)
			fault_add(check->faults, at, "read-only", "is set by the server");
		else if (check->mode == FIELD_CHANGE && check->depth == 1 && (field->flags & FIXED))
			fault_add(check->faults, at, "fixed", "can't be changed after creation");
		else
			value_check(check, field, whole_number(field, object, key, value), at);
	}
	if (check->mode == FIELD_CREATE)
		absent_check(check, fields, object, pointer);
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
	if (json_array_size(list) == 0 && (field->flags & (REQUIRED | EMPTY)) == REQUIRED)
		fault_add(check->faults, pointer, "length", "must have at least one");
	check->mode = FIELD_CREATE; /* a list is replaced as a whole: its items are new */
	json_array_foreach(list, index, item) {
		const char *at = below(check, pointer, arena_printf(check->faults->arena, "%zu", index));

		if (field->type == FIELD_LIST) {
			if (json_is_object(item))
				object_check(check, field->fields, item, at);
			else
				fault_add(check->faults, at, "type", "must be an object");
		} else if (!json_is_string(item)) {
			string_fault(check, field, at);
		} else {
			struct field one = *field;

			if (field->type == FIELD_IDS)
				one.type = FIELD_ID;
			else if (field->choices)
				one.type = FIELD_CHOICE;
			text_check(check, &one, item, at);
		}
	}
	check->mode = mode;
}

/* Values as any free field may have them: which fields there are, and what they take, the tenant's definitions tell. */
static void free_check(struct check *check, json_t *slots, const char *pointer)
{
	const char *slot;
	json_t *value;

	if (!json_is_object(slots)) {
		fault_add(check->faults, pointer, "type", "must be an object");
		return;
	}
	json_object_foreach(slots, slot, value) {
		if (!field_slot_valid(slot))
			unknown_add(check, pointer, slot);
		else if (!json_is_null(value) && !json_is_string(value) && !json_is_boolean(value))
			fault_add(check->faults, below(check, pointer, slot), "type",
				"must be a string, true, false or null");
	}
}

static void value_check(struct check *check, const struct field *field, json_t *value, const char *pointer)
{
	if (json_is_null(value)) {
		if (field_never_null(field))
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
	case FIELD_FREE:
		free_check(check, value, pointer);
		break;
	default:
		if (json_is_string(value))
			text_check(check, field, value, pointer);
		else
			string_fault(check, field, pointer);
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
	if (faults->count > before)
		return FAULT_INVALID;
	fallbacks_put(&check);
	ids_spell(&check);
	return FAULT_NONE;
}
