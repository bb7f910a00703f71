/* tenants: the service's copies of tenants, cached for some seconds. Thread safe. */
#ifndef AFTERCARE_TENANTS_H
#define AFTERCARE_TENANTS_H

#include "app.h"

#define TENANTS_CACHED   256
#define TENANTS_CACHE_MS 10000

struct tenants;

struct tenants *tenants_new(struct arena *arena);

/* app->tenant_find of every service but the gateway. */
enum fault tenants_find(struct app *app, const char *id, struct tenant *tenant);

/* Applies tenant.created and tenant.changed of the gateway. */
struct inbox_event;
enum fault tenants_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem);

#endif
