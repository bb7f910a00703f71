/* stock_past: stock read from the ledger: as it was at the end of a day, and compared with what is kept of it. */
#ifndef AFTERCARE_INVENTORY_STOCK_PAST_H
#define AFTERCARE_INVENTORY_STOCK_PAST_H

#include "field.h"
#include "request.h"

extern const struct field stock_at_query[];
extern const struct field stock_at_answer[];
extern const struct field stock_rebuild_fields[];
extern const struct field stock_rebuild_answer[];

/* GET /v1/stock/at */
enum fault stock_at(struct request *request);

/* POST /v1/stock/rebuild */
enum fault stock_rebuild(struct request *request);

#endif
