#include "inbox.h"

#include "arena.h"
#include "clock.h"
#include "dead_letter.h"
#include "log.h"
#include "read.h"
#include "round.h"
#include "text.h"
#include "worker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TOPIC_ASKED_MAX ((size_t)512) /* bytes of a topic's name, or of the expression for many */

struct inbox {
	struct arena *arena;
	const char *service;
	const char *group;
	const char *const *topics;
	struct inbox_options options;
	struct worker *worker;
	struct bus_consumer *consumer;
	struct bus_producer *producer;    /* of dead letters; made when the first dies */
	char dead_topic[TOPIC_ASKED_MAX]; /* of one tenant, whose topic of dead letters is there */
	bool paused;
	int backoff_ms;
	int64_t resume_at; /* monotonic ms */
	int64_t lag_at;    /* when the lag was last asked for */
	bool failing;      /* told in the log already */
	atomic_llong lag;
	atomic_llong dead;
};

/* What a fault means for the message. */
enum verdict {
	VERDICT_DONE,
	VERDICT_LATER, /* the database is away or too busy: try for ever */
	VERDICT_DOUBT, /* may be a matter of order: a few tries, then dead */
	VERDICT_DEAD,
};

static enum verdict judge(enum fault fault)
{
	switch (fault) {
	case FAULT_NONE:
	case FAULT_REPLAY:
		return VERDICT_DONE;
	case FAULT_UNAVAILABLE:
	case FAULT_BUSY:
	case FAULT_GATEWAY_TIMEOUT:
		return VERDICT_LATER;
	case FAULT_INVALID:
	case FAULT_MALFORMED:
	case FAULT_FORBIDDEN:
		return VERDICT_DEAD;
	default:
		return VERDICT_DOUBT;
	}
}

static void note_failing(struct inbox *inbox, const char *what, const char *why)
{
	if (!inbox->failing)
		log_write(LOG_WARNING, "the inbox waits", "what", what, "why", why, NULL);
	inbox->failing = true;
}

static void note_working(struct inbox *inbox)
{
	if (inbox->failing)
		log_write(LOG_INFO, "the inbox goes on", NULL);
	inbox->failing = false;
	inbox->backoff_ms = 0;
	if (inbox->options.changed)
		inbox->options.changed(inbox->options.context);
}

static void leave(struct inbox *inbox)
{
	bus_consumer_free(inbox->consumer);
	inbox->consumer = NULL;
	inbox->paused = false;
}

static enum fault apply(
	struct inbox *inbox, const struct inbox_handler *handler, struct inbox_event *event, const char **why)
{
	struct arena *arena = worker_arena(inbox->worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error = { 0 };
	enum fault fault = handler->look ? handler->look(event, why) : FAULT_NONE;

	if (!fault)
		fault = round_lot_add(batch, handler, event, 1, why);
	if (fault)
		return fault;
	fault = worker_execute(inbox->worker, batch, &error);
	if (fault && handler->explain)
		*why = handler->explain(event, fault, &error);
	else if (fault)
		*why = arena_printf(arena, "%s %s", error.sqlstate, error.message ? error.message : "");
	return fault;
}

/* Whether what a message refers to may still be on its way. A clock that is ahead of ours makes nothing wait for ever. */
static bool may_be_early(const struct inbox *inbox, const struct bus_message *message, enum fault fault)
{
	int64_t age = clock_now() - message->timestamp;

	return fault == FAULT_UNKNOWN_REFERENCE && age >= 0 && age < inbox->options.order_ms;
}

/* Applies the message, trying what is in doubt a few times. */
static enum verdict handle(struct inbox *inbox, const struct bus_message *message, const char **why)
{
	struct arena *arena = worker_arena(inbox->worker);
	const struct inbox_handler *handler = read_handler(inbox->options.handlers, message);
	struct inbox_event event;
	enum verdict verdict = VERDICT_DONE;

	if (!handler && bus_header_value(message, "ce_type"))
		return VERDICT_DONE;
	if (!round_event_read(arena, message, handler, inbox->options.context, &event, why))
		return VERDICT_DEAD;
	if (!round_event_wanted(handler, &event))
		return VERDICT_DONE;
	for (int tries = 0; tries < INBOX_TRIES; tries++) {
		const struct timespec pause = { .tv_nsec = (long)(INBOX_TRY_MS << tries) * 1000000 };
		enum fault fault;

		if (tries)
			nanosleep(&pause, NULL);
		fault = apply(inbox, handler, &event, why);
		if (may_be_early(inbox, message, fault))
			return VERDICT_LATER;
		verdict = judge(fault);
		if (verdict != VERDICT_DOUBT || worker_stopping(inbox->worker))
			break;
	}
	if (verdict == VERDICT_DOUBT)
		return worker_stopping(inbox->worker) ? VERDICT_LATER : VERDICT_DEAD;
	return verdict;
}

/* Whoever made a tenant's topic may not have made the one of its dead letters. */
static enum fault dead_topic_make(struct inbox *inbox, const char *topic, const char **why)
{
	struct arena *arena = worker_arena(inbox->worker);
	const struct bus_topic dead = { arena_printf(arena, "%s.dlq", topic), 1, BUS_REPLICATION_DEFAULT, -1 };
	enum fault fault;

	if (!read_own_topic(topic) || strcmp(inbox->dead_topic, topic) == 0)
		return FAULT_NONE;
	fault = bus_topics_create(arena, &inbox->options.cluster, &dead, 1, why);
	if (!fault)
		snprintf(inbox->dead_topic, sizeof(inbox->dead_topic), "%s", topic);
	return fault;
}

static enum fault bury(struct inbox *inbox, const struct bus_message *message, const char **why)
{
	struct arena *arena = worker_arena(inbox->worker);
	enum fault fault = dead_topic_make(inbox, message->topic, why);

	if (fault)
		return fault;
	if (!inbox->producer)
		fault = bus_producer_new(arena, &inbox->options.cluster, &inbox->producer, why);
	if (!fault)
		fault = dead_letter_keep(inbox->worker, inbox->producer, inbox->service, message, *why);
	if (fault) {
		bus_producer_abort(inbox->producer);
		inbox->producer = NULL;
		return fault;
	}
	atomic_fetch_add(&inbox->dead, 1);
	log_write(LOG_ERROR, "an event can't be applied", "topic", message->topic, "type",
		bus_header_value(message, "ce_type"), "id", bus_header_value(message, "ce_id"), "why", *why, NULL);
	return FAULT_NONE;
}

static void put_back(struct inbox *inbox, const struct bus_message *message, const char *why)
{
	note_failing(inbox, "PostgreSQL, dead letters or a reference", why);
	inbox->backoff_ms = worker_backoff(inbox->backoff_ms);
	inbox->resume_at = clock_monotonic() + inbox->backoff_ms;
	inbox->paused = true;
	/* When its place is lost the message is uncommitted still: a new consumer begins with it. */
	if (bus_retry_later(inbox->consumer, message))
		leave(inbox);
}

/* Whether the message is dealt with; when not, it was put back. */
static bool take(struct inbox *inbox, const struct bus_message *message)
{
	const char *why = "";
	enum verdict verdict = handle(inbox, message, &why);

	if (verdict == VERDICT_DEAD && bury(inbox, message, &why))
		verdict = VERDICT_LATER;
	if (verdict == VERDICT_LATER) {
		put_back(inbox, message, why);
		return false;
	}
	note_working(inbox);
	bus_store_and_commit(inbox->consumer, message);
	return true;
}

/* Messages from..to, one by one; false: one was put back, and with it those behind. */
static bool each_take(struct inbox *inbox, const struct round *round, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (take(inbox, round->messages[i]))
			continue;
		if (inbox->consumer && round_put_back(round, i, inbox->consumer))
			leave(inbox);
		return false;
	}
	return true;
}

/* As many at once as can go together, or one by one when that fails. */
static void round_take(struct inbox *inbox, struct round *round)
{
	for (size_t from = 0; from < round->count && !(from && worker_stopping(inbox->worker));) {
		size_t to = from + 1;

		if (round->count > 1 && round_apply(round, from, &to, &inbox->options, inbox->worker)) {
			note_working(inbox);
			for (size_t i = from; i < to; i++)
				bus_store_and_commit(inbox->consumer, round->messages[i]);
		} else if (!each_take(inbox, round, from, to)) {
			return;
		}
		from = to;
	}
}

static void measure(struct inbox *inbox)
{
	int64_t now = clock_monotonic();
	int64_t lag = -1;

	if (now - inbox->lag_at < INBOX_LAG_MS)
		return;
	inbox->lag_at = now;
	atomic_store(&inbox->lag, bus_lag(inbox->consumer, &lag) ? -1 : lag);
}

static bool joined(struct inbox *inbox, const char **problem)
{
	return inbox->consumer ||
		bus_consumer_new(worker_arena(inbox->worker), &inbox->options.cluster, inbox->group, inbox->topics,
			&inbox->consumer, problem) == FAULT_NONE;
}

static int step(void *context, struct worker *worker)
{
	struct inbox *inbox = context;
	struct round *round = arena_alloc(worker_arena(worker), sizeof(*round));
	const char *problem = "";
	enum fault fault;

	if (inbox->paused && !inbox->consumer && clock_monotonic() < inbox->resume_at)
		return INBOX_POLL_MS;
	if (!joined(inbox, &problem)) {
		note_failing(inbox, "Kafka", problem);
		return WORKER_BACKOFF_MAX_MS;
	}
	if (inbox->paused && clock_monotonic() >= inbox->resume_at) {
		inbox->paused = false;
		if (bus_resume(inbox->consumer))
			leave(inbox);
		return 0;
	}
	fault = round_poll(round, inbox->consumer, worker);
	round_take(inbox, round);
	if (fault && inbox->consumer) {
		note_failing(inbox, "Kafka", bus_consumer_problem(inbox->consumer));
		if (fault == FAULT_INTERNAL)
			leave(inbox);
		return INBOX_POLL_MS;
	}
	if (inbox->consumer)
		measure(inbox);
	return 0;
}

/* How Kafka is asked for a topic: those of tenants by an expression, which librdkafka knows by its ^. */
static const char *topic_asked(struct arena *arena, const char *topic)
{
	struct text out = text_new(arena, TOPIC_ASKED_MAX);

	if (!text_ends(topic, "."))
		return arena_strdup(arena, topic);
	text_add_char(&out, '^');
	for (const char *c = topic; *c; c++)
		text_addf(&out, *c == '.' ? "\\%c" : "%c", *c);
	text_add(&out, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");
	return text_c(&out);
}

/* The topics of the handlers, each once. */
static const char *const *topics_of(struct arena *arena, const struct inbox_handler *handlers)
{
	const char **topics;
	size_t count = 0;
	size_t length = 0;

	while (handlers[length].topic)
		length++;
	topics = arena_array(arena, length + 1, sizeof(*topics));
	for (size_t i = 0; i < length; i++) {
		const char *topic = topic_asked(arena, handlers[i].topic);
		size_t known = 0;

		while (known < count && strcmp(topics[known], topic) != 0)
			known++;
		if (known == count)
			topics[count++] = topic;
	}
	return topics;
}

struct inbox *inbox_start(const struct inbox_options *options)
{
	struct arena *arena = arena_new();
	struct inbox *inbox = arena_alloc(arena, sizeof(*inbox));
	struct worker_options worker = {
		.name = options->stream ? options->stream : "inbox",
		.service = options->service,
		.database = options->database,
		.step = step,
		.context = inbox,
	};

	inbox->arena = arena;
	inbox->service = arena_strdup(arena, options->service);
	inbox->group = arena_printf(arena, "aftercare.%s%s%s", options->service, options->stream ? "." : "",
		options->stream ? options->stream : "");
	inbox->options = *options;
	inbox->topics = topics_of(arena, options->handlers);
	inbox->options.cluster.brokers = arena_strdup(arena, options->cluster.brokers);
	inbox->options.cluster.options = arena_strdup(arena, options->cluster.options);
	atomic_store(&inbox->lag, -1);
	inbox->worker = worker_new(&worker);
	worker_start(inbox->worker);
	return inbox;
}

void inbox_stop(struct inbox *inbox)
{
	if (!inbox)
		return;
	worker_stop(inbox->worker);
	bus_consumer_free(inbox->consumer);
	bus_producer_abort(inbox->producer);
	arena_free(inbox->arena);
}

const char *inbox_subjects(const struct inbox_event events[], size_t count)
{
	struct text ids = text_new(events->arena, (size_t)INBOX_ROUND * (INBOX_NAME_MAX * 2 + 4));

	for (size_t i = 0; i < count; i++)
		pg_array_add(&ids, events[i].subject);
	return pg_array_end(&ids);
}

int64_t inbox_lag(struct inbox *inbox)
{
	return atomic_load(&inbox->lag);
}

int64_t inbox_dead_letters(struct inbox *inbox)
{
	return atomic_load(&inbox->dead);
}
