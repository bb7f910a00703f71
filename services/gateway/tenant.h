/* tenant: the companies whose data this installation keeps; made and changed by the platform only. */
#ifndef AFTERCARE_GATEWAY_TENANT_H
#define AFTERCARE_GATEWAY_TENANT_H

#include "resource.h"

/* Where the accounts of the platform itself belong; the same constant as gateway.platform_tenant(). */
#define TENANT_OF_THE_PLATFORM "00000000-0000-7000-8000-000000000001"

extern const struct resource tenant;
extern const struct field tenant_fields[];

/* POST /v1/tenants: a tenant and its first administrator, or neither. */
enum fault tenant_create(struct request *request);

/* PATCH /v1/tenants/{id} */
enum fault tenant_change(struct request *request);

#endif
