/* free_fields: GET /v1/free-fields, the definitions of free fields of all services in one list. */
#ifndef AFTERCARE_GATEWAY_FREE_FIELDS_H
#define AFTERCARE_GATEWAY_FREE_FIELDS_H

#include "field.h"
#include "request.h"

extern const struct field free_fields_answer[];

enum fault free_fields_get(struct request *request);

#endif
