#include "pg.h"
#include "text.h"

#include <string.h>

json_t *pg_json(struct arena *arena, const PGresult *result, int row, int column)
{
	const char *problem;

	if (row >= PQntuples(result) || PQgetisnull(result, row, column))
		return NULL;
	return json_read(arena, PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column), &problem);
}

static bool named(const char *name, const char *const names[])
{
	for (size_t i = 0; names && names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* What comes after the name of the column in "column.member"; or NULL. */
static const char *member_of(const char *name, const char *column)
{
	size_t length = strlen(column);

	return strncmp(name, column, length) == 0 && name[length] == '.' ? name + length + 1 : NULL;
}

const char *pg_shown(struct arena *arena, const PGresult *result, int row, int column, const char *const hidden[])
{
	json_t *json = NULL;

	for (size_t i = 0; hidden && hidden[i]; i++) {
		const char *member = member_of(hidden[i], PQfname(result, column));

		if (member && !json)
			json = pg_json(arena, result, row, column);
		if (member)
			json_less(json, member);
	}
	return json ? json_write(arena, json) : PQgetvalue(result, row, column);
}

static void value_json(struct text *out, const PGresult *result, int row, int column, const char *const hidden[])
{
	const char *value = PQgetvalue(result, row, column);
	size_t length = (size_t)PQgetlength(result, row, column);

	if (PQgetisnull(result, row, column)) {
		text_add(out, "null");
		return;
	}
	switch (PQftype(result, column)) {
	case PG_OID_BOOL:
		text_add(out, value[0] == 't' ? "true" : "false");
		break;
	case PG_OID_INT2:
	case PG_OID_INT4:
	case PG_OID_INT8:
		text_add_bytes(out, value, length);
		break;
	case PG_OID_JSON:
	case PG_OID_JSONB:
		text_add(out, pg_shown(out->arena, result, row, column, hidden));
		break;
	default:
		text_add_json_bytes(out, value, length);
	}
}

void pg_row_json(
	struct text *out, const PGresult *result, int row, const char *const hidden[], const char *const only[])
{
	int columns = PQnfields(result);
	bool first = true;

	text_add_char(out, '{');
	for (int column = 0; column < columns; column++) {
		const char *name = PQfname(result, column);

		if (name[0] == '_' || named(name, hidden) || (only && !named(name, only)))
			continue;
		if (!first)
			text_add_char(out, ',');
		first = false;
		text_add_json(out, name);
		text_add_char(out, ':');
		value_json(out, result, row, column, hidden);
	}
	text_add_char(out, '}');
}
