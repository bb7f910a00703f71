#include "arena.h"
#include "pg.h"
#include "text.h"

#include <string.h>

/*
 * What PostgreSQL says when a change of a row that others hold meets one that is being undone: looking whether it has to
 * wait it takes that for undone, and noting who changes the row for one at work. It is over as soon as it is told.
 */
#define MET_ONE_UNDONE "new multixact has more than one updating member"

/* SQLSTATE → fault: the one table. A code of two characters stands for its whole class. */
static const struct {
	const char *sqlstate;
	enum fault fault;
	const char *rule;
	const char *message; /* how it begins, when the code alone tells too little */
} states[] = {
	{ "23505", FAULT_DUPLICATE, "unique" },
	{ "23503", FAULT_UNKNOWN_REFERENCE, "reference" },
	{ "23514", FAULT_INVALID, "check" },
	{ "23502", FAULT_INVALID, "required" },
	{ "23P01", FAULT_CONFLICT, "overlap" },
	{ "44000", FAULT_FORBIDDEN, "tenant" }, /* with check option of a tenant's view */
	{ "22P05", FAULT_INVALID, "text" },     /* \u0000 in jsonb */
	{ "22003", FAULT_INVALID, "range" },
	{ "22008", FAULT_INVALID, "range" },
	{ "22", FAULT_INVALID, "value" },
	{ "40", FAULT_BUSY, NULL },        /* serialization, deadlock */
	{ "54", FAULT_INVALID, "length" }, /* longer than an index or a type takes */
	{ "55P03", FAULT_BUSY, NULL },     /* lock_timeout */
	{ "57014", FAULT_BUSY, NULL },     /* statement_timeout */
	{ "53", FAULT_BUSY, NULL },        /* resources */
	{ "57", FAULT_UNAVAILABLE, NULL }, /* shutdown, starting up */
	{ "08", FAULT_UNAVAILABLE, NULL },
	{ "25006", FAULT_UNAVAILABLE, NULL }, /* read only: a standby answered */
	{ "XX000", FAULT_BUSY, NULL, MET_ONE_UNDONE },
};

static const char *field_copy(struct arena *arena, const PGresult *result, int field)
{
	return arena_strdup(arena, PQresultErrorField(result, field));
}

/*
 * Constraints are named TABLE__FIELD__RULE (site__code__unique), so that a violation points at its field without a
 * table of names.
 */
static const char *constraint_pointer(struct arena *arena, const char *constraint)
{
	const char *field = constraint ? strstr(constraint, "__") : NULL;
	const char *end = field ? strstr(field + 2, "__") : NULL;

	if (!end)
		return NULL;
	return arena_printf(arena, "/%.*s", (int)(end - field - 2), field + 2);
}

/* And tells the rule. */
static const char *constraint_rule(const char *constraint)
{
	const char *field = constraint ? strstr(constraint, "__") : NULL;
	const char *rule = field ? strstr(field + 2, "__") : NULL;

	return rule ? rule + 2 : NULL;
}

/* Whether the detail of this state prints the whole row, with whatever in it is secret. */
static bool prints_row(const char *sqlstate)
{
	return strcmp(sqlstate, "23502") == 0 || strcmp(sqlstate, "23514") == 0 || strcmp(sqlstate, "44000") == 0;
}

enum fault pg_fault(struct arena *arena, const PGresult *result, struct pg_error *error)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	*error = (struct pg_error){
		.message = field_copy(arena, result, PG_DIAG_MESSAGE_PRIMARY),
		.constraint = field_copy(arena, result, PG_DIAG_CONSTRAINT_NAME),
		.table = field_copy(arena, result, PG_DIAG_TABLE_NAME),
	};
	if (!sqlstate)
		sqlstate = "08006"; /* libpq's own: the connection went away */
	if (!prints_row(sqlstate))
		error->detail = field_copy(arena, result, PG_DIAG_MESSAGE_DETAIL);
	memcpy(error->sqlstate, sqlstate, strnlen(sqlstate, sizeof(error->sqlstate) - 1));
	if (strcmp(sqlstate, "AF000") == 0) {
		const char *code = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

		error->ours = true;
		error->pointer = field_copy(arena, result, PG_DIAG_COLUMN_NAME);
		error->rule = field_copy(arena, result, PG_DIAG_DATATYPE_NAME);
		return code ? fault_by_code(code) : FAULT_INTERNAL;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!text_starts(sqlstate, states[i].sqlstate))
			continue;
		if (states[i].message && !(error->message && text_starts(error->message, states[i].message)))
			continue;
		error->pointer = constraint_pointer(arena, error->constraint);
		/* An index that a value is too long for has a name as well, but tells no rule that was broken. */
		error->rule = text_starts(sqlstate, "23") ? constraint_rule(error->constraint) : NULL;
		if (!error->rule)
			error->rule = states[i].rule;
		return states[i].fault;
	}
	return FAULT_INTERNAL;
}
