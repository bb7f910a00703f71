/*
 * rma: returns: customers' goods to be repaired, what goes on to a supplier, what is replaced in advance. The head says whose
 * and why; each line (rma_line.c) has a state of its own.
 */
#ifndef AFTERCARE_INVENTORY_RMA_H
#define AFTERCARE_INVENTORY_RMA_H

#include "resource.h"

#define RMA_KINDS "customer_repair supplier_repair advance_replacement"

extern const struct resource rma;
extern const struct resource rma_line;

extern const struct field rma_from_call_fields[];

/* POST /v1/rmas/from-call: makes one from a call, its machines and its part charges, which it does not follow later. */
enum fault rma_from_call(struct request *request);

extern const char *const rma_events[]; /* of rows that a return's statements touch */

#endif
