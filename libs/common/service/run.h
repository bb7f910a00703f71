/* run: a service at work: pools, relay, inbox, servers, until a signal. Internal to service. */
#ifndef AFTERCARE_SERVICE_RUN_H
#define AFTERCARE_SERVICE_RUN_H

#include "service.h"

/* The platform's migrations and the service's own; ends with a NULL name. */
const struct migration_set *service_migrations(struct arena *arena, const struct service *service);

/* Connection options of a role: suffix "", "_WORKER" or "_MIGRATE". */
struct pg_options service_database(
	struct arena *arena, const struct service *service, const struct config *config, const char *suffix);

/* Kafka as configured. */
struct bus_cluster service_cluster(const struct config *config);

/* The app of a service: pools, stores, metrics, verifier; no thread and no server yet. */
struct app *service_open(struct arena *arena, const struct service *service, const struct config *config,
	const struct endpoints **endpoints);
void service_close(struct app *app);

/* All route tables of a service: its own, then the platform's. Ends with NULL. */
const struct route *const *service_routes(struct arena *arena, const struct service *service);

/* The resources that a service's own routes name, each once. Ends with NULL. */
const struct resource *const *service_own_resources(struct arena *arena, const struct service *service);

/* All resources of a service: its own, then the platform's. Ends with NULL. */
const struct resource *const *service_resources(struct arena *arena, const struct service *service);

/* Runs until SIGTERM or SIGINT; returns the exit status. */
int service_run(struct arena *arena, const struct service *service, const struct config *config);

#endif
