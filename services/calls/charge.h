/* charge: lines of a call to bill or not: labour, travel, call-out fee, part, other. Only open ones, for now. */
#ifndef AFTERCARE_CALLS_CHARGE_H
#define AFTERCARE_CALLS_CHARGE_H

#include "resource.h"

extern const struct resource charge;

#endif
