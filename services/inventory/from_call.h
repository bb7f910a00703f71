/*
 * from_call: rows made of the part charges of a call in one request: reservations, issues. It may be asked again: what was made of
 * a charge already is not made twice. A request that is repeated with its Idempotency-Key makes nothing, whatever has been
 * released or reversed since: it is answered with the same rows, as they are now.
 */
#ifndef AFTERCARE_INVENTORY_FROM_CALL_H
#define AFTERCARE_INVENTORY_FROM_CALL_H

#include "request.h"
#include "statement.h"

#define CHARGES_MAX 100 /* that one request names */

struct from_call {
	const struct statement *lock; /* $1 the body: takes the articles of its charges */
	/* $1 the body: makes what is missing; the ids of all that there is of them, as JSON, also in app.told. */
	const struct statement *make;
};

/* POST …/from-call: what is made is the route's context; answers with the rows. */
enum fault from_call(struct request *request);

#endif
