/* bulk: many rows in one request: NDJSON or CSV in, one result a line out (see upsert.h). */
#ifndef AFTERCARE_BULK_H
#define AFTERCARE_BULK_H

#include "request.h"

enum fault bulk_upsert(struct request *request);

#endif
