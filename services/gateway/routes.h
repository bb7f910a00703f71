/* routes: the gateway's own API; everything else is passed on. */
#ifndef AFTERCARE_GATEWAY_ROUTES_H
#define AFTERCARE_GATEWAY_ROUTES_H

#include "service.h"

extern const struct service gateway_service;

#endif
