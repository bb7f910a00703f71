#include "relay.h"

#include "arena.h"
#include "change_sql.h"
#include "clock.h"
#include "event.h"
#include "log.h"
#include "text.h"
#include "tidy.h"
#include "worker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RELAY_ID_TEXT 24 /* a bigint and a comma */
#define RELAY_AT_TEXT 40 /* a timestamptz in quotes and a comma */

struct relay {
	struct arena *arena;
	const char *service;
	const char *topic;
	struct bus_cluster cluster;
	struct relay_keep keep;
	struct worker *worker;
	struct bus_producer *producer;
	unsigned elected; /* the session that holds the lock; 0: none */
	int backoff_ms;
	int poll_ms;        /* the next wait when nothing is found */
	int64_t counted_at; /* when the waiting ones were last counted; monotonic ms */
	int64_t tidied_at;
	bool failing; /* told in the log already */
	atomic_llong waiting;
	atomic_llong oldest_at; /* monotonic ms at which the oldest waiting change was committed; 0: none waits */
};

/* One round: what was claimed, and what became of it. */
struct haul {
	const PGresult *rows;
	int count;
	struct bus_receipt *receipts;
};

/* Nothing of ours must reach Kafka any more: another holder of the lock may be sending already. */
static int fail(struct relay *relay, const char *what, const char *why)
{
	bus_producer_abort(relay->producer);
	relay->producer = NULL;
	if (!relay->failing)
		log_write(LOG_WARNING, "the relay waits", "what", what, "why", why, NULL);
	relay->failing = true;
	relay->backoff_ms = worker_backoff(relay->backoff_ms);
	return relay->backoff_ms;
}

static int standby(struct relay *relay)
{
	bus_producer_abort(relay->producer);
	relay->producer = NULL;
	atomic_store(&relay->waiting, -1);
	atomic_store(&relay->oldest_at, 0);
	return RELAY_STANDBY_MS;
}

/* Tries to be the one relay of the service. FAULT_NONE: the answer is in *elected. */
static enum fault elect(struct relay *relay, bool *elected, struct pg_error *error)
{
	struct pg_batch *batch = pg_batch_new(worker_arena(relay->worker));
	size_t answer;
	enum fault fault;

	pg_add(batch, &sql_relay_plans, 0, NULL);
	answer = pg_add(batch, &sql_relay_elect, PG_VALUES(relay->service));
	fault = worker_execute(relay->worker, batch, error);
	if (fault)
		return fault;
	*elected = pg_value(batch, answer, 0)[0] == 't';
	relay->elected = *elected ? worker_session(relay->worker) : 0;
	if (*elected)
		log_write(LOG_INFO, "this replica relays", "topic", relay->topic, NULL);
	return FAULT_NONE;
}

static bool producer_ready(struct relay *relay, const char **problem)
{
	return relay->producer ||
		bus_producer_new(worker_arena(relay->worker), &relay->cluster, &relay->producer, problem) == FAULT_NONE;
}

static enum fault claim(struct relay *relay, struct haul *haul, struct pg_error *error)
{
	struct arena *arena = worker_arena(relay->worker);
	struct pg_batch *batch = pg_batch_new(arena);
	bool count = clock_monotonic() - relay->counted_at >= RELAY_COUNT_MS;
	size_t waiting = 0;
	size_t claimed;
	enum fault fault;

	if (count)
		waiting = pg_add(batch, &sql_relay_waiting, PG_VALUES(arena_printf(arena, "%d", RELAY_COUNT_MAX)));
	claimed = pg_add(batch, &sql_relay_claim,
		PG_VALUES(arena_printf(arena, "%d", RELAY_BATCH), arena_printf(arena, "%d", RELAY_BATCH_BYTES)));
	fault = worker_execute(relay->worker, batch, error);
	if (fault)
		return fault;
	if (count) {
		relay->counted_at = clock_monotonic();
		atomic_store(&relay->waiting, strtoll(pg_value(batch, waiting, 0), NULL, 10));
	}
	haul->rows = pg_result(batch, claimed);
	haul->count = PQntuples(haul->rows);
	haul->receipts = arena_array(arena, (size_t)haul->count, sizeof(*haul->receipts));
	atomic_store(&relay->oldest_at,
		haul->count ? clock_monotonic() - strtoll(PQgetvalue(haul->rows, 0, EVENT_AGE), NULL, 10) : 0);
	return FAULT_NONE;
}

/* Waits for all reports, as long as the lock is surely ours. */
static enum fault flush(struct relay *relay)
{
	int64_t deadline = clock_monotonic() + RELAY_FLUSH_MS;
	enum fault fault;

	do {
		fault = bus_flush(relay->producer, RELAY_FLUSH_SLICE_MS);
		if (!worker_connected(relay->worker))
			return FAULT_UNAVAILABLE;
		if (worker_stopping(relay->worker) && deadline > clock_monotonic() + RELAY_STOP_MS)
			deadline = clock_monotonic() + RELAY_STOP_MS;
	} while (fault == FAULT_GATEWAY_TIMEOUT && clock_monotonic() < deadline);
	return fault;
}

static enum fault send(struct relay *relay, const struct haul *haul)
{
	struct arena *arena = worker_arena(relay->worker);
	enum fault fault = FAULT_NONE;

	for (int row = 0; row < haul->count; row++) {
		const struct bus_message *message = event_message(arena, relay->topic, haul->rows, row);

		fault = bus_produce(relay->producer, message, &haul->receipts[row]);
		if (fault)
			return fault;
	}
	fault = flush(relay);
	for (int row = 0; !fault && row < haul->count; row++)
		if (haul->receipts[row].delivery != BUS_DELIVERED)
			fault = FAULT_UNAVAILABLE;
	return fault;
}

static enum fault stamp(struct relay *relay, const struct haul *haul, struct pg_error *error)
{
	struct arena *arena = worker_arena(relay->worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct text ids = text_new(arena, (size_t)RELAY_BATCH * RELAY_ID_TEXT);
	struct text times = text_new(arena, (size_t)RELAY_BATCH * RELAY_AT_TEXT);

	for (int row = 0; row < haul->count; row++) {
		text_addf(&ids, "%c%s", row ? ',' : '{', PQgetvalue(haul->rows, row, EVENT_ID));
		text_addf(&times, "%c\"%s\"", row ? ',' : '{', PQgetvalue(haul->rows, row, EVENT_AT));
	}
	text_add_char(&ids, '}');
	text_add_char(&times, '}');
	pg_add(batch, &sql_relay_stamp, PG_VALUES(text_c(&ids), text_c(&times)));
	return worker_execute(relay->worker, batch, error);
}

/*
 * A round costs PostgreSQL and Kafka the same for one change as for ten. The first after a silence goes at once; when more
 * come than that, they go together.
 */
static void gather(const struct haul *haul)
{
	const struct timespec pause = { .tv_nsec = RELAY_GATHER_MS * 1000000L };

	if (haul->count < RELAY_FEW)
		nanosleep(&pause, NULL);
}

static void note_sent(struct relay *relay, int count)
{
	long long waiting = atomic_load(&relay->waiting);

	atomic_store(&relay->waiting, waiting > count ? waiting - count : 0);
	if (relay->failing)
		log_write(LOG_INFO, "the relay sends again", NULL);
	relay->failing = false;
	relay->backoff_ms = 0;
	relay->poll_ms = RELAY_POLL_MS;
}

/* When nothing waits. */
static int idle(struct relay *relay)
{
	int64_t now = clock_monotonic();
	struct pg_error error = { 0 };
	bool more = false;

	if (now - relay->tidied_at < TIDY_MS) {
		int wait = relay->poll_ms;

		relay->poll_ms = wait * 2 < RELAY_POLL_MAX_MS ? wait * 2 : RELAY_POLL_MAX_MS;
		return wait;
	}
	if (tidy_run(relay->worker, &relay->keep, &more, &error)) {
		log_write(LOG_WARNING, "tidying up failed", "why", error.message, NULL);
		more = false;
	}
	if (!more)
		relay->tidied_at = now;
	return 0;
}

static int step(void *context, struct worker *worker)
{
	struct relay *relay = context;
	struct pg_error error = { 0 };
	struct haul haul = { 0 };
	const char *problem = NULL;
	bool elected = relay->elected && worker_connected(worker) && relay->elected == worker_session(worker);

	if (!elected && elect(relay, &elected, &error))
		return fail(relay, "PostgreSQL", error.message);
	if (!elected)
		return standby(relay);
	if (!producer_ready(relay, &problem))
		return fail(relay, "Kafka", problem);
	if (claim(relay, &haul, &error))
		return fail(relay, "PostgreSQL", error.message);
	/* A claim that reconnected ran without the lock: elect first. */
	if (relay->elected != worker_session(worker))
		return 0;
	if (haul.count == 0)
		return idle(relay);
	if (send(relay, &haul)) {
		if (!worker_connected(worker))
			return fail(relay, "PostgreSQL", "the session that held the lock ended");
		return fail(relay, "Kafka", arena_strdup(worker_arena(worker), bus_producer_problem(relay->producer)));
	}
	if (stamp(relay, &haul, &error))
		return fail(relay, "PostgreSQL", error.message);
	note_sent(relay, haul.count);
	gather(&haul);
	return 0;
}

struct relay *relay_start(const struct relay_options *options)
{
	struct arena *arena = arena_new();
	struct relay *relay = arena_alloc(arena, sizeof(*relay));
	struct worker_options worker = {
		.name = "relay",
		.service = options->service,
		.database = options->database,
		.step = step,
		.context = relay,
	};

	relay->arena = arena;
	relay->service = arena_strdup(arena, options->service);
	relay->topic = arena_printf(arena, "aftercare.%s", options->service);
	relay->cluster.brokers = arena_strdup(arena, options->cluster.brokers);
	relay->cluster.options = arena_strdup(arena, options->cluster.options);
	relay->keep = options->keep;
	relay->poll_ms = RELAY_POLL_MS;
	relay->counted_at = clock_monotonic() - RELAY_COUNT_MS;
	relay->tidied_at = clock_monotonic() - TIDY_MS;
	atomic_store(&relay->waiting, -1);
	relay->worker = worker_new(&worker);
	worker_start(relay->worker);
	return relay;
}

void relay_wake(struct relay *relay)
{
	worker_wake(relay->worker);
}

void relay_stop(struct relay *relay)
{
	if (!relay)
		return;
	worker_stop(relay->worker);
	bus_producer_abort(relay->producer);
	arena_free(relay->arena);
}

int64_t relay_waiting(struct relay *relay)
{
	return atomic_load(&relay->waiting);
}

int64_t relay_age_ms(struct relay *relay)
{
	long long oldest = atomic_load(&relay->oldest_at);

	return oldest ? clock_monotonic() - oldest : 0;
}
