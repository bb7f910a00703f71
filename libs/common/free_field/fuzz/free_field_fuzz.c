/*
 * Values of free fields, and bulk lines that name them: what is taken fits its field, comes out as it would come out again,
 * and is told at a place that exists when it is refused.
 */
#include "free_field.h"

#include "arena.h"
#include "fuzz.h"
#include "json.h"
#include "text.h"

#include <string.h>

static const struct free_field items[] = {
	{ 1, "Zone", "text", "1", true, { "1", FIELD_TEXT, .max = 8 } },
	{ 2, "Size", "number", "1", true, { "2", FIELD_DECIMAL, .decimals = 2, .negative = true } },
	{ 3, "Since", "date", "1", true, { "3", FIELD_DATE } },
	{ 4, "Loyal", "boolean", "1", true, { "4", FIELD_BOOLEAN } },
	{ 5, "Class", "choice", "1", true, { "5", FIELD_CHOICE, .choices = "gold iron" } },
	{ 6, "Needed", "text", "1", true, { "6", FIELD_TEXT, REQUIRED, .max = 8 } },
	{ 7, "Old", "text", "1", false, { "7", FIELD_TEXT } },
	{ 0 },
};

static const struct field shapes[] = {
	{ "1", FIELD_TEXT, .max = 8 },
	{ "2", FIELD_DECIMAL, .decimals = 2, .negative = true },
	{ "3", FIELD_DATE },
	{ "4", FIELD_BOOLEAN },
	{ "5", FIELD_CHOICE, .choices = "gold iron" },
	{ "6", FIELD_TEXT, REQUIRED, .max = 8 },
	{ 0 },
};

static const struct free_fields fields = { "customer", items, shapes, NULL };

static const struct field own[] = { { "name", FIELD_TEXT }, { "x", FIELD_FREE }, { 0 } };

static void value_hold(const char *slot, const json_t *value)
{
	const struct free_field *field = free_field_find(&fields, slot);
	const char *text = json_string_value(value);

	hold(field && field->active);
	if (json_is_null(value) || field->shape.type == FIELD_BOOLEAN) {
		hold(!json_is_string(value));
		return;
	}
	hold(text != NULL);
	if (field->shape.type != FIELD_DECIMAL)
		return;
	hold(field_decimal_valid(text, 0, 2, true) && strcmp(text, "-0") != 0);
	hold(!strchr(text, '.') || (!text_ends(text, "0") && !text_ends(text, ".")));
}

static void x_check(struct arena *arena, const json_t *given, enum field_mode mode)
{
	json_t *x = json_keep(arena, json_deep_copy(given));
	struct fault_list faults = { .arena = arena };
	bool taken = free_fields_check(&fields, x, mode, &faults);
	const char *once;
	const char *slot;
	const json_t *value;

	hold(taken == (faults.count == 0));
	for (size_t i = 0; i < faults.count && i < FAULT_LIST_MAX; i++)
		hold(text_starts(faults.items[i].pointer, "/x"));
	if (!taken)
		return;
	json_object_foreach(x, slot, value)
		value_hold(slot, value);
	hold(mode == FIELD_CHANGE || json_object_get(x, "6"));
	once = json_write(arena, x);
	hold(free_fields_check(&fields, x, mode, &faults));
	hold(strcmp(once, json_write(arena, x)) == 0);
}

static void line_check(struct arena *arena, const json_t *given)
{
	json_t *line = json_keep(arena, json_deep_copy(given));
	struct fault_list faults = { .arena = arena };
	const char *key;
	const json_t *value;

	free_fields_gather(&fields, own, line, &faults);
	if (json_object_get(given, "x") && !json_is_object(json_object_get(given, "x"))) {
		hold(json_equal(given, line));
		return;
	}
	/* What is left beside x names no field in use; nothing is lost. */
	json_object_foreach(line, key, value) {
		hold(strcmp(key, "x") == 0 || !free_field_labelled(&fields, key));
		hold(!text_starts(key, "x.") || !field_slot_valid(key + 2));
	}
	hold(json_object_size(line) + json_object_size(json_object_get(line, "x")) + faults.count + 1 >=
		json_object_size(given));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *problem;
	const json_t *json = json_read(arena, (const char *)data, size, &problem);

	if (json_is_object(json)) {
		x_check(arena, json, FIELD_CREATE);
		x_check(arena, json, FIELD_CHANGE);
		line_check(arena, json);
	}
	arena_free(arena);
	return 0;
}
