/*
 * act: serves the actions of a state machine. One handler for all rows of a transition table: Idempotency-Key, visibility,
 * root lock, the guard that knows states and times, the row's statements, change record, answer.
 */
#ifndef AFTERCARE_ACT_H
#define AFTERCARE_ACT_H

#include "store.h"
#include "transition.h"

#define ACT_POSSIBLE_MAX ((size_t)4096)

/*
 * Statements of a machine all take: $1 id, $2 body, $3 action, $4 states it is possible in, $5 possible actions by state
 * (JSON), $6 and $7 the flags.
 */
struct machine {
	const struct transition *table;
	const char *states;                   /* space separated */
	const struct statement *guard;        /* before anything: state and time */
	const struct statement *const *after; /* behind the row's own: what every action leaves; ends with NULL */
	enum scope flags[2];                  /* $6, $7: whether the caller holds them */
	/* Adds statements between the guard and the row's own; or NULL. */
	enum fault (*before)(struct request *request, struct pg_batch *batch, const struct transition *row);
};

/* Handler of ACTIONS routes; the route's transition is the row. */
enum fault act_run(struct request *request, const struct machine *machine) __attribute__((warn_unused_result));

/* Adds one action to a batch that does more: $1 id, without body, by its name. The guard still refuses what does not fit. */
void act_add(struct request *request, struct pg_batch *batch, const struct machine *machine, const struct store *store,
	const char *id, const char *action);

#endif
