/* customer_action: what is done with a customer beyond changing it: convert, merge. */
#ifndef AFTERCARE_CALLS_CUSTOMER_ACTION_H
#define AFTERCARE_CALLS_CUSTOMER_ACTION_H

#include "field.h"
#include "request.h"

extern const struct field customer_convert_fields[];
extern const struct field customer_merge_fields[];

enum fault customer_convert(struct request *request);
enum fault customer_merge(struct request *request);

#endif
