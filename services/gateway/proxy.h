/* proxy: passes a request on to the service that owns its path, and the answer back. */
#ifndef AFTERCARE_GATEWAY_PROXY_H
#define AFTERCARE_GATEWAY_PROXY_H

#include "request.h"
#include "segments.h"

#define PROXY_WHOLE_MAX ((size_t)256 * 1024) /* a longer body is passed on piece by piece, never held */
#define PROXY_TRIES     3                    /* of one request, at its replicas */
#define PROXY_STILL_MS  100                  /* before one is tried again whose first try still runs */

/* Passes the request on to the service that owns its path. */
enum fault proxy(struct request *request);

/* Passes the request on to this service. */
enum fault proxy_to(struct request *request, enum upstream_service service);

#endif
