/* charge: lines of a call to bill or not: labour, travel, call-out fee, part, other. Only open ones, for now. */
#ifndef AFTERCARE_CALLS_CHARGE_H
#define AFTERCARE_CALLS_CHARGE_H

#include "resource.h"

#define CHARGE_KINDS      "labour travel kilometres call_out part expense other"
#define CHARGE_TREATMENTS "billable covered warranty goodwill needs_approval"
#define CHARGE_MONEY      .digits = 14, .decimals = 4, .negative = true
#define CHARGE_QUANTITY   .digits = 12, .decimals = 3, .negative = true

extern const struct resource charge;

#endif
