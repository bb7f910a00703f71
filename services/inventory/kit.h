/* kit: what kits are made of; substitute: articles that do for others, and how much of them there is. */
#ifndef AFTERCARE_INVENTORY_KIT_H
#define AFTERCARE_INVENTORY_KIT_H

#include "resource.h"

extern const struct resource kit_component;
extern const struct resource substitute;
extern const struct resource alternative;

#endif
