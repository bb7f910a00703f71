#include "reduce.h"

#include "clock.h"
#include "text.h"

#include <string.h>
#include <strings.h>

/* Whether the longer of two spellings of a decimal only has more zeros behind the point. */
static bool same_decimal(const char *longer, const char *shorter)
{
	const char *rest = longer + strlen(shorter);

	if (!text_starts(longer, shorter) || (!strchr(shorter, '.') && *rest && *rest != '.'))
		return false;
	rest += *rest == '.';
	return strspn(rest, "0") == strlen(rest);
}

/* Whether two spellings of a field's value are one value: times by instant, ids in either case, decimals without their last zeros. */
static bool same_text(const struct field *field, const char *a, const char *b)
{
	int64_t first;
	int64_t second;

	if (field->type == FIELD_TIME && clock_parse(a, &first) && clock_parse(b, &second))
		return first == second;
	if (field->type == FIELD_ID)
		return strcasecmp(a, b) == 0;
	if (field->type == FIELD_DECIMAL)
		return strlen(a) > strlen(b) ? same_decimal(a, b) : same_decimal(b, a);
	return strcmp(a, b) == 0;
}

static bool says_all(const struct field *fields, const json_t *row, const json_t *body);

/* Whether the row already holds the value; an object of the line may say less (merge patch). */
static bool same_value(const struct field *field, const json_t *known, const json_t *value)
{
	size_t index;
	const json_t *item;

	if (json_is_null(value))
		return !known || json_is_null(known);
	if (json_is_string(value) && json_is_string(known))
		return same_text(field, json_string_value(value), json_string_value(known));
	if (json_is_object(value) && json_is_object(known) && field->fields)
		return says_all(field->fields, known, value);
	if (!json_is_array(value) || !json_is_array(known) || !field->fields)
		return json_equal(known, value);
	if (json_array_size(value) != json_array_size(known))
		return false;
	json_array_foreach((json_t *)value, index, item) {
		if (!says_all(field->fields, json_array_get(known, index), item))
			return false;
	}
	return true;
}

static bool says_all(const struct field *fields, const json_t *row, const json_t *body)
{
	const char *key;
	const json_t *value;

	json_object_foreach((json_t *)body, key, value) {
		const struct field *field = field_find(fields, key);

		if (!field || !same_value(field, json_object_get(row, key), value))
			return false;
	}
	return true;
}

void reduce_object(const struct field *fields, const json_t *row, json_t *object)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, key, value) {
		const struct field *field = field_find(fields, key);
		const json_t *known = json_object_get(row, key);

		if (field && field->type == FIELD_FREE && json_is_object(value))
			reduce_object(field->fields, known, value);
		if (field && (field->flags & WRITE_ONLY || same_value(field, known, value)))
			json_object_del(object, key);
	}
}
