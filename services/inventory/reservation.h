/* reservation: parts promised to an activity, and issued to it. */
#ifndef AFTERCARE_INVENTORY_RESERVATION_H
#define AFTERCARE_INVENTORY_RESERVATION_H

#include "resource.h"

extern const struct resource reservation;
extern const struct field reservation_source_diff_answer[];

/* GET /v1/reservations/{id}/source-diff: what the charge it was made from says otherwise now. */
enum fault reservation_source_diff(struct request *request);

#endif
