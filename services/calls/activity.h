/* activity: what is planned or done, of a call or of a customer alone; who takes part; sessions of work and travel. */
#ifndef AFTERCARE_CALLS_ACTIVITY_H
#define AFTERCARE_CALLS_ACTIVITY_H

#include "resource.h"
#include "transition.h"

#define ACTIVITY_KINDS "phone visit meeting repair test remote email message document other"

extern const struct resource activity;
extern const struct resource activity_session;
extern const struct field activity_session_fields[];
extern const struct transition activity_transitions[];

enum fault activity_post(struct request *request);    /* POST /v1/activities */
enum fault activity_act(struct request *request);     /* POST /v1/activities/{id}/actions/… */
enum fault activity_session_post(struct request *request); /* POST /v1/activities/{id}/sessions */

#endif
