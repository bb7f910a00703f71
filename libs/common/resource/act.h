/*
 * act: serves the actions of state machines (transition.h). One handler for all rows of all tables: Idempotency-Key,
 * visibility, root lock, the guard that knows states and times, the row's statements, version and log, change record,
 * answer.
 */
#ifndef AFTERCARE_ACT_H
#define AFTERCARE_ACT_H

#include "store.h"
#include "transition.h"

#define ACT_POSSIBLE_MAX ((size_t)4096)

/* The log of all machines of a service; read below the row that it is of, at …/transitions. */
extern const struct resource transition_log;

/* Handler of ACTIONS routes; the route's transition is the row. */
enum fault act_run(struct request *request);

/*
 * Adds one action to a batch that does more, by its name; body is JSON text. The guard still refuses what does not fit;
 * whether somebody may is not asked. The root must be locked.
 */
void act_add(struct arena *arena, struct pg_batch *batch, const struct store *store, const char *id, const char *action,
	const char *body);

/*
 * Tells beside the refusal of an action (FAULT_TRANSITION) which others the state allows, as it is now. A problem is none the
 * worse for lack of it.
 */
void act_possible_tell(struct request *request, const struct resource *resource, const char *id, const char *refused);

/* Composes the statements of the resource's machine: once, for stores_open. */
void act_compose(struct arena *arena, struct store *store);

#endif
