#include "arena.h"
#include "client.h"

#include <inttypes.h>
#include <stdio.h>

#define TOPIC_PROBLEM_FORMAT "topic %s: %s"

static const struct bus_property properties[] = {
	{ "socket.timeout.ms", TEXT_OF(BUS_REQUEST_MS) },
	{ "reconnect.backoff.max.ms", TEXT_OF(BUS_RECONNECT_MAX_MS) },
	{ NULL, NULL },
};

static rd_kafka_NewTopic_t *new_topic(struct arena *arena, const struct bus_topic *topic, const char **problem)
{
	char why[BUS_PROBLEM_BYTES];
	char number[32];
	rd_kafka_NewTopic_t *made =
		rd_kafka_NewTopic_new(topic->name, topic->partitions, topic->replication, why, sizeof(why));

	if (!made) {
		*problem = arena_printf(arena, TOPIC_PROBLEM_FORMAT, topic->name, why);
		return NULL;
	}
	snprintf(number, sizeof(number), "%d", BUS_MESSAGE_MAX_BYTES);
	rd_kafka_NewTopic_set_config(made, "max.message.bytes", number);
	if (topic->retention_ms) {
		snprintf(number, sizeof(number), "%" PRId64, topic->retention_ms);
		rd_kafka_NewTopic_set_config(made, "retention.ms", number);
	}
	return made;
}

/* One topic existing already is as good as made. */
static enum fault read_answer(struct arena *arena, rd_kafka_event_t *event, const char **problem)
{
	const rd_kafka_topic_result_t **results;
	size_t count;

	if (rd_kafka_event_error(event)) {
		*problem = arena_strdup(arena, rd_kafka_event_error_string(event));
		return FAULT_UNAVAILABLE;
	}
	results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
		const char *why = rd_kafka_topic_result_error_string(results[i]);

		if (!error || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			continue;
		*problem = arena_printf(arena, TOPIC_PROBLEM_FORMAT, rd_kafka_topic_result_name(results[i]),
			why ? why : rd_kafka_err2str(error));
		return FAULT_UNAVAILABLE;
	}
	return FAULT_NONE;
}

static enum fault create(
	struct arena *arena, rd_kafka_t *client, rd_kafka_NewTopic_t **topics, size_t count, const char **problem)
{
	rd_kafka_queue_t *answers = rd_kafka_queue_new(client);
	rd_kafka_event_t *event;
	enum fault fault = FAULT_UNAVAILABLE;

	rd_kafka_CreateTopics(client, topics, count, NULL, answers);
	event = rd_kafka_queue_poll(answers, BUS_REQUEST_MS);
	if (event)
		fault = read_answer(arena, event, problem);
	else
		*problem = "Kafka did not answer";
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(answers);
	return fault;
}

enum fault bus_topics_create(struct arena *arena, const struct bus_cluster *cluster, const struct bus_topic *topics,
	size_t count, const char **problem)
{
	rd_kafka_conf_t *configuration = client_configure(arena, cluster, properties, problem);
	rd_kafka_t *client = configuration ? client_new(arena, RD_KAFKA_PRODUCER, configuration, problem) : NULL;
	rd_kafka_NewTopic_t **made;
	size_t ready = 0;
	enum fault fault = FAULT_INVALID;

	if (!client)
		return FAULT_INVALID;
	made = arena_array(arena, count, sizeof(rd_kafka_NewTopic_t *));
	while (ready < count && (made[ready] = new_topic(arena, &topics[ready], problem)))
		ready++;
	if (ready == count)
		fault = create(arena, client, made, count, problem);
	rd_kafka_NewTopic_destroy_array(made, ready);
	rd_kafka_destroy(client);
	return fault;
}
