/* describe: a service in words for machines: OpenAPI and the catalogue of events. Internal to service. */
#ifndef AFTERCARE_SERVICE_DESCRIBE_H
#define AFTERCARE_SERVICE_DESCRIBE_H

#include "service.h"

/* The OpenAPI description, as it is served; in the arena. */
const char *describe_openapi(struct arena *arena, const struct service *service, const struct endpoints *endpoints);

/* Prints the OpenAPI description, or the catalogue of events; returns the exit status. */
int describe_print(struct arena *arena, const struct service *service, bool events);

#endif
