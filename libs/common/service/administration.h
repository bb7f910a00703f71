/*
 * administration: what a manager or administrator reads of any service: its number series, who changed what (audit),
 * the events it could not apply (dead letters). Internal to service.
 */
#ifndef AFTERCARE_SERVICE_ADMINISTRATION_H
#define AFTERCARE_SERVICE_ADMINISTRATION_H

#include "resource.h"

extern const struct resource series;
extern const struct resource audit_entry;
extern const struct resource dead_letter;

/* POST …/dead-letters/{id}/actions/replay; the route's context is the struct service. */
enum fault dead_letter_replay(struct request *request);

#endif
