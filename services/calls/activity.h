/* activity: what is planned or done, of a call or of a customer alone; who takes part; sessions of work and travel. */
#ifndef AFTERCARE_CALLS_ACTIVITY_H
#define AFTERCARE_CALLS_ACTIVITY_H

#include "resource.h"
#include "transition.h"

#define ACTIVITY_KINDS       "phone visit meeting repair test remote email message document other"
#define ACTIVITY_STATUSES    "todo done cancelled"
#define PARTICIPANT_STATUSES "planned accepted declined done absent"

extern const struct resource activity;
extern const struct resource activity_session;
extern const struct field activity_call_fields[]; /* {number} beside a call_id */
extern const struct field activity_participant_fields[];
extern const struct machine activity_machine;

/*
 * Adds the start of the activity's call, which happens when the call is open or assigned and the activity has a session or
 * is a visit done: body then holds done_at. Otherwise it changes nothing. The call's root must be locked.
 */
void call_add_start(struct request *request, struct pg_batch *batch, const char *activity_id, const char *body);

#endif
