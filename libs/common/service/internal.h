/* internal: /healthz, /readyz and /metrics on the internal port. Internal to service. */
#ifndef AFTERCARE_SERVICE_INTERNAL_H
#define AFTERCARE_SERVICE_INTERNAL_H

#include "request.h"

#include <stdatomic.h>

struct metrics;

struct internal {
	struct app *app;
	const char *version;
	atomic_bool stopping;
};

/* Answers a request of the internal port. context is a struct internal. */
void internal_handle(void *context, struct request *request);

#endif
