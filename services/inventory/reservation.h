/* reservation: parts promised to an activity, and issued to it. */
#ifndef AFTERCARE_INVENTORY_RESERVATION_H
#define AFTERCARE_INVENTORY_RESERVATION_H

#include "resource.h"

extern const struct resource reservation;

#endif
