/*
 * settings: a service's policies, by tenant: GET and PATCH /v1/services/SERVICE/settings, described by the service's
 * field table, whose fallbacks are the defaults. SQL reads them with setting(key, default). Internal to service.
 */
#ifndef AFTERCARE_SERVICE_SETTINGS_H
#define AFTERCARE_SERVICE_SETTINGS_H

#include "service.h"

/* The resource, composed from the service's table. Its row's id is the tenant's. */
const struct resource *settings_resource(struct arena *arena, const struct service *service);

/* The fields of a PATCH: any of them, null puts the default back. */
const struct field *settings_changes(struct arena *arena, const struct service *service);

enum fault settings_get(struct request *request);
enum fault settings_change(struct request *request);

#endif
