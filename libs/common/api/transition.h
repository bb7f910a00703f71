/*
 * transition: rows of a state machine: {action, from, to, who, needs}. ACTIONS routes serve one POST each; OpenAPI, the
 * refusals ("possible now: …") and the documentation read the same rows.
 */
#ifndef AFTERCARE_TRANSITION_H
#define AFTERCARE_TRANSITION_H

#include "field.h"
#include "rights.h"
#include "statement.h"

struct transition {
	const char *action; /* kebab-case; NULL ends a table */
	const char *from;   /* states, space separated */
	const char *to;     /* state, or NULL: decided by the statements */
	enum scope who;
	const struct field *needs;                 /* the action's own body fields, beside at and note; or NULL */
	const struct statement *const *statements; /* $1 id, $2 body, $3 to: what it does; ends with NULL */
	const char *event;                         /* "call.opened" */
	const char *summary;
	const char *help;
};

#endif
