/* reservation: parts promised to an activity, and issued to it. */
#ifndef AFTERCARE_INVENTORY_RESERVATION_H
#define AFTERCARE_INVENTORY_RESERVATION_H

#include "resource.h"

extern const struct resource reservation;
extern const struct field reservation_from_call_fields[];
extern const struct field reservation_from_call_answer[];

/* Promises what part charges ask for and is not promised to them yet. */
extern const struct from_call reservation_from_call;

#endif
