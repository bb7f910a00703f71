#include "run.h"

#include "app.h"
#include "arena.h"
#include "bus.h"
#include "describe.h"
#include "endpoints.h"
#include "gauges.h"
#include "internal.h"
#include "job_routes.h"
#include "jobs.h"
#include "log.h"
#include "metrics.h"
#include "migrate.h"
#include "platform.h"
#include "platform_migrations.h"
#include "relay.h"
#include "rest.h"
#include "router.h"
#include "server.h"
#include "snapshots.h"
#include "store.h"
#include "tenants.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define JWKS_TIMEOUT_MS      3000
#define INTERNAL_CONNECTIONS 200
#define MALLOC_ARENAS        8           /* heaps that threads share: each keeps what its busiest moment took */
#define EVENT_AROUND_BYTES   (32 * 1024) /* of an event beside its row: names of changed fields, headers */

_Static_assert(STORE_ROW_MAX + EVENT_AROUND_BYTES <= BUS_MESSAGE_MAX_BYTES, "the relay can send what a row may be");

/* A service at work. */
struct running {
	const struct service *service;
	struct app *app;
	struct internal internal;
	struct dispatch dispatch;
	struct inbox *inbox;
	struct inbox *feeds; /* what ERPs send; or NULL */
	struct timers *timers;
	struct snapshots *snapshots;
	struct server *internal_server;
	struct server *server;
};

const struct migration_set *service_migrations(struct arena *arena, const struct service *service)
{
	struct migration_set *sets = arena_array(arena, 3, sizeof(*sets));

	sets[0] = platform_migrations;
	sets[1] = *service->migrations;
	return sets;
}

struct pg_options service_database(
	struct arena *arena, const struct service *service, const struct config *config, const char *suffix)
{
	return (struct pg_options){
		.conninfo = config_text(config, arena_printf(arena, "AFTERCARE_POSTGRES%s", suffix)),
		.password = config_text(config, arena_printf(arena, "AFTERCARE_POSTGRES%s_PASSWORD", suffix)),
		.application = arena_printf(arena, "aftercare-%s%s", service->name, suffix[0] ? "-worker" : ""),
		.size = suffix[0] ? 2 : (int)config_integer(config, "AFTERCARE_POSTGRES_POOL"),
	};
}

struct bus_cluster service_cluster(const struct config *config)
{
	return (struct bus_cluster){ .brokers = config_text(config, "AFTERCARE_KAFKA"),
		.options = config_text(config, "AFTERCARE_KAFKA_OPTIONS") };
}

static enum fault jwks_fetch(void *context, struct arena *arena, const char *url, const char **body)
{
	struct rest_answer answer;
	enum fault fault = rest_get(context, arena, url, NULL, JWKS_TIMEOUT_MS, &answer);

	if (fault)
		return fault;
	if (answer.status != 200)
		return FAULT_UNAVAILABLE;
	*body = answer.body;
	return FAULT_NONE;
}

static void changed(struct app *app)
{
	if (app->relay)
		relay_wake(app->relay);
}

static void changed_by_worker(void *app)
{
	changed(app);
}

struct app *service_open(struct arena *arena, const struct service *service, const struct config *config,
	const struct endpoints **endpoints)
{
	struct app *app = arena_alloc(arena, sizeof(*app));
	struct endpoints *opened = arena_alloc(arena, sizeof(*opened));
	struct token_issuer *issuers = arena_array(arena, 2, sizeof(*issuers));
	struct pg_options runtime = service_database(arena, service, config, "");
	struct pg_options worker = service_database(arena, service, config, "_WORKER");

	issuers[0] = (struct token_issuer){ config_text(config, "AFTERCARE_ISSUER"),
		config_text(config, "AFTERCARE_JWKS_URL"), NULL };
	app->service = service->name;
	app->config = config;
	app->pool = pg_pool_new(&runtime);
	app->worker = pg_pool_new(&worker);
	app->rest = rest_client_new();
	app->verifier = token_verifier_new(config_text(config, "AFTERCARE_AUDIENCE"), issuers, jwks_fetch, app->rest);
	app->stores = stores_open(arena, service_resources(arena, service));
	*opened = endpoints_open(arena, service_routes(arena, service), app->stores);
	app->metrics = metrics_new(arena, opened);
	app->tenants = tenants_new(arena);
	app->tenant_find = service->tenant_find ? service->tenant_find : tenants_find;
	app->changed = changed;
	app->settings = service->settings;
	app->tenant_seed = service->tenant_seed;
	app->openapi = describe_openapi(arena, service, opened);
	*endpoints = opened;
	return app;
}

void service_close(struct app *app)
{
	token_verifier_free(app->verifier);
	rest_client_free(app->rest);
	pg_pool_free(app->pool);
	pg_pool_free(app->worker);
}

static void handle(void *context, struct request *request)
{
	dispatch_request(context, request);
}

/* Waits for the signal that ends the program; SIGTERM and SIGINT are blocked in every thread. */
static void signal_wait(void)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigwait(&set, &got);
	log_write(LOG_INFO, "stopping", "signal", got == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
}

static void signals_block(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool schema_ready(struct arena *arena, struct running *running)
{
	const char *problem = "";
	enum fault fault = migrate_check(arena, running->app->worker, running->service->name,
		service_migrations(arena, running->service), &problem);

	/* PostgreSQL may start after us: then we wait with everybody, and check again. */
	for (int tries = 0; fault == FAULT_UNAVAILABLE && tries < 60; tries++) {
		nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
		fault = migrate_check(arena, running->app->worker, running->service->name,
			service_migrations(arena, running->service), &problem);
	}
	if (fault)
		log_write(LOG_ERROR, "the schema does not fit", "problem", problem, NULL);
	return !fault;
}

static bool workers_start(struct arena *arena, struct running *running)
{
	const struct config *config = running->app->config;
	const struct service *service = running->service;
	struct pg_options runtime = service_database(arena, service, config, "");
	struct pg_options worker = service_database(arena, service, config, "_WORKER");
	struct timers_options timers = { service->name, worker, platform_timers(arena, service), running->app,
		changed_by_worker };
	struct relay_options relay = { service->name, service_cluster(config), worker,
		{ .answers = (int)config_integer(config, "AFTERCARE_ANSWER_DAYS"),
			.sent = (int)config_integer(config, "AFTERCARE_SENT_DAYS"),
			.dead_letters = (int)config_integer(config, "AFTERCARE_DEAD_LETTER_DAYS") } };
	struct inbox_options inbox = {
		.service = service->name,
		.cluster = service_cluster(config),
		.database = worker,
		.handlers = platform_consumes(arena, service),
		.context = running->app,
		.changed = changed_by_worker,
	};
	struct inbox_options feeds = inbox;

	running->app->relay = relay_start(&relay);
	if (inbox.handlers[0].topic)
		running->inbox = inbox_start(&inbox);
	feeds.stream = FEED_STREAM;
	feeds.order_ms = FEED_ORDER_MS;
	feeds.handlers = feed_handlers(arena, service->feeds);
	if (feeds.handlers[0].topic)
		running->feeds = inbox_start(&feeds);
	running->timers = timers_start(&timers);
	running->snapshots = snapshots_start(running->app, &worker);
	running->app->jobs = jobs_start(running->app, &runtime, &worker, job_kinds);
	return running->app->relay != NULL;
}

static bool servers_start(struct arena *arena, struct running *running)
{
	const struct config *config = running->app->config;
	const int request_seconds = (int)config_integer(config, "AFTERCARE_REQUEST_SECONDS");
	const int idle_seconds = (int)config_integer(config, "AFTERCARE_IDLE_SECONDS");
	struct server_options internal = {
		.address = config_text(config, "AFTERCARE_INTERNAL_LISTEN"),
		.connections = INTERNAL_CONNECTIONS,
		.request_seconds = request_seconds,
		.idle_seconds = idle_seconds,
		.handle = internal_handle,
		.context = &running->internal,
	};
	struct server_options public = {
		.address = config_text(config, "AFTERCARE_LISTEN"),
		.connections = (int)config_integer(config, "AFTERCARE_CONNECTIONS"),
		.connections_per_address = (int)config_integer(config, "AFTERCARE_CONNECTIONS_PER_ADDRESS"),
		.request_seconds = request_seconds,
		.idle_seconds = idle_seconds,
		.access_log = config_boolean(config, "AFTERCARE_ACCESS_LOG"),
		.wipes = running->service->issuer,
		.handle = handle,
		.context = &running->dispatch,
	};
	const char *problem = NULL;

	running->server = server_start(arena, &public, &problem);
	if (running->server) {
		gauges_register(&(struct gauged){
			running->app, running->server, running->timers, running->inbox, running->feeds });
		running->internal_server = server_start(arena, &internal, &problem);
	}
	if (!running->server || !running->internal_server) {
		log_write(LOG_ERROR, "can't start the server", "problem", problem, NULL);
		return false;
	}
	log_write(LOG_INFO, "started", "version", AFTERCARE_VERSION, "#port",
		arena_printf(arena, "%d", server_port(running->server)), "#internal_port",
		arena_printf(arena, "%d", server_port(running->internal_server)), NULL);
	return true;
}

/* First whoever asks hears that this replica leaves, and busy clients go; then it takes nothing more. */
static void drain(struct running *running)
{
	long milliseconds = (long)config_integer(running->app->config, "AFTERCARE_DRAIN_MS");

	internal_stop(&running->internal);
	server_drain(running->server);
	if (running->server)
		nanosleep(&(struct timespec){ milliseconds / 1000, milliseconds % 1000 * 1000000 }, NULL);
}

static void running_stop(struct running *running)
{
	drain(running);
	server_stop(running->server);
	jobs_stop(running->app->jobs);
	snapshots_stop(running->snapshots);
	timers_stop(running->timers);
	inbox_stop(running->inbox);
	inbox_stop(running->feeds);
	relay_stop(running->app->relay);
	server_stop(running->internal_server);
	if (running->service->stop)
		running->service->stop(running->app);
	service_close(running->app);
	log_write(LOG_INFO, "stopped", NULL);
}

int service_run(struct arena *arena, const struct service *service, const struct config *config)
{
	struct running *running = arena_alloc(arena, sizeof(*running));
	const struct endpoints *endpoints;
	const char *problem = "";
	bool started;

	signals_block();
	mallopt(M_ARENA_MAX, MALLOC_ARENAS); /* NOLINT(concurrency-mt-unsafe): no thread runs yet */
	log_gather_start();
	running->service = service;
	running->app = service_open(arena, service, config, &endpoints);
	running->internal.app = running->app;
	running->internal.version = AFTERCARE_VERSION;
	pthread_mutex_init(&running->internal.lock, NULL);
	running->dispatch = (struct dispatch){ running->app, router_new(arena, endpoints), service->fallback,
		service->enter, service->leave };
	running->app->endpoints = endpoints;
	started = schema_ready(arena, running);
	if (started && service->start && service->start(running->app, &problem)) {
		log_write(LOG_ERROR, "can't start", "problem", problem, NULL);
		started = false;
	}
	started = started && workers_start(arena, running) && servers_start(arena, running);
	malloc_trim(0); /* the trees of the description, and what else only a start needs */
	if (started)
		signal_wait();
	running_stop(running);
	log_gather_stop();
	return started ? EXIT_SUCCESS : EXIT_FAILURE;
}
