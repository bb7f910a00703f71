/* routes: the whole API of the calls service. */
#ifndef AFTERCARE_CALLS_ROUTES_H
#define AFTERCARE_CALLS_ROUTES_H

#include "service.h"

extern const struct service calls_service;

#endif
