#include "client.h"

#include "arena.h"

#include <string.h>

const char *bus_header_value(const struct bus_message *message, const char *name)
{
	for (size_t i = message->header_count; i > 0; i--)
		if (strcmp(message->headers[i - 1].name, name) == 0)
			return message->headers[i - 1].value;
	return NULL;
}

static bool set(
	struct arena *arena, rd_kafka_conf_t *configuration, const char *name, const char *value, const char **problem)
{
	char why[BUS_PROBLEM_BYTES];

	if (rd_kafka_conf_set(configuration, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return true;
	*problem = arena_strdup(arena, why);
	return false;
}

/* Reads "name=value;name=value"; spaces before a name are skipped, those of a value belong to it. */
static bool set_options(struct arena *arena, rd_kafka_conf_t *configuration, const char *options, const char **problem)
{
	char *rest;
	char *option;

	if (!options)
		return true;
	if (strlen(options) > BUS_OPTION_BYTES) {
		*problem = "the options for Kafka are too long";
		return false;
	}
	rest = arena_strdup(arena, options);
	while ((option = strsep(&rest, ";"))) {
		char *equals = strchr(option, '=');

		option += strspn(option, " \t");
		if (*option == '\0')
			continue;
		if (!equals) {
			*problem = arena_printf(arena, "option \"%s\" has no value", option);
			return false;
		}
		*equals = '\0';
		if (!set(arena, configuration, option, equals + 1, problem))
			return false;
	}
	return true;
}

rd_kafka_conf_t *client_configure(struct arena *arena, const struct bus_cluster *cluster,
	const struct bus_property properties[], const char **problem)
{
	rd_kafka_conf_t *configuration = rd_kafka_conf_new();
	bool fine = set(arena, configuration, "bootstrap.servers", cluster->brokers, problem);

	for (const struct bus_property *property = properties; fine && property->name; property++)
		fine = set(arena, configuration, property->name, property->value, problem);
	if (fine && set_options(arena, configuration, cluster->options, problem)) {
		rd_kafka_conf_set_log_cb(configuration, NULL);
		return configuration;
	}
	rd_kafka_conf_destroy(configuration);
	return NULL;
}

rd_kafka_t *client_new(struct arena *arena, rd_kafka_type_t type, rd_kafka_conf_t *configuration, const char **problem)
{
	char why[BUS_PROBLEM_BYTES];
	rd_kafka_t *client = rd_kafka_new(type, configuration, why, sizeof(why));

	if (client)
		return client;
	rd_kafka_conf_destroy(configuration);
	*problem = arena_strdup(arena, why);
	return NULL;
}

/* Headers past BUS_HEADERS_MAX are dropped: no message of ours has them, and an array needs an end. */
static void copy_headers(struct arena *arena, const rd_kafka_message_t *held, struct bus_message *message)
{
	rd_kafka_headers_t *headers;
	struct bus_header *copy;
	const char *name;
	const void *value;
	size_t length;
	size_t count;

	if (rd_kafka_message_headers(held, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	count = rd_kafka_header_cnt(headers);
	if (count > BUS_HEADERS_MAX)
		count = BUS_HEADERS_MAX;
	copy = arena_array(arena, count, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		if (rd_kafka_header_get_all(headers, i, &name, &value, &length) != RD_KAFKA_RESP_ERR_NO_ERROR)
			break;
		copy[i].name = arena_strdup(arena, name);
		copy[i].value = value ? arena_strndup(arena, value, length) : NULL;
		message->header_count = i + 1;
	}
	message->headers = copy;
}

const struct bus_message *client_message(struct arena *arena, const rd_kafka_message_t *held)
{
	struct bus_message *message = arena_alloc(arena, sizeof(*message));
	rd_kafka_timestamp_type_t kind;
	char *value;

	message->topic = arena_strdup(arena, rd_kafka_topic_name(held->rkt));
	message->partition = held->partition;
	message->offset = held->offset;
	message->timestamp = rd_kafka_message_timestamp(held, &kind);
	if (held->key)
		message->key = arena_strndup(arena, held->key, held->key_len);
	if (held->payload) {
		value = arena_alloc(arena, held->len + 1);
		memcpy(value, held->payload, held->len);
		message->value = value;
		message->length = held->len;
	}
	copy_headers(arena, held, message);
	return message;
}
