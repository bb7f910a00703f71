/* asset_action: what is done with an asset: its state machine. Each action adds a row to its history. */
#ifndef AFTERCARE_INVENTORY_ASSET_ACTION_H
#define AFTERCARE_INVENTORY_ASSET_ACTION_H

#include "transition.h"

extern const struct machine asset_machine;

#endif
