/* proxy: passes a request on to the service that owns its path, and the answer back. */
#ifndef AFTERCARE_GATEWAY_PROXY_H
#define AFTERCARE_GATEWAY_PROXY_H

#include "request.h"

#define PROXY_WHOLE_MAX ((size_t)256 * 1024) /* a longer body is passed on piece by piece, never held */
#define PROXY_TRIES     3                    /* of one request, at its replicas */
#define PROXY_STILL_MS  100                  /* before one is tried again whose first try still runs */

/* The hook `fallback`: every path that isn't the gateway's own. */
enum fault proxy(struct request *request);

#endif
