/*
 * bulk: many rows in one request: NDJSON or CSV in, one result a line out. Good lines land, bad ones are told with line
 * and pointer. A line that names an existing row (by id, external_ref or the resource's natural key) changes it; one
 * that changes nothing is `unchanged`, so a retry is harmless.
 */
#ifndef AFTERCARE_BULK_H
#define AFTERCARE_BULK_H

#include "request.h"

#define BULK_LINES_MAX 2000 /* lines of one request */
#define BULK_CHUNK     50   /* lines of one transaction; when one fails they run again one by one */

enum fault bulk_upsert(struct request *request);

#endif
