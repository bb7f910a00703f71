/* internal: /healthz, /readyz and /metrics on the internal port. Internal to service. */
#ifndef AFTERCARE_SERVICE_INTERNAL_H
#define AFTERCARE_SERVICE_INTERNAL_H

#include "request.h"

#include <pthread.h>
#include <stdatomic.h>

struct internal {
	struct app *app;
	const char *version;
	pthread_mutex_t lock; /* while metrics are read of the parts */
	atomic_bool stopping;
};

/* From now on it is not ready, and nothing is read of the parts any more, which end one after the other. */
void internal_stop(struct internal *internal);

/* Answers a request of the internal port. context is a struct internal. */
void internal_handle(void *context, struct request *request);

#endif
