/*
 * customer_erasure: forgetting a person. What is personal of a customer goes, of its sites, contacts and calls, of those that were
 * merged into it, and of what the log of changes kept of all these; what happened stays. Other services do the same by the event.
 */
#ifndef AFTERCARE_CALLS_CUSTOMER_ERASURE_H
#define AFTERCARE_CALLS_CUSTOMER_ERASURE_H

#include "field.h"
#include "request.h"

extern const struct field customer_anonymise_fields[];

enum fault customer_anonymise(struct request *request);

#endif
