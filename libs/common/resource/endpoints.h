/*
 * endpoints: takes a route table apart: STORE into list, get, create, change, remove and bulk, ACTIONS into one POST a
 * transition and the list of those that happened. What router, OpenAPI and metrics work on.
 */
#ifndef AFTERCARE_ENDPOINTS_H
#define AFTERCARE_ENDPOINTS_H

#include "route.h"
#include "store.h"

/* Routes end with a NULL path. Endpoints live in the arena; their stores are those of the app's resources. */
struct endpoints endpoints_open(struct arena *arena, const struct route *const tables[], const struct store *stores);

#endif
