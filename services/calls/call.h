/* call: requests for help: creation, quick entry, changes, the passage from state to state, import of history. */
#ifndef AFTERCARE_CALLS_CALL_H
#define AFTERCARE_CALLS_CALL_H

#include "act.h"
#include "resource.h"
#include "transition.h"

#define CALL_STATES        "received open assigned in_progress suspended resolved closed cancelled"
#define CALL_PRIORITIES    "low normal high critical"
#define SUSPENSION_REASONS "customer parts supplier offer internal"

extern const struct resource call;
extern const struct resource call_derived;
extern const struct resource call_timeline;
extern const struct machine call_machine;
extern const struct field call_quick_fields[];
extern const struct field call_follow_up_fields[];

enum fault call_post(struct request *request);      /* POST /v1/calls */
enum fault call_quick(struct request *request);     /* POST /v1/calls/quick */
enum fault call_follow_up(struct request *request); /* POST /v1/calls/{id}/actions/follow-up */

extern const struct field call_bulk_fields[];

/* Everything a bulk line creates: the call, its past, and what was done and spent on it. */
void call_bulk_insert(struct request *request, struct pg_batch *batch, const struct new_row rows[], size_t count);

#endif
