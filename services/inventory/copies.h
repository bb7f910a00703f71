/* copies: what inventory keeps of other services' data, fed by their events, and what follows from them. */
#ifndef AFTERCARE_INVENTORY_COPIES_H
#define AFTERCARE_INVENTORY_COPIES_H

#include "copy.h"

extern const struct copy copies[];
extern const struct inbox_handler copies_beside[]; /* definitions of free fields */

#endif
