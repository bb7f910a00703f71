/* saved_filter: queries that a person keeps for himself or shares with his colleagues. */
#ifndef AFTERCARE_CALLS_SAVED_FILTER_H
#define AFTERCARE_CALLS_SAVED_FILTER_H

#include "resource.h"

extern const struct resource saved_filter;

#endif
