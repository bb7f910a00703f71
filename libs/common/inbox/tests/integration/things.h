/*
 * A handler that keeps things, and messages about things: what the tests of the inbox share.
 */
#ifndef AFTERCARE_INBOX_THINGS_H
#define AFTERCARE_INBOX_THINGS_H

#include "arena.h"
#include "backing.h"
#include "clock.h"
#include "inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define SUM    "select coalesce(sum(times), 0) from thing"
#define DEAD   "select count(*) from dead_letter"

struct fixture {
	struct backing *backing;
	const char *other; /* a second topic */
	struct bus_producer *producer;
	struct inbox_handler handlers[5];
	struct inbox_options options;
};

static const struct statement thing_keep = {
	"thing_keep",
	"insert into thing (tenant_id, id, name, number, revision, times) values "
	"(current_setting('app.tenant')::uuid, $1, $2, "
	"$3::int, $4::bigint, 1) on conflict (tenant_id, id) do update set name = excluded.name, "
	"number = excluded.number, revision = excluded.revision, times = thing.times + 1",
};

static inline enum fault thing_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	const char *name = json_string_at(event->data, "name");

	if (!name) {
		*problem = "a thing needs a name";
		return FAULT_INVALID;
	}
	pg_add(batch, &thing_keep,
		PG_VALUES(event->subject, name, json_string_at(event->data, "number"),
			arena_printf(event->arena, "%lld", (long long)event->revision)));
	return FAULT_NONE;
}

static const struct statement lot_keep = { "lot_keep", "insert into lot (subjects) values ($1::text[])" };

/* Keeps which events came together. */
static inline enum fault lot_apply(
	const struct inbox_event events[], size_t count, struct pg_batch *batch, const char **problem)
{
	(void)problem;
	pg_add(batch, &lot_keep, PG_VALUES(inbox_subjects(events, count)));
	return FAULT_NONE;
}

static inline int start(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	struct backing *backing = backing_start();
	const char *problem = NULL;

	fixture->backing = backing;
	fixture->other = arena_printf(backing->arena, "%s-other", backing->topic);
	backing_topic(backing, fixture->other);
	backing_topic(backing, arena_printf(backing->arena, "%s.dlq", fixture->other));
	backing_sql(backing,
		"create table thing (tenant_id uuid, id text, name text, number int, revision bigint, times "
		"int not null,"
		" primary key (tenant_id, id)); alter table thing owner to %1$s_owner;"
		" grant select, insert, update on thing to %1$s_worker;"
		" create table lot (id int generated always as identity, subjects text[]); alter table lot owner to %1$s_owner;"
		" grant insert on lot to %1$s_worker",
		backing->service);
	fixture->handlers[0] = (struct inbox_handler){ backing->topic, "aftercare.thing.", thing_apply };
	fixture->handlers[1] = (struct inbox_handler){ fixture->other, "aftercare.thing.changed.v1", thing_apply };
	fixture->handlers[2] =
		(struct inbox_handler){ backing->topic, "aftercare.part.", .apply_many = lot_apply, .gathers = true };
	fixture->handlers[3] = (struct inbox_handler){ backing->topic, "aftercare.step.", .apply_many = lot_apply };
	fixture->options =
		(struct inbox_options){ backing->service, backing->cluster, backing->worker, fixture->handlers };
	assert_int_equal(bus_producer_new(backing->arena, &backing->cluster, &fixture->producer, &problem), FAULT_NONE);
	*state = fixture;
	return 0;
}

static inline int stop(void **state)
{
	struct fixture *fixture = *state;

	bus_producer_abort(fixture->producer);
	backing_stop(fixture->backing);
	test_free(fixture);
	return 0;
}

static inline void send_raw(struct fixture *fixture, const struct bus_message *message)
{
	assert_int_equal(bus_produce(fixture->producer, message, NULL), FAULT_NONE);
}

static inline void send_value(
	struct fixture *fixture, const char *topic, const char *id, const char *subject, const char *value)
{
	const struct bus_header headers[] = {
		{ "ce_specversion", "1.0" },
		{ "ce_id", id },
		{ "ce_source", "test" },
		{ "ce_type", "aftercare.thing.changed.v1" },
		{ "ce_subject", subject },
		{ "ce_tenant", TENANT },
	};

	send_raw(fixture,
		&(struct bus_message){ .topic = topic,
			.key = subject,
			.value = value,
			.length = strlen(value),
			.headers = headers,
			.header_count = 6 });
}

static inline void send_thing(
	struct fixture *fixture, const char *topic, const char *id, const char *subject, int revision)
{
	send_value(fixture, topic, id, subject,
		arena_printf(fixture->backing->arena, "{\"data\":{\"name\":\"r%d\",\"number\":\"%d\"},\"revision\":%d}",
			revision, revision, revision));
}

static inline void send_many(struct fixture *fixture, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		const char *id = arena_printf(fixture->backing->arena, "%d", i);

		send_thing(fixture, fixture->backing->topic, id, id, 1);
	}
	assert_int_equal(bus_flush(fixture->producer, BACKING_WAIT_MS), FAULT_NONE);
}

static inline void flush(struct fixture *fixture)
{
	assert_int_equal(bus_flush(fixture->producer, BACKING_WAIT_MS), FAULT_NONE);
}

/* Sends a last event and waits until it is applied: all before it in its partition are dealt with. */
static inline void settle(struct fixture *fixture, const char *topic, const char *key)
{
	static int number;
	const char *id = arena_printf(fixture->backing->arena, "settle %d", ++number);

	send_thing(fixture, topic, id, key, 1000000 + number);
	flush(fixture);
	assert_true(backing_until(fixture->backing, "1",
		arena_printf(fixture->backing->arena, "select count(*) from inbox where event_id = '%s'", id)));
}

#endif
