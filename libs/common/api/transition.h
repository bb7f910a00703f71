/*
 * transition: rows of a state machine: {action, from, to, who, needs}, and the machine they belong to. ACTIONS routes
 * serve one POST for each row and the log of what happened; OpenAPI, the refusals ("possible now: …") and the
 * documentation read the same rows. The engine (act.h) keeps the log, states and times; a machine says nothing of them.
 */
#ifndef AFTERCARE_TRANSITION_H
#define AFTERCARE_TRANSITION_H

#include "fault.h"
#include "field.h"
#include "rights.h"
#include "statement.h"

#include <stdbool.h>

struct pg_batch;
struct request;

/* What every action takes; the first rows of its `needs`. */
#define FIELDS_OF_EVERY_ACTION                                                                                         \
	{ "at", FIELD_TIME, 0,                                                                                         \
		.help = "When it happened; now when absent. Not before the previous transition, at most 5 minutes "    \
			"ahead." },                                                                                    \
	{                                                                                                              \
		"note", FIELD_TEXT, 0, .max = 2000                                                                     \
	}

/* The body of an action that takes nothing else. */
extern const struct field action_fields[];

/* What an action does, ending with NULL. */
typedef const struct statement *const action_steps[];

/* The policy that bounds `at` backwards; a row of the settings of every service with machines. */
#define SETTING_OF_MACHINES                                                                                            \
	{                                                                                                              \
		"backdate_hours", FIELD_INTEGER, 0, .min = 0, .max = 87600, .fallback = "72",                          \
						    .help = "An action further back in time needs a manager or an "    \
							    "integration."                                             \
	}

struct transition {
	const char *action; /* kebab-case; NULL ends a table */
	const char *from;   /* states, space separated */
	const char *to;     /* state, or NULL: decided by the statements */
	enum scope who;
	const struct field *needs; /* its body: action_fields, or FIELDS_OF_EVERY_ACTION and its own; or NULL */
	/* What it does, which brings it to its new state: $1 id, $2 body, $3 action, $5 and $6 the flags; ends with NULL. */
	const struct statement *const *statements;
	const char *event; /* "call.opened" */
	const char *summary;
	const char *help;
};

/* The state machine of a resource, named by resource.machine; SQL is over the alias of its rows. */
struct machine {
	const struct transition *table;
	const char *states;   /* all of them, space separated */
	const char *state;    /* SQL: the state; "c.state" */
	const char *substate; /* SQL: the tenant's label under it, for the log; or NULL */
	const char *began;    /* SQL: no action is dated before it; NULL: only not before the previous one */
	bool unlogged;        /* keeps no log of its passages */
	enum scope backdate;  /* lifts the limit of backdate_hours; SCOPE_NONE: there is no limit */
	enum scope flag;      /* whether the caller holds it is $6 of the statements */
	/* Behind a row's own statements: what every action does; or NULL. Version and log come by themselves. */
	const struct statement *const *after;
	/* Adds statements between the guard and the row's own; or NULL. */
	enum fault (*before)(struct request *request, struct pg_batch *batch, const struct transition *row);
};

#endif
