/*
 * bus: Kafka. A producer that knows of every message whether it arrived, a consumer that loses none, topics.
 *
 * Nothing here retries for the caller: a producer that failed is aborted and made anew, a message whose
 * handling failed is put back with bus_retry_later. Strings are borrowed for the call unless said otherwise.
 *
 * A producer or consumer belongs to one thread at a time. librdkafka keeps threads of its own behind each;
 * they never run our code, whose callbacks happen only within the calls below.
 *
 * Verified with librdkafka 2.0.2 and Apache Kafka 3.9.1.
 */
#ifndef AFTERCARE_BUS_H
#define AFTERCARE_BUS_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define BUS_MESSAGE_MAX_BYTES  2097152 /* of one message, on our topics and in our clients */
#define BUS_HEADERS_MAX        32      /* of one message; more is a message of nobody's */
#define BUS_QUEUE_MESSAGES     20000   /* produced and not yet reported; then FAULT_BUSY */
#define BUS_QUEUE_KILOBYTES    65536
#define BUS_PREFETCH_KILOBYTES 8192  /* read ahead by a consumer, all partitions together */
#define BUS_SESSION_MS         10000 /* a silent consumer loses its partitions after this */
#define BUS_COMMIT_MS          100   /* done messages are committed at the latest after this, while polling */
#define BUS_CLOSING_MS         2000  /* longest wait for the last commit when partitions are given back */
#define BUS_RECONNECT_MAX_MS   1000  /* longest pause before a lost broker is tried again */
#define BUS_REQUEST_MS         10000 /* longest wait for one administrative answer */
#define BUS_LAG_MS             1000

/* Where Kafka is. Read when something is made; may go away afterwards. */
struct bus_cluster {
	const char *brokers; /* host:port, comma separated */
	const char *options; /* more librdkafka properties, "name=value;name=value" (TLS, SASL), or NULL */
};

struct bus_header {
	const char *name;
	const char *value; /* text, read up to a zero byte; NULL: a header without value */
};

struct bus_message {
	const char *topic;
	const char *key;   /* text, or NULL: any partition */
	const char *value; /* length bytes; a zero byte follows those of messages read; NULL: none */
	size_t length;
	const struct bus_header *headers;
	size_t header_count;
	int32_t partition; /* of messages read, like all below */
	int64_t offset;
	int64_t timestamp; /* Unix milliseconds */
};

/* The value of a header, the last one of that name; NULL when there is none. */
const char *bus_header_value(const struct bus_message *message, const char *name);

/* ------------------------------------------------------------------ producer */

struct bus_producer;

enum bus_delivery { BUS_PENDING, BUS_DELIVERED, BUS_FAILED };

/*
 * What became of one message. The caller's memory; written during bus_produce, bus_flush and
 * bus_producer_abort, so it has to stay until it is no longer pending or the producer is gone.
 */
struct bus_receipt {
	enum bus_delivery delivery;
};

/*
 * Makes an idempotent producer (acks=all, lz4, keys spread like Java's default partitioner). FAULT_INVALID, and
 * *problem in the arena, when the cluster's options are no good; that Kafka can be reached is not checked.
 */
enum fault bus_producer_new(struct arena *arena, const struct bus_cluster *cluster, struct bus_producer **producer,
	const char **problem) __attribute__((warn_unused_result));

/*
 * Queues a message, whose bytes are copied. FAULT_BUSY: the queue is full, flush first. FAULT_TOO_LARGE:
 * longer than BUS_MESSAGE_MAX_BYTES. FAULT_UNAVAILABLE: the producer has failed for good, abort it. A receipt
 * may be NULL.
 */
enum fault bus_produce(struct bus_producer *producer, const struct bus_message *message, struct bus_receipt *receipt)
	__attribute__((warn_unused_result));

/*
 * Waits until every message has its report. FAULT_NONE: all produced since the last flush are delivered.
 * FAULT_GATEWAY_TIMEOUT: the time passed and some are pending still. FAULT_UNAVAILABLE: some failed; see the
 * receipts. After either the order of what follows isn't certain any more: abort the producer, make another,
 * send again.
 */
enum fault bus_flush(struct bus_producer *producer, int timeout_ms) __attribute__((warn_unused_result));

/* Why the producer failed last; "" when it never did. Borrowed until the next call on the producer. */
const char *bus_producer_problem(const struct bus_producer *producer);

/* Ends it at once: what is queued is dropped, what is under way is not repeated. NULL is fine. */
void bus_producer_abort(struct bus_producer *producer);

/* ------------------------------------------------------------------ consumer */

struct bus_consumer;

/*
 * Joins a group reading topics (ends with NULL; a name that begins with ^ is an expression: that no topic fits it is fine,
 * and those that come to fit are found within ten seconds of their making), each partition from the group's committed
 * offset, else the beginning. FAULT_INVALID and *problem as above.
 */
enum fault bus_consumer_new(struct arena *arena, const struct bus_cluster *cluster, const char *group,
	const char *const topics[], struct bus_consumer **consumer, const char **problem)
	__attribute__((warn_unused_result));

/*
 * The next message, copied into the arena, waiting at most timeout_ms; *message is NULL when there was none.
 * To be called again within BUS_SESSION_MS times thirty (max.poll.interval.ms), also while paused: partitions
 * come and go only here. FAULT_UNAVAILABLE: Kafka has trouble, go on polling. FAULT_INTERNAL: free this
 * consumer and make another.
 */
enum fault bus_poll(struct bus_consumer *consumer, struct arena *arena, int timeout_ms,
	const struct bus_message **message) __attribute__((warn_unused_result));

/*
 * The message is done with: the group never needs it again. Committed in the background, at the latest
 * BUS_COMMIT_MS later while polling, and when partitions are given back. Until then a crash brings it again.
 * Nothing happens when the partition has gone to another consumer meanwhile.
 */
void bus_store_and_commit(struct bus_consumer *consumer, const struct bus_message *message);

/*
 * Puts a message back and pauses all partitions, so that polling keeps the membership but brings nothing; after
 * bus_resume it comes first. When partitions move meanwhile, their next owner gets it. A fault means the place is lost:
 * free this consumer (nothing of the message is committed) and make another.
 */
enum fault bus_retry_later(struct bus_consumer *consumer, const struct bus_message *message)
	__attribute__((warn_unused_result));
enum fault bus_resume(struct bus_consumer *consumer) __attribute__((warn_unused_result));

/* Goes on with this partition from message's offset, as if it had not been read. */
enum fault bus_seek(struct bus_consumer *consumer, const struct bus_message *message)
	__attribute__((warn_unused_result));

/* Partitions held now, and how often they changed: then, messages read before may belong to another. */
int bus_partitions(const struct bus_consumer *consumer);
unsigned bus_generation(const struct bus_consumer *consumer);

/*
 * Messages of the held partitions not committed yet. Asks the group's coordinator: for a metric every few
 * seconds. FAULT_UNAVAILABLE until something was fetched of each, and when nobody answers within BUS_LAG_MS.
 */
enum fault bus_lag(struct bus_consumer *consumer, int64_t *messages) __attribute__((warn_unused_result));

const char *bus_consumer_problem(const struct bus_consumer *consumer);

/* Commits what is done, leaves the group, ends. NULL is fine. */
void bus_consumer_free(struct bus_consumer *consumer);

/* ------------------------------------------------------------------ topics */

#define BUS_REPLICATION_DEFAULT (-1) /* the brokers' own */

struct bus_topic {
	const char *name;
	int partitions;
	int replication;      /* or BUS_REPLICATION_DEFAULT */
	int64_t retention_ms; /* 0: the brokers' default; -1: for ever */
};

/* Creates those of the topics that are not there yet; what exists is left as it is. */
enum fault bus_topics_create(struct arena *arena, const struct bus_cluster *cluster, const struct bus_topic *topics,
	size_t count, const char **problem) __attribute__((warn_unused_result));

#endif
