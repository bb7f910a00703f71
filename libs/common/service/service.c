#include "service.h"

#include "arena.h"
#include "describe.h"
#include "log.h"
#include "migrate.h"
#include "options.h"
#include "platform.h"
#include "run.h"
#include "secret.h"
#include "statements.h"
#include "text.h"
#include "uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

enum action { RUN, HELP, VERSION, CHECK, MIGRATE, ERP_TOPIC, OPENAPI, EVENTS, CONFIG_DOCS, STATEMENTS };

static const struct {
	const char *flag;
	enum action action;
	const char *help;
} actions[] = {
	{ "--help", HELP, "this text" },
	{ "--version", VERSION, "the version" },
	{ "--check-config", CHECK, "read the configuration, tell every fault, start nothing" },
	{ "--migrate", MIGRATE, "bring the schema up to date and create the Kafka topics" },
	{ "--erp-topic", ERP_TOPIC, "create the Kafka topic that an ERP writes to: --erp-topic TENANT, by its id" },
	{ "--openapi", OPENAPI, "print the OpenAPI description" },
	{ "--events", EVENTS, "print the catalogue of events with their schemas" },
	{ "--statements", STATEMENTS, "print all SQL of requests by name, as JSON" },
	{ "--config-docs", CONFIG_DOCS, "print the options as Markdown" },
};

#define ACTIONS_COUNT (sizeof(actions) / sizeof(actions[0]))

static enum action action_read(int argc, char *argv[], int *used)
{
	*used = 1;
	for (size_t i = 0; argc > 1 && i < ACTIONS_COUNT; i++) {
		if (strcmp(argv[1], actions[i].flag) == 0) {
			*used = actions[i].action == ERP_TOPIC && argc > 2 ? 3 : 2;
			return actions[i].action;
		}
	}
	return RUN;
}

static void help_print(const struct service *service, const struct option *const tables[])
{
	printf("%s: %s\n\nUsage: %s [FLAG] [--option=value …]\n\n", service->name, service->help, service->name);
	for (size_t i = 0; i < ACTIONS_COUNT; i++)
		printf("  %-16s %s\n", actions[i].flag, actions[i].help);
	printf("\nWithout a flag it runs. Options, by environment or flag:\n\n");
	config_help(stdout, tables);
}

/* A topic, unless it is among them, and the one of its dead letters; returns how many there are then. */
static size_t topic_add(struct arena *arena, struct bus_topic *topics, size_t count, const char *name, int replication)
{
	if (text_ends(name, ".")) /* those of tenants are made by who writes there */
		return count;
	for (size_t i = 0; i < count; i++)
		if (strcmp(topics[i].name, name) == 0)
			return count;
	topics[count] = (struct bus_topic){ name, SERVICE_TOPIC_PARTITIONS, replication, 0 };
	topics[count + 1] = (struct bus_topic){ arena_printf(arena, "%s.dlq", name), 1, replication, -1 };
	return count + 2;
}

static int topics_create(struct arena *arena, const struct service *service, const struct config *config)
{
	struct bus_cluster cluster = service_cluster(config);
	int replication = (int)config_integer(config, "AFTERCARE_KAFKA_REPLICATION");
	const struct inbox_handler *reads = platform_consumes(arena, service);
	struct bus_topic *topics;
	const char *problem = "";
	size_t count = 0;

	while (reads[count].topic)
		count++;
	topics = arena_array(arena, (count + 1) * 2, sizeof(*topics));
	count = topic_add(arena, topics, 0, arena_printf(arena, "aftercare.%s", service->name), replication);
	/* Topics it reads may be there before their owner is installed. */
	for (; reads->topic; reads++)
		count = topic_add(arena, topics, count, reads->topic, replication);
	if (bus_topics_create(arena, &cluster, topics, count, &problem)) {
		fprintf(stderr, "%s: can't create the topics: %s\n", service->name, problem);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* One partition, so that what comes later may name what came before it. */
static int erp_topic_create(
	struct arena *arena, const struct service *service, const struct config *config, const char *tenant)
{
	struct bus_cluster cluster = service_cluster(config);
	int replication = (int)config_integer(config, "AFTERCARE_KAFKA_REPLICATION");
	const char *name = arena_printf(arena, FEED_TOPIC "%s", tenant);
	const struct bus_topic topics[] = { { name, 1, replication, 0 },
		{ arena_printf(arena, "%s.dlq", name), 1, replication, -1 } };
	const char *problem = "is not the id of a tenant";

	if (!uuid_valid(tenant) || bus_topics_create(arena, &cluster, topics, 2, &problem)) {
		fprintf(stderr, "%s: can't create the topic %s: %s\n", service->name, name, problem);
		return EXIT_FAILURE;
	}
	puts(name);
	return EXIT_SUCCESS;
}

static int migrate(struct arena *arena, const struct service *service, const struct config *config)
{
	struct pg_options options = service_database(arena, service, config, "_MIGRATE");
	const struct endpoints *endpoints;
	const char *problem = "";
	struct migrated done;
	int status;

	if (!options.conninfo) {
		fprintf(stderr, "%s: --migrate needs AFTERCARE_POSTGRES_MIGRATE\n", service->name);
		return EXIT_FAILURE;
	}
	if (migrate_run(arena, &options, service->name, service_migrations(arena, service), &done, &problem)) {
		fprintf(stderr, "%s: %s\n", service->name, problem);
		return EXIT_FAILURE;
	}
	printf("%s: %d migration%s applied%s\n", service->name, done.migrations, done.migrations == 1 ? "" : "s",
		done.functions ? ", functions replaced" : "");
	status = topics_create(arena, service, config);
	if (status == EXIT_SUCCESS && service->migrated) {
		struct app *app = service_open(arena, service, config, &endpoints);

		if (service->migrated(app, &problem)) {
			fprintf(stderr, "%s: %s\n", service->name, problem);
			status = EXIT_FAILURE;
		}
		service_close(app);
	}
	return status;
}

static void faults_print(const struct service *service, const struct fault_list *faults)
{
	for (size_t i = 0; i < faults->count && i < FAULT_LIST_MAX; i++)
		fprintf(stderr, "%s: %s\n", service->name, faults->items[i].detail);
}

static int with_config(struct arena *arena, const struct service *service, enum action action, const char *tenant,
	const struct option *const tables[], int argc, char *argv[])
{
	struct fault_list *faults = arena_alloc(arena, sizeof(*faults));
	enum log_level level = LOG_INFO;
	struct config *config;

	secret_process_close();
	faults->arena = arena;
	if (config_load(arena, tables, argc, argv, environ, &config, faults)) {
		faults_print(service, faults);
		return EXIT_FAILURE;
	}
	if (!log_level_parse(config_text(config, "AFTERCARE_LOG_LEVEL"), &level))
		return EXIT_FAILURE; /* its table allows only levels */
	log_open(service->name, level);
	if (action == CHECK) {
		printf("%s: the configuration is sound\n", service->name);
		return EXIT_SUCCESS;
	}
	if (action == ERP_TOPIC)
		return erp_topic_create(arena, service, config, tenant);
	return action == MIGRATE ? migrate(arena, service, config) : service_run(arena, service, config);
}

int service_main(const struct service *service, int argc, char *argv[])
{
	struct arena *arena = arena_new();
	const struct option *tables[] = { service_options, service->options, NULL };
	int used;
	enum action action = action_read(argc, argv, &used);
	int status = EXIT_SUCCESS;

	switch (action) {
	case HELP:
		help_print(service, tables);
		break;
	case VERSION:
		printf("%s %s\n", service->name, AFTERCARE_VERSION);
		break;
	case STATEMENTS:
		status = statements_print(arena, service);
		break;
	case CONFIG_DOCS:
		config_markdown(stdout, tables);
		break;
	case OPENAPI:
	case EVENTS:
		status = describe_print(arena, service, action == EVENTS);
		break;
	default:
		status = with_config(arena, service, action, used > 2 ? argv[2] : "", tables, argc - used, argv + used);
	}
	arena_free(arena);
	return status;
}
