/*
 * asset: the installed base: machines, and what of them is followed by serial; where each is, whose, in what, under which
 * warranty, and where it was.
 */
#ifndef AFTERCARE_INVENTORY_ASSET_H
#define AFTERCARE_INVENTORY_ASSET_H

#include "resource.h"

#define ASSET_STATUSES "in_stock installed in_repair on_loan replaced dismissed scrapped"

extern const struct resource asset;
extern const struct resource asset_history;   /* where an asset was */
extern const struct resource asset_component; /* what is, and was, in it */

#endif
