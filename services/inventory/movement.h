/* movement: the ledger of stock: append only; an error is mended by a reversal. */
#ifndef AFTERCARE_INVENTORY_MOVEMENT_H
#define AFTERCARE_INVENTORY_MOVEMENT_H

#include "resource.h"

extern const struct resource movement;
extern const struct field movement_reverse_fields[];
extern const struct field movement_from_call_fields[];
extern const struct field movement_from_call_answer[];
extern const struct from_call movement_from_call; /* issues what part charges used and is not issued yet */

enum fault movement_reverse(struct request *request); /* POST /v1/movements/{id}/actions/reverse */

#endif
