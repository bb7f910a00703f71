/* reservation: parts promised to an activity, and issued to it. */
#ifndef AFTERCARE_INVENTORY_RESERVATION_H
#define AFTERCARE_INVENTORY_RESERVATION_H

#include "resource.h"

extern const struct resource reservation;
extern const struct field reservation_from_call_fields[];
extern const struct field reservation_from_call_answer[];

/* POST /v1/reservations/from-call: promises what part charges of a call ask for and nobody promised them yet. */
enum fault reservation_from_call(struct request *request);

#endif
