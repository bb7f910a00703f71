/*
 * reorder: how much of an article should be in a warehouse, and what should be ordered so that it is. Suggestions are made and
 * kept right by the functions that change stock; the ERP hears of proposals by event and answers by an action.
 */
#ifndef AFTERCARE_INVENTORY_REORDER_H
#define AFTERCARE_INVENTORY_REORDER_H

#include "resource.h"

extern const struct resource reorder_level;
extern const struct resource reorder;

#endif
