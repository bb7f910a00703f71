/* lookup: who is calling? Candidates by phone, e-mail, serial number or name, the surest first. */
#ifndef AFTERCARE_CALLS_LOOKUP_H
#define AFTERCARE_CALLS_LOOKUP_H

#include "field.h"
#include "request.h"

extern const struct field lookup_query[];
extern const struct field lookup_answer[];

enum fault customer_lookup(struct request *request); /* GET /v1/customers/lookup */

#endif
