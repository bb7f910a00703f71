/* Where a consumer stands: putting messages back, pausing, lag. */
#include "client.h"

static enum fault fault_of(rd_kafka_resp_err_t error)
{
	return error ? FAULT_UNAVAILABLE : FAULT_NONE;
}

enum fault bus_seek(struct bus_consumer *consumer, const struct bus_message *message)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t *place;
	rd_kafka_resp_err_t error;
	rd_kafka_error_t *refused;

	place = rd_kafka_topic_partition_list_add(list, message->topic, message->partition);
	place->offset = message->offset;
	refused = rd_kafka_seek_partitions(consumer_client(consumer), list, BUS_REQUEST_MS);
	error = refused ? rd_kafka_error_code(refused) : place->err;
	if (refused)
		rd_kafka_error_destroy(refused);
	rd_kafka_topic_partition_list_destroy(list);
	return fault_of(error);
}

/* Applies rd_kafka_pause_partitions or its opposite to all that is held. */
static enum fault for_all(
	struct bus_consumer *consumer, rd_kafka_resp_err_t (*apply)(rd_kafka_t *, rd_kafka_topic_partition_list_t *))
{
	rd_kafka_topic_partition_list_t *held;
	rd_kafka_resp_err_t error = rd_kafka_assignment(consumer_client(consumer), &held);

	if (error)
		return fault_of(error);
	error = apply(consumer_client(consumer), held);
	rd_kafka_topic_partition_list_destroy(held);
	return fault_of(error);
}

enum fault bus_retry_later(struct bus_consumer *consumer, const struct bus_message *message)
{
	/* In this order: pausing forgets what was read ahead and remembers the next place, which seeking then
	 * replaces. */
	enum fault fault = for_all(consumer, rd_kafka_pause_partitions);

	return fault ? fault : bus_seek(consumer, message);
}

enum fault bus_resume(struct bus_consumer *consumer)
{
	return for_all(consumer, rd_kafka_resume_partitions);
}

/*
 * The ends of the partitions are those of the last answers to fetches, at most half a second old while reading: asking
 * for them would queue behind a fetch that waits at the broker, and hold up the reader as long.
 */
enum fault bus_lag(struct bus_consumer *consumer, int64_t *messages)
{
	rd_kafka_t *client = consumer_client(consumer);
	rd_kafka_topic_partition_list_t *held;
	rd_kafka_resp_err_t error = rd_kafka_assignment(client, &held);
	int64_t sum = 0;

	if (error)
		return fault_of(error);
	if (held->cnt)
		error = rd_kafka_committed(client, held, BUS_LAG_MS);
	for (int i = 0; i < held->cnt && !error; i++) {
		const rd_kafka_topic_partition_t *place = &held->elems[i];
		int64_t low = 0;
		int64_t high = RD_KAFKA_OFFSET_INVALID;

		error = rd_kafka_get_watermark_offsets(client, place->topic, place->partition, &low, &high);
		if (!error && high < 0)
			error = RD_KAFKA_RESP_ERR__NO_OFFSET; /* nothing fetched yet */
		if (place->offset >= 0)
			low = place->offset;
		sum += high - (low > 0 ? low : 0);
	}
	rd_kafka_topic_partition_list_destroy(held);
	if (error)
		return fault_of(error);
	*messages = sum;
	return FAULT_NONE;
}
