#include "line_key.h"

#include "arena.h"
#include "store.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define KEYS_TEXT_MAX (REQUEST_BODY_MAX * 2)

size_t line_keys(const struct resource *resource, const char *keys[LINE_KEYS_MAX])
{
	size_t count = 0;

	keys[count++] = "id";
	if (field_find(resource->fields, "external_ref"))
		keys[count++] = "external_ref";
	if (resource->account_key)
		keys[count++] = resource->account_key;
	if (resource->natural_key)
		keys[count++] = resource->natural_key;
	return count;
}

bool line_key_within(const struct resource *resource, const char *key)
{
	return resource->natural_within && strcmp(key, resource->natural_key) == 0;
}

/* The id of the other row, a blank, and the value as base.fold spells it, as far as its letters are ASCII. */
static const char *within_value(const struct upsert *upsert, const struct upsert_line *line, const char *value)
{
	struct arena *arena = upsert->request->arena;
	const char *id = json_string_at(line->body, upsert->store->resource->natural_within);
	size_t length;

	if (!id || !uuid_valid(id))
		return NULL;
	value += strspn(value, " ");
	length = strlen(value);
	while (length && value[length - 1] == ' ')
		length--;
	return text_lower(arena, arena_printf(arena, "%s %.*s", id, (int)length, value));
}

const char *line_key_value(const struct upsert *upsert, const struct upsert_line *line, const char *key)
{
	const char *value = line->body ? json_string_at(line->body, key) : NULL;

	if (!value)
		return NULL;
	if (line_key_within(upsert->store->resource, key))
		return within_value(upsert, line, value);
	if (strcmp(key, "id") != 0)
		return value;
	return uuid_valid(value) ? text_lower(upsert->request->arena, value) : NULL;
}

const char *line_key_values(const struct upsert *upsert, const char *key, size_t from, size_t to)
{
	struct text out = text_new(upsert->request->arena, KEYS_TEXT_MAX);

	for (size_t i = from; i < to; i++) {
		const char *value = line_key_value(upsert, &upsert->lines[i], key);

		if (value)
			pg_array_add(&out, value);
	}
	return out.length ? pg_array_end(&out) : NULL;
}

const char *line_key_query(const struct upsert *upsert, const char *key)
{
	const struct resource *resource = upsert->store->resource;
	struct arena *arena = upsert->request->arena;
	const char *alias = resource->alias;
	const char *type = strcmp(key, "id") == 0 ? "uuid" : "text";
	const char *sees = store_sees(resource, upsert->request->sight);
	const char *seen = sees ? arena_printf(arena, " and (%s)", sees) : "";
	const char *is = arena_printf(arena, "%s.%s = given.key", alias, key);

	if (line_key_within(resource, key)) /* folded again: lower() of C knows ASCII only */
		is = arena_printf(arena, "%s.%s = left(given.key, %d)::uuid and %s = base.fold(substr(given.key, %d))",
			alias, resource->natural_within, UUID_TEXT - 1, resource->natural_column, UUID_TEXT + 1);
	/*
	 * One by one behind a fence (offset): of many codes at once PostgreSQL believes that an index of trigrams has them sooner
	 * than that of the codes, and is wrong a hundredfold.
	 */
	return arena_printf(arena,
		"select given.key as _found, %s as _root, r.* from unnest($1::%s[]) given(key) "
		"cross join lateral (%s where %s%s offset 0) r",
		upsert->store->root_id, type, upsert->store->rows.text, is, seen);
}
