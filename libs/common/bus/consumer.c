#include "arena.h"
#include "client.h"
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>

struct bus_consumer {
	rd_kafka_t *client;
	int partitions;
	unsigned generation;
	bool dirty;           /* something is stored that no commit was asked for yet */
	int64_t committed_at; /* when a commit was last asked for; monotonic milliseconds */
	char problem[BUS_PROBLEM_BYTES];
};

static const struct bus_property properties[] = {
	{ "enable.auto.commit", "false" },
	{ "enable.auto.offset.store", "false" },
	{ "auto.offset.reset", "earliest" },
	{ "allow.auto.create.topics", "false" },
	/* cooperative-sticky has known hangs in librdkafka 2.0.2 */
	{ "partition.assignment.strategy", "range" },
	{ "session.timeout.ms", TEXT_OF(BUS_SESSION_MS) },
	{ "heartbeat.interval.ms", "3000" },
	{ "max.poll.interval.ms", "300000" },
	{ "topic.metadata.refresh.interval.ms", "10000" },
	{ "fetch.error.backoff.ms", "100" },
	/* Bytes alone limit reading ahead: at either limit librdkafka 2.0.2 stops fetching for a second. */
	{ "queued.min.messages", "100000" },
	{ "queued.max.messages.kbytes", TEXT_OF(BUS_PREFETCH_KILOBYTES) },
	{ "reconnect.backoff.max.ms", TEXT_OF(BUS_RECONNECT_MAX_MS) },
	{ "socket.keepalive.enable", "true" },
	{ NULL, NULL },
};

static void note_problem(struct bus_consumer *consumer, const char *reason)
{
	snprintf(consumer->problem, sizeof(consumer->problem), "%s", reason);
}

static void note_error(rd_kafka_t *client, int error, const char *reason, void *opaque)
{
	(void)client;
	(void)error;
	note_problem(opaque, reason);
}

/* A commit that failed is asked for again, so that the lag doesn't stay above zero after the last message. */
static void note_commit(
	rd_kafka_t *client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
	struct bus_consumer *consumer = opaque;

	(void)client;
	(void)offsets;
	if (error && error != RD_KAFKA_RESP_ERR__NO_OFFSET) {
		consumer->dirty = true;
		note_problem(consumer, rd_kafka_err2str(error));
	}
}

static void note_last_commit(
	rd_kafka_t *client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
	(void)client;
	(void)error;
	(void)offsets;
	(void)opaque;
}

/* Waits, but not for ever, as the plain synchronous commit does when its broker is away. */
static void commit_before_leaving(struct bus_consumer *consumer)
{
	rd_kafka_queue_t *answers;

	if (!consumer->dirty)
		return;
	answers = rd_kafka_queue_new(consumer->client);
	if (rd_kafka_commit_queue(consumer->client, NULL, answers, note_last_commit, NULL) ==
		RD_KAFKA_RESP_ERR_NO_ERROR)
		rd_kafka_queue_poll_callback(answers, BUS_CLOSING_MS);
	rd_kafka_queue_destroy(answers);
	consumer->dirty = false;
}

static void rebalance(
	rd_kafka_t *client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
	struct bus_consumer *consumer = opaque;

	consumer->generation++;
	if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		consumer->partitions = partitions->cnt;
		rd_kafka_assign(client, partitions);
		return;
	}
	if (!rd_kafka_assignment_lost(client))
		commit_before_leaving(consumer);
	consumer->partitions = 0;
	consumer->dirty = false;
	rd_kafka_assign(client, NULL);
}

static rd_kafka_conf_t *configure(struct arena *arena, const struct bus_cluster *cluster, const char *group,
	struct bus_consumer *consumer, const char **problem)
{
	rd_kafka_conf_t *configuration = client_configure(arena, cluster, properties, problem);
	char why[BUS_PROBLEM_BYTES];

	if (!configuration)
		return NULL;
	if (rd_kafka_conf_set(configuration, "group.id", group, why, sizeof(why)) != RD_KAFKA_CONF_OK) {
		*problem = arena_strdup(arena, why);
		rd_kafka_conf_destroy(configuration);
		return NULL;
	}
	rd_kafka_conf_set_opaque(configuration, consumer);
	rd_kafka_conf_set_error_cb(configuration, note_error);
	rd_kafka_conf_set_rebalance_cb(configuration, rebalance);
	rd_kafka_conf_set_offset_commit_cb(configuration, note_commit);
	return configuration;
}

static rd_kafka_resp_err_t subscribe(struct bus_consumer *consumer, const char *const topics[])
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);
	rd_kafka_resp_err_t error;

	rd_kafka_poll_set_consumer(consumer->client);
	for (size_t i = 0; topics[i]; i++)
		rd_kafka_topic_partition_list_add(list, topics[i], RD_KAFKA_PARTITION_UA);
	error = rd_kafka_subscribe(consumer->client, list);
	rd_kafka_topic_partition_list_destroy(list);
	return error;
}

enum fault bus_consumer_new(struct arena *arena, const struct bus_cluster *cluster, const char *group,
	const char *const topics[], struct bus_consumer **consumer, const char **problem)
{
	struct bus_consumer *made = calloc(1, sizeof(*made));
	rd_kafka_conf_t *configuration;
	rd_kafka_resp_err_t error;

	if (!made)
		abort();
	configuration = configure(arena, cluster, group, made, problem);
	if (configuration)
		made->client = client_new(arena, RD_KAFKA_CONSUMER, configuration, problem);
	if (!made->client) {
		free(made);
		return FAULT_INVALID;
	}
	error = subscribe(made, topics);
	if (error) {
		*problem = arena_strdup(arena, rd_kafka_err2str(error));
		bus_consumer_free(made);
		return FAULT_INVALID;
	}
	*consumer = made;
	return FAULT_NONE;
}

static void commit_when_due(struct bus_consumer *consumer)
{
	int64_t now = clock_monotonic();

	if (!consumer->dirty || now - consumer->committed_at < BUS_COMMIT_MS)
		return;
	consumer->committed_at = now;
	consumer->dirty = rd_kafka_commit(consumer->client, NULL, 1) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Topics asked for by an expression may all be made later: none yet is no trouble. */
static bool nothing_fits_yet(const rd_kafka_message_t *held)
{
	const char *asked = held->rkt ? rd_kafka_topic_name(held->rkt) : NULL;

	return held->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && asked && *asked == '^';
}

enum fault bus_poll(
	struct bus_consumer *consumer, struct arena *arena, int timeout_ms, const struct bus_message **message)
{
	rd_kafka_message_t *held;
	enum fault fault = FAULT_NONE;

	if (consumer->dirty && timeout_ms > BUS_COMMIT_MS)
		timeout_ms = BUS_COMMIT_MS;
	held = rd_kafka_consumer_poll(consumer->client, timeout_ms);
	commit_when_due(consumer);
	*message = NULL;
	if (!held)
		return FAULT_NONE;
	if (!held->err) {
		*message = client_message(arena, held);
	} else if (!nothing_fits_yet(held)) {
		note_problem(consumer, rd_kafka_message_errstr(held));
		fault = held->err == RD_KAFKA_RESP_ERR__FATAL ? FAULT_INTERNAL : FAULT_UNAVAILABLE;
	}
	rd_kafka_message_destroy(held);
	return fault;
}

void bus_store_and_commit(struct bus_consumer *consumer, const struct bus_message *message)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, message->topic, message->partition)->offset = message->offset + 1;
	if (rd_kafka_offsets_store(consumer->client, list) == RD_KAFKA_RESP_ERR_NO_ERROR)
		consumer->dirty = true;
	rd_kafka_topic_partition_list_destroy(list);
}

int bus_partitions(const struct bus_consumer *consumer)
{
	return consumer->partitions;
}

unsigned bus_generation(const struct bus_consumer *consumer)
{
	return consumer->generation;
}

const char *bus_consumer_problem(const struct bus_consumer *consumer)
{
	return consumer->problem;
}

/* The calls that need only the client are in position.c. */
rd_kafka_t *consumer_client(struct bus_consumer *consumer)
{
	return consumer->client;
}

void bus_consumer_free(struct bus_consumer *consumer)
{
	if (!consumer)
		return;
	rd_kafka_consumer_close(consumer->client);
	rd_kafka_destroy(consumer->client);
	free(consumer);
}
