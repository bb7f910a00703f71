#include "round.h"

#include "arena.h"
#include "inbox_sql.h"
#include "read.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define LISTS    4
#define LIST_MAX ((size_t)INBOX_ROUND * (KNOWN_NAME_MAX * 2 + 4)) /* each character of a name behind a backslash */

/* Events that go to their handler together. */
struct lot {
	const struct inbox_handler *handler;
	struct inbox_event *events;
	size_t count;
};

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

/* By what events are known: four arrays, of sources, ids, subjects and revisions. */
static void known_list(struct arena *arena, const struct inbox_event events[], size_t count, const char *values[LISTS])
{
	struct text lists[LISTS];

	for (size_t i = 0; i < LISTS; i++)
		lists[i] = text_new(arena, LIST_MAX);
	for (size_t i = 0; i < count; i++) {
		pg_array_add(&lists[0], events[i].known_source);
		pg_array_add(&lists[1], events[i].id);
		pg_array_add(&lists[2], events[i].known_subject);
		pg_array_add_number(&lists[3], events[i].revision);
	}
	for (size_t i = 0; i < LISTS; i++)
		values[i] = pg_array_end(&lists[i]);
}

enum fault round_lot_add(struct pg_batch *batch, const struct inbox_handler *handler, const struct inbox_event events[],
	size_t count, const char **problem)
{
	const char *known[LISTS];
	enum fault fault = FAULT_NONE;

	known_list(events->arena, events, count, known);
	pg_add(batch, &sql_inbox_begin, PG_VALUES(events->tenant, events->trace));
	pg_add(batch, &sql_inbox_take, LISTS, known);
	if (handler->apply_many)
		return handler->apply_many(events, count, batch, problem);
	for (size_t i = 0; !fault && i < count; i++)
		fault = handler->apply(&events[i], batch, problem);
	return fault;
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

static bool same_subject(const struct inbox_event *one, const struct inbox_event *other)
{
	return text_same(one->known_subject, other->known_subject) && text_same(one->known_source, other->known_source);
}

/* Whether one of the messages from..i is of the same subject: what its look sees is not committed yet. */
static bool subject_waits(const struct round *round, size_t from, size_t i)
{
	for (; from < i; from++)
		if (round->handlers[from] && same_subject(&round->events[from], &round->events[i]))
			return true;
	return false;
}

/* Whether it changes nothing behind the messages from..i: one is the same event, or as new an event of its subject. */
static bool known_here(const struct round *round, size_t from, size_t i)
{
	const struct inbox_event *event = &round->events[i];

	for (; from < i; from++) {
		const struct inbox_event *before = &round->events[from];

		if (round->handlers[from] &&
			((text_same(before->id, event->id) && text_same(before->known_source, event->known_source)) ||
				(before->revision >= event->revision && same_subject(before, event))))
			return true;
	}
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
	if (!round_event_wanted(handler, event) || known_here(round, from, i))
		return true;
	round->handlers[i] = handler;
	if (handler->look && !subject_waits(round, from, i) && handler->look(event, &problem) == FAULT_NONE)
		return true;
	return !handler->look;
}

/* Whether two events of a round may be of one lot. */
static bool go_together(const struct round *round, size_t one, size_t other)
{
	const struct inbox_handler *handler = round->handlers[one];
	const struct inbox_event *a = &round->events[one];
	const struct inbox_event *b = &round->events[other];

	return handler == round->handlers[other] && text_same(a->tenant, b->tenant) &&
		text_same(a->source, b->source) && (handler->gathers || text_same(a->trace, b->trace));
}

/*
 * The lot of event i, `lots` when it begins one: behind the last one that has its subject; of what is not gathered, the last of
 * all. lot_of: where those before it are.
 */
static size_t lot_choose(const struct round *round, size_t from, size_t i, const size_t lot_of[], size_t lots)
{
	size_t first = lots && !round->handlers[i]->gathers ? lots - 1 : 0;
	size_t chosen = lots;

	for (size_t j = from; j < i; j++)
		if (round->handlers[j] && lot_of[j] >= first && same_subject(&round->events[j], &round->events[i]))
			first = lot_of[j] + 1;
	for (size_t j = from; j < i; j++)
		if (round->handlers[j] && lot_of[j] >= first && lot_of[j] < chosen && go_together(round, j, i))
			chosen = lot_of[j];
	return chosen;
}

/* Parts the messages from..to that have a handler into lots; returns how many. */
static size_t lots_make(
	const struct round *round, size_t from, size_t to, struct arena *arena, struct lot lots[INBOX_ROUND])
{
	size_t lot_of[INBOX_ROUND] = { 0 };
	size_t count = 0;

	for (size_t i = from; i < to; i++) {
		if (!round->handlers[i])
			continue;
		lot_of[i] = lot_choose(round, from, i, lot_of, count);
		if (lot_of[i] == count)
			lots[count++] = (struct lot){ .handler = round->handlers[i] };
		lots[lot_of[i]].count++;
	}
	for (size_t i = 0; i < count; i++) {
		lots[i].events = arena_array(arena, lots[i].count, sizeof(*lots[i].events));
		lots[i].count = 0;
	}
	for (size_t i = from; i < to; i++)
		if (round->handlers[i])
			lots[lot_of[i]].events[lots[lot_of[i]].count++] = round->events[i];
	return count;
}

static enum fault events_apply(const struct round *round, size_t from, size_t to, struct worker *worker)
{
	struct arena *arena = worker_arena(worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct lot lots[INBOX_ROUND];
	struct pg_error error;
	const char *problem;
	size_t count = lots_make(round, from, to, arena, lots);

	for (size_t i = 0; i < count; i++) {
		enum fault fault = round_lot_add(batch, lots[i].handler, lots[i].events, lots[i].count, &problem);

		if (fault)
			return fault;
	}
	return count ? worker_execute(worker, batch, &error) : FAULT_NONE;
}

/* Passes over what was applied before. */
static enum fault known_forget(struct round *round, size_t from, size_t to, struct worker *worker)
{
	struct arena *arena = worker_arena(worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct inbox_event *events = arena_array(arena, INBOX_ROUND, sizeof(*events));
	size_t places[INBOX_ROUND] = { 0 };
	const char *lists[LISTS];
	struct pg_error error;
	enum fault fault;
	size_t count = 0;
	size_t known;

	for (size_t i = from; i < to; i++)
		if (round->handlers[i]) {
			places[count] = i;
			events[count++] = round->events[i];
		}
	known_list(arena, events, count, lists);
	known = pg_add(batch, &sql_inbox_known, LISTS, lists);
	fault = worker_execute(worker, batch, &error);
	for (int row = 0; !fault && row < PQntuples(pg_result(batch, known)); row++)
		round->handlers[places[atoi(PQgetvalue(pg_result(batch, known), row, 0)) - 1]] = NULL;
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
