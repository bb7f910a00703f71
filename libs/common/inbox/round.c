#include "round.h"

#include "arena.h"
#include "inbox_sql.h"
#include "read.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define LISTS     4
#define LISTS_MAX ((size_t)INBOX_ROUND * (KNOWN_NAME_MAX * 2 + 4)) /* each character of a name behind a backslash */

bool round_event_read(struct arena *arena, const struct bus_message *message, const struct inbox_handler *handler,
	void *context, struct inbox_event *event, const char **problem)
{
	*event = (struct inbox_event){ .context = context, .trace = bus_header_value(message, "traceparent") };
	if (!read_event(arena, message, event, problem) || !handler)
		return false;
	event->own = handler->own;
	return true;
}

bool round_event_wanted(const struct inbox_handler *handler, const struct inbox_event *event)
{
	return !handler->wants || handler->wants(event);
}

enum fault round_event_add(struct pg_batch *batch, const struct inbox_handler *handler, const struct inbox_event *event,
	const char **problem)
{
	pg_add(batch, &sql_inbox_begin, PG_VALUES(event->tenant, event->trace));
	pg_add(batch, &sql_inbox_take,
		PG_VALUES(event->known_source, event->id, event->known_subject,
			arena_printf(event->arena, "%lld", (long long)event->revision)));
	return handler->apply(event, batch, problem);
}

enum fault round_poll(struct round *round, struct bus_consumer *consumer, struct worker *worker)
{
	size_t bytes = 0;

	while (round->count < INBOX_ROUND && bytes < INBOX_ROUND_BYTES) {
		const struct bus_message *message = NULL;
		enum fault fault = bus_poll(consumer, worker_arena(worker), round->count ? 0 : INBOX_POLL_MS, &message);

		if (fault || !message)
			return fault;
		bytes += message->length;
		round->messages[round->count++] = message;
	}
	return FAULT_NONE;
}

/* Whether one of the messages from..i is of the same subject: what its look sees is not committed yet. */
static bool subject_waits(const struct round *round, size_t from, size_t i)
{
	for (; from < i; from++)
		if (round->handlers[from] &&
			text_same(round->events[from].known_source, round->events[i].known_source) &&
			text_same(round->events[from].known_subject, round->events[i].known_subject))
			return true;
	return false;
}

/* Reads a message and looks up what it is about; whether it can go with those from..i. */
static bool event_take(
	struct round *round, size_t from, size_t i, const struct inbox_options *options, struct worker *worker)
{
	const struct bus_message *message = round->messages[i];
	const struct inbox_handler *handler = read_handler(options->handlers, message);
	struct inbox_event *event = &round->events[i];
	const char *problem;

	round->handlers[i] = NULL;
	if (!handler && bus_header_value(message, "ce_type"))
		return true;
	if (!round_event_read(worker_arena(worker), message, handler, options->context, event, &problem))
		return false;
	if (!round_event_wanted(handler, event))
		return true;
	round->handlers[i] = handler;
	if (handler->look && !subject_waits(round, from, i) && handler->look(event, &problem) == FAULT_NONE)
		return true;
	return !handler->look;
}

static enum fault events_apply(const struct round *round, size_t from, size_t to, struct worker *worker)
{
	struct pg_batch *batch = pg_batch_new(worker_arena(worker));
	struct pg_error error;
	const char *problem;
	size_t events = 0;

	for (size_t i = from; i < to; i++) {
		enum fault fault;

		if (!round->handlers[i])
			continue;
		fault = round_event_add(batch, round->handlers[i], &round->events[i], &problem);
		if (fault)
			return fault;
		events++;
	}
	return events ? worker_execute(worker, batch, &error) : FAULT_NONE;
}

/* Passes over what was applied before. */
static enum fault known_forget(struct round *round, size_t from, size_t to, struct worker *worker)
{
	struct arena *arena = worker_arena(worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct text lists[LISTS];
	struct pg_error error;
	enum fault fault;
	size_t known;

	for (size_t i = 0; i < LISTS; i++)
		lists[i] = text_new(arena, LISTS_MAX);
	for (size_t i = from; i < to; i++) {
		const struct inbox_event *event = &round->events[i];
		bool wanted = round->handlers[i];

		pg_array_add(&lists[0], wanted ? event->known_source : "");
		pg_array_add(&lists[1], wanted ? event->id : "");
		pg_array_add(&lists[2], wanted ? event->known_subject : "");
		pg_array_add(&lists[3], arena_printf(arena, "%lld", (long long)event->revision));
	}
	known = pg_add(batch, &sql_inbox_known,
		PG_VALUES(pg_array_end(&lists[0]), pg_array_end(&lists[1]), pg_array_end(&lists[2]),
			pg_array_end(&lists[3])));
	fault = worker_execute(worker, batch, &error);
	for (int row = 0; !fault && row < PQntuples(pg_result(batch, known)); row++)
		round->handlers[from + (size_t)atoi(PQgetvalue(pg_result(batch, known), row, 0)) - 1] = NULL;
	return fault;
}

bool round_apply(
	struct round *round, size_t from, size_t *to, const struct inbox_options *options, struct worker *worker)
{
	size_t end = from;
	enum fault fault;

	while (end < round->count && event_take(round, from, end, options, worker))
		end++;
	*to = end == from ? from + 1 : end;
	if (end == from)
		return false;
	fault = events_apply(round, from, end, worker);
	if (fault == FAULT_REPLAY && known_forget(round, from, end, worker) == FAULT_NONE)
		fault = events_apply(round, from, end, worker);
	return fault == FAULT_NONE;
}

static bool same_partition(const struct bus_message *one, const struct bus_message *other)
{
	return one->partition == other->partition && strcmp(one->topic, other->topic) == 0;
}

enum fault round_put_back(const struct round *round, size_t taken, struct bus_consumer *consumer)
{
	enum fault fault = FAULT_NONE;

	for (size_t i = taken + 1; !fault && i < round->count; i++) {
		size_t first = taken;

		while (!same_partition(round->messages[first], round->messages[i]))
			first++;
		if (first == i)
			fault = bus_seek(consumer, round->messages[i]);
	}
	return fault;
}
