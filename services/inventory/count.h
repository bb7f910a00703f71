/*
 * count: what is really in a warehouse: a sheet of lines that people fill in, blind if it is wanted so, and whose
 * differences are posted. A line keeps what the ledger said when it was counted, so that work goes on meanwhile.
 */
#ifndef AFTERCARE_INVENTORY_COUNT_H
#define AFTERCARE_INVENTORY_COUNT_H

#include "resource.h"

extern const struct resource count;
extern const struct resource count_line;

#endif
