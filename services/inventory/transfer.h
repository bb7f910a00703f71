/*
 * transfer: our own goods from one warehouse to another: shipped into transit and received, or handed over at the counter.
 * What does not arrive stays in transit, told, until it is received after all or settled.
 */
#ifndef AFTERCARE_INVENTORY_TRANSFER_H
#define AFTERCARE_INVENTORY_TRANSFER_H

#include "resource.h"

extern const struct resource transfer;

#endif
