/* settings: the policies of inventory: what differs from firm to firm. */
#ifndef AFTERCARE_INVENTORY_SETTINGS_H
#define AFTERCARE_INVENTORY_SETTINGS_H

#include "field.h"

extern const struct field settings_fields[];

#endif
