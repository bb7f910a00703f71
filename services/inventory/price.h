/* price: price lists, mirrored from the ERP or kept here: prices by article, quantity and day, and which one holds. */
#ifndef AFTERCARE_INVENTORY_PRICE_H
#define AFTERCARE_INVENTORY_PRICE_H

#include "resource.h"

extern const struct resource price_list;
extern const struct resource price;

extern const struct field price_resolve_query[];
extern const struct field price_resolve_answer[];

enum fault price_resolve(struct request *request); /* GET /v1/prices/resolve */

#endif
