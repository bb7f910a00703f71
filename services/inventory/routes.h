/* routes: the whole API of the inventory service. */
#ifndef AFTERCARE_INVENTORY_ROUTES_H
#define AFTERCARE_INVENTORY_ROUTES_H

#include "service.h"

extern const struct service inventory_service;

#endif
