#include "codes.h"

#include "arena.h"
#include "store.h"
#include "text.h"

#include <string.h>

#define CODE_MAX       80
#define CODES_TEXT_MAX ((size_t)REQUEST_BODY_MAX * 2)

static const char *code_name(struct arena *arena, const struct field *id)
{
	return arena_printf(arena, "%.*s_code", (int)(strlen(id->name) - strlen("_id")), id->name);
}

struct field codes_field(struct arena *arena, const struct field *id)
{
	return (struct field){
		.name = code_name(arena, id),
		.type = FIELD_TEXT,
		.flags = VIRTUAL | (id->flags & (FIXED | INTERNAL)),
		.max = CODE_MAX,
		.help = arena_printf(arena, "Instead of %s.", id->name),
	};
}

/* The codes that lines from..to give under a name, as a PostgreSQL array; NULL when there are none. */
static const char *codes_given(const struct upsert *upsert, const char *name, size_t from, size_t to)
{
	struct text out = text_new(upsert->request->arena, CODES_TEXT_MAX);

	for (size_t i = from; i < to; i++) {
		const char *code = upsert->lines[i].body ? json_string_at(upsert->lines[i].body, name) : NULL;

		if (code)
			pg_array_add(&out, code);
	}
	return out.length ? pg_array_end(&out) : NULL;
}

/* Puts the id in the place of a code. */
static void line_resolve(const struct upsert *upsert, struct upsert_line *line, const struct field *field,
	const char *name, const json_t *found)
{
	struct request *request = upsert->request;
	struct fault_list *faults = &request->faults;
	const char *pointer = arena_printf(request->arena, "/%s", name);
	const char *code = json_string_at(line->body, name);
	json_t *id = code ? json_object_get(found, code) : NULL;

	if (json_is_null(json_object_get(line->body, name)))
		json_object_del(line->body, name);
	if (!json_object_get(line->body, name))
		return;
	if (!code)
		fault_add(faults, pointer, "type", "must be a string");
	else if (json_object_get(line->body, field->name))
		fault_add(faults, pointer, "duplicate", "says the same as %s: give one", field->name);
	else if (!id)
		fault_add(faults, pointer, "reference", "there is nothing with this code");
	if (faults->count) {
		upsert_line_fail(request, line, FAULT_INVALID);
		line->body = NULL;
		return;
	}
	json_object_set(line->body, field->name, id);
	json_object_del(line->body, name);
}

/* The lines that give a code of one field. */
static enum fault field_resolve(struct upsert *upsert, const struct field *field, size_t from, size_t to)
{
	struct request *request = upsert->request;
	const char *name = code_name(request->arena, field);
	const char *codes = codes_given(upsert, name, from, to);
	json_t *found = json_keep(request->arena, json_object());

	if (codes) {
		const char *sql = arena_printf(
			request->arena, "select o.code, o.id from %s o where o.code = any($1::text[])", field->coded);
		struct pg_batch *batch = request_batch(request);
		size_t index = pg_add_text(batch, sql, 1, &codes);
		enum fault fault = request_execute(request, batch);

		if (fault)
			return fault;
		for (int row = 0; row < PQntuples(pg_result(batch, index)); row++)
			json_object_set_new(found, PQgetvalue(pg_result(batch, index), row, 0),
				json_string(PQgetvalue(pg_result(batch, index), row, 1)));
	}
	for (size_t i = from; i < to; i++)
		if (json_is_object(upsert->lines[i].body))
			line_resolve(upsert, &upsert->lines[i], field, name, found);
	return FAULT_NONE;
}

enum fault codes_resolve(struct upsert *upsert, size_t from, size_t to)
{
	enum fault fault = FAULT_NONE;

	for (const struct field *field = upsert->store->resource->fields; !fault && field->name; field++)
		if (field->coded)
			fault = field_resolve(upsert, field, from, to);
	return fault;
}

bool codes_complete(const struct field *fields, const json_t *line, struct fault_list *faults)
{
	bool complete = true;

	for (const struct field *field = fields; field->name; field++) {
		if (!field->coded || !(field->flags & REQUIRED) || json_object_get(line, field->name))
			continue;
		fault_add(faults, arena_printf(faults->arena, "/%s", field->name), "required", "is required");
		complete = false;
	}
	return complete;
}
