#include "arena.h"
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bus_producer {
	rd_kafka_t *client;
	size_t failed; /* messages since the last flush that will not arrive */
	char problem[BUS_PROBLEM_BYTES];
};

static const struct bus_property properties[] = {
	{ "enable.idempotence", "true" },
	{ "acks", "all" },
	{ "compression.codec", "lz4" },
	{ "partitioner", "murmur2_random" },
	/* Long enough for a batch to gather while the caller produces; a flush doesn't wait for it. */
	{ "linger.ms", "5" },
	{ "message.max.bytes", TEXT_OF(BUS_MESSAGE_MAX_BYTES) },
	{ "queue.buffering.max.messages", TEXT_OF(BUS_QUEUE_MESSAGES) },
	{ "queue.buffering.max.kbytes", TEXT_OF(BUS_QUEUE_KILOBYTES) },
	{ "reconnect.backoff.max.ms", TEXT_OF(BUS_RECONNECT_MAX_MS) },
	{ "socket.keepalive.enable", "true" },
	{ NULL, NULL },
};

static void note_problem(struct bus_producer *producer, const char *reason)
{
	snprintf(producer->problem, sizeof(producer->problem), "%s", reason);
}

/* Runs within our own calls, never on a thread of librdkafka. */
static void note_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
	struct bus_producer *producer = opaque;
	struct bus_receipt *receipt = message->_private;

	(void)client;
	if (message->err) {
		producer->failed++;
		note_problem(producer, rd_kafka_err2str(message->err));
	}
	if (receipt)
		receipt->delivery = message->err ? BUS_FAILED : BUS_DELIVERED;
}

static void note_error(rd_kafka_t *client, int error, const char *reason, void *opaque)
{
	char why[BUS_PROBLEM_BYTES];

	if (error == RD_KAFKA_RESP_ERR__FATAL && rd_kafka_fatal_error(client, why, sizeof(why)))
		reason = why;
	note_problem(opaque, reason);
}

enum fault bus_producer_new(
	struct arena *arena, const struct bus_cluster *cluster, struct bus_producer **producer, const char **problem)
{
	rd_kafka_conf_t *configuration = client_configure(arena, cluster, properties, problem);
	struct bus_producer *made;

	if (!configuration)
		return FAULT_INVALID;
	made = calloc(1, sizeof(*made));
	if (!made)
		abort();
	rd_kafka_conf_set_opaque(configuration, made);
	rd_kafka_conf_set_dr_msg_cb(configuration, note_delivery);
	rd_kafka_conf_set_error_cb(configuration, note_error);
	made->client = client_new(arena, RD_KAFKA_PRODUCER, configuration, problem);
	if (!made->client) {
		free(made);
		return FAULT_INVALID;
	}
	*producer = made;
	return FAULT_NONE;
}

static rd_kafka_headers_t *headers_of(const struct bus_message *message)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(message->header_count);

	for (size_t i = 0; i < message->header_count; i++) {
		const struct bus_header *header = &message->headers[i];

		rd_kafka_header_add(
			headers, header->name, -1, header->value, header->value ? (ssize_t)strlen(header->value) : 0);
	}
	return headers;
}

static enum fault fault_of(struct bus_producer *producer, rd_kafka_resp_err_t error)
{
	note_problem(producer, rd_kafka_err2str(error));
	switch (error) {
	case RD_KAFKA_RESP_ERR__QUEUE_FULL:
		return FAULT_BUSY;
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
		return FAULT_TOO_LARGE;
	default:
		return FAULT_UNAVAILABLE;
	}
}

enum fault bus_produce(struct bus_producer *producer, const struct bus_message *message, struct bus_receipt *receipt)
{
	rd_kafka_headers_t *headers = headers_of(message);
	rd_kafka_resp_err_t error;

	if (receipt)
		receipt->delivery = BUS_PENDING;
	/*
	 * The casts drop const because librdkafka's varargs are typed so; RD_KAFKA_MSG_F_COPY leaves the bytes alone.
	 */
	error = rd_kafka_producev(producer->client, RD_KAFKA_V_TOPIC(message->topic),
		RD_KAFKA_V_KEY((void *)(uintptr_t)message->key, message->key ? strlen(message->key) : 0),
		RD_KAFKA_V_VALUE((void *)(uintptr_t)message->value, message->length),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(receipt),
		RD_KAFKA_V_END);
	if (error) {
		rd_kafka_headers_destroy(headers);
		return fault_of(producer, error);
	}
	rd_kafka_poll(producer->client, 0);
	return FAULT_NONE;
}

enum fault bus_flush(struct bus_producer *producer, int timeout_ms)
{
	rd_kafka_resp_err_t error = rd_kafka_flush(producer->client, timeout_ms);
	size_t failed = producer->failed;

	producer->failed = 0;
	if (error == RD_KAFKA_RESP_ERR__TIMED_OUT)
		return FAULT_GATEWAY_TIMEOUT;
	if (error || failed || rd_kafka_fatal_error(producer->client, NULL, 0))
		return FAULT_UNAVAILABLE;
	return FAULT_NONE;
}

const char *bus_producer_problem(const struct bus_producer *producer)
{
	return producer->problem;
}

void bus_producer_abort(struct bus_producer *producer)
{
	if (!producer)
		return;
	/* librdkafka would go on sending for message.timeout.ms, 300 s, while another producer already sends
	 * the same. */
	rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_poll(producer->client, 0);
	rd_kafka_destroy(producer->client);
	free(producer);
}
