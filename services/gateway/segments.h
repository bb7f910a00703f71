/* segments: which service owns a path, by its first segment. The one table; no two services serve the same. */
#ifndef AFTERCARE_GATEWAY_SEGMENTS_H
#define AFTERCARE_GATEWAY_SEGMENTS_H

#include <stddef.h>

/* The services behind the gateway. */
enum upstream_service {
	SERVICE_CALLS,
	SERVICE_OFFERS,
	SERVICE_CONTRACTS,
	SERVICE_INVENTORY,
	SERVICE_SCHEDULING,
	SERVICE_COUNT,
	SERVICE_NONE = SERVICE_COUNT,
};

/* "calls"; how /v1/services/{service} and AFTERCARE_UPSTREAM_… name it. */
const char *segments_service_name(enum upstream_service service);

/* The service that answers a path as it came (/v1/SEGMENT/… or /v1/services/SERVICE/…); SERVICE_NONE when none does. */
enum upstream_service segments_find(const char *path);

/* Every segment of a service, one after the other; NULL at the end. */
const char *segments_at(enum upstream_service service, size_t index);

#endif
