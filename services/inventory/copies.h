/* copies: what inventory keeps of other services' data, fed by their events. */
#ifndef AFTERCARE_INVENTORY_COPIES_H
#define AFTERCARE_INVENTORY_COPIES_H

#include "inbox.h"

extern const struct inbox_handler copies_consumed[];

#endif
