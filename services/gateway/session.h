/* session: a person logs in with tenant, e-mail and password. */
#ifndef AFTERCARE_GATEWAY_SESSION_H
#define AFTERCARE_GATEWAY_SESSION_H

#include "field.h"
#include "request.h"

/* POST /v1/sessions */
enum fault session_create(struct request *request);
extern const struct field session_fields[];

#endif
