/* client: what producer, consumer and topics share. Internal to bus. */
#ifndef AFTERCARE_BUS_CLIENT_H
#define AFTERCARE_BUS_CLIENT_H

#include "bus.h"

#include <librdkafka/rdkafka.h>

#define BUS_PROBLEM_BYTES 512 /* an error message of librdkafka; a longer one is cut */
#define BUS_OPTION_BYTES  4096

/* The digits of a limit, where librdkafka wants text. The limit must be a plain number. */
#define TEXT_OF(number)       TEXT_OF_VALUE(number)
#define TEXT_OF_VALUE(number) #number

struct bus_property {
	const char *name;
	const char *value;
};

/*
 * A configuration of the properties (ends with a NULL name), then the cluster's, which win. NULL and *problem
 * (in the arena) when one is refused. librdkafka's own log is off: what matters of it comes back as a fault.
 */
rd_kafka_conf_t *client_configure(struct arena *arena, const struct bus_cluster *cluster,
	const struct bus_property properties[], const char **problem) __attribute__((warn_unused_result));

/* Makes the client; takes the configuration also when it fails. */
rd_kafka_t *client_new(struct arena *arena, rd_kafka_type_t type, rd_kafka_conf_t *configuration, const char **problem)
	__attribute__((warn_unused_result));

/* A copy of what librdkafka holds. */
const struct bus_message *client_message(struct arena *arena, const rd_kafka_message_t *held);

/* The client of a consumer, for position.c. */
rd_kafka_t *consumer_client(struct bus_consumer *consumer);

#endif
