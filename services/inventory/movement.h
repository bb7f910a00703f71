/* movement: the ledger of stock: append only; an error is mended by a reversal. */
#ifndef AFTERCARE_INVENTORY_MOVEMENT_H
#define AFTERCARE_INVENTORY_MOVEMENT_H

#include "resource.h"

extern const struct resource movement;
extern const struct field movement_reverse_fields[];

enum fault movement_reverse(struct request *request); /* POST /v1/movements/{id}/actions/reverse */

#endif
