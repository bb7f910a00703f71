/* platform: what every service has beside its own tables: routes, resources, handlers of events. Internal to service. */
#ifndef AFTERCARE_SERVICE_PLATFORM_H
#define AFTERCARE_SERVICE_PLATFORM_H

#include "service.h"

/* The service's handlers and the platform's own (tenants); ends with a NULL topic. */
const struct inbox_handler *platform_consumes(struct arena *arena, const struct service *service);

/* The service's timers and the platform's own (jobs, uploads); ends with a NULL kind. */
const struct timer_handler *platform_timers(struct arena *arena, const struct service *service);

#endif
