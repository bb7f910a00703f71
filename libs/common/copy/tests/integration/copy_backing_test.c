/* Copies on a real PostgreSQL. */
#include "app.h"
#include "arena.h"
#include "backing.h"
#include "copy.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define THING  "018f0000-0000-7000-8000-00000000000a"
#define OTHER  "018f0000-0000-7000-8000-00000000000b"
#define GONE   "018f0000-0000-7000-8000-00000000000c"

static const struct statement tenant_enter = {
	"tenant_enter",
	"select set_config('app.tenant', '" TENANT "', true), "
	"set_config('search_path', $1 || '_data, ' || $1 || ', base', true)",
};
static const struct statement followed = { "followed",
	"insert into followed (name) select t.name from thing t where t.id = any ($1::uuid[])" };

static const struct copy_column columns[] = {
	{ "name", "text" },
	{ "maker", "text", "article.maker.name" },
	{ "weight", "numeric" },
	{ "words", "text[]" },
	{ "shape", "jsonb", "article.shape" },
	{ "spelt", "text", .sql = "upper(d ->> 'name')" },
	{ 0 },
};

/* Runs as the tenant's runtime role, on the views. */
static void follow(const struct app *app, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	assert_non_null(app->service);
	pg_add(batch, &followed, PG_VALUES(inbox_subjects(events, count)));
}

static bool ours(const struct inbox_event *event)
{
	return text_same(json_string_at(event->data, "owner"), "us");
}

static const struct copy copies[] = {
	{ "aftercare.others", "aftercare.thing.", "thing", columns, .follow = follow },
	{ "aftercare.others", "aftercare.state.", "thing", columns, .active = "d ->> 'state' = 'in use'" },
	{ "aftercare.others", "aftercare.own.", "thing", columns, .wants = ours },
	{ 0 },
};

static int start(void **state)
{
	struct backing *backing = backing_start();

	backing_sql(backing,
		"set role %1$s_owner; select %1$s_data.copy_table('thing', 'name text not null, maker text, "
		"weight numeric(8, 3), words text[], shape jsonb, spelt text'); "
		"create table %1$s.followed (name text); grant select, insert on %1$s.followed to %1$s; reset role",
		backing->service);
	*state = backing;
	return 0;
}

static int stop(void **state)
{
	backing_stop(*state);
	return 0;
}

/* Applies events as the inbox does. */
static enum fault apply_all(struct backing *backing, size_t which, struct inbox_event events[], size_t count)
{
	const struct inbox_handler *handler = &copy_handlers(backing->arena, copies)[which];
	struct app app = { .service = backing->service };
	struct pg_batch *batch = pg_batch_new(backing->arena);
	const char *problem = "";
	struct pg_connection *connection;
	struct pg_error error = { 0 };
	enum fault fault;

	for (size_t i = 0; i < count; i++) {
		events[i].arena = backing->arena;
		events[i].data = json_read(backing->arena, events[i].data_text, strlen(events[i].data_text), &problem);
		events[i].source = "aftercare.others";
		events[i].context = &app;
		events[i].own = handler->own;
		assert_non_null(events[i].data);
		if (handler->wants && !handler->wants(&events[i]))
			return FAULT_NONE;
	}
	connection = pg_open(backing->arena, &backing->worker, &problem);
	assert_non_null(connection);
	pg_add(batch, &tenant_enter, PG_VALUES(backing->service));
	assert_int_equal(handler->apply_many(events, count, batch, &problem), FAULT_NONE);
	fault = pg_execute_on(connection, batch, &error);
	pg_close(connection);
	return fault;
}

static enum fault apply(struct backing *backing, size_t which, const char *type, const char *data, int64_t revision)
{
	struct inbox_event event = { .type = type, .subject = THING, .revision = revision, .data_text = data };

	return apply_all(backing, which, &event, 1);
}

static const char *row(struct backing *backing)
{
	return backing_sql(backing,
		"select concat_ws('|', name, maker, weight, words, shape, spelt, active, revision) from thing where "
		"tenant_id = '" TENANT "' and id = '" THING "'");
}

static void columns_come_from_where_they_say(void **state)
{
	struct backing *backing = *state;

	assert_int_equal(apply(backing, 0, "aftercare.thing.created.v1",
				 "{\"name\":\"pump\",\"weight\":\"1.500\",\"words\":[\"b\",\"a\"],"
				 "\"article\":{\"maker\":{\"name\":\"Rossi\"},\"shape\":{\"round\":true}}}",
				 1),
		FAULT_NONE);
	assert_string_equal(row(backing), "pump|Rossi|1.500|{b,a}|{\"round\": true}|PUMP|t|1");
	assert_string_equal(
		backing_sql(backing, "select string_agg(name, ',') from %s.followed", backing->service), "pump");
	assert_int_equal(apply(backing, 0, "aftercare.thing.changed.v1",
				 "{\"name\":\"valve\",\"weight\":null,\"words\":null,\"article\":null}", 2),
		FAULT_NONE);
	assert_string_equal(row(backing), "valve|VALVE|t|2");
}

static void only_a_higher_revision_counts(void **state)
{
	struct backing *backing = *state;

	assert_int_equal(apply(backing, 0, "aftercare.thing.changed.v1", "{\"name\":\"new\"}", 7), FAULT_NONE);
	assert_int_equal(apply(backing, 0, "aftercare.thing.changed.v1", "{\"name\":\"old\"}", 6), FAULT_NONE);
	assert_int_equal(apply(backing, 0, "aftercare.thing.changed.v1", "{\"name\":\"same\"}", 7), FAULT_NONE);
	assert_string_equal(row(backing), "new|NEW|t|7");
}

static void what_is_gone_stays_out_of_use(void **state)
{
	struct backing *backing = *state;

	assert_int_equal(
		apply(backing, 0, "aftercare.thing.changed.v1", "{\"name\":\"x\",\"active\":false}", 1), FAULT_NONE);
	assert_string_equal(row(backing), "x|X|f|1");
	assert_int_equal(
		apply(backing, 0, "aftercare.thing.changed.v1", "{\"name\":\"x\",\"active\":true}", 2), FAULT_NONE);
	assert_string_equal(row(backing), "x|X|t|2");
	assert_int_equal(
		apply(backing, 0, "aftercare.thing.removed.v1", "{\"name\":\"x\",\"active\":true}", 3), FAULT_NONE);
	assert_string_equal(row(backing), "x|X|f|3");
	assert_int_equal(apply(backing, 1, "aftercare.state.changed.v1", "{\"name\":\"x\",\"state\":\"in use\"}", 4),
		FAULT_NONE);
	assert_string_equal(row(backing), "x|X|t|4");
	assert_int_equal(
		apply(backing, 1, "aftercare.state.changed.v1", "{\"name\":\"x\",\"state\":\"sold\"}", 5), FAULT_NONE);
	assert_string_equal(row(backing), "x|X|f|5");
}

static void only_what_is_wanted_is_kept(void **state)
{
	struct backing *backing = *state;

	assert_int_equal(
		apply(backing, 2, "aftercare.own.created.v1", "{\"name\":\"x\",\"owner\":\"them\"}", 1), FAULT_NONE);
	assert_int_equal(apply(backing, 2, "aftercare.own.created.v1", "{\"name\":\"x\"}", 2), FAULT_NONE);
	assert_string_equal(backing_sql(backing, "select count(*) from thing"), "0");
	assert_int_equal(
		apply(backing, 2, "aftercare.own.created.v1", "{\"name\":\"x\",\"owner\":\"us\"}", 3), FAULT_NONE);
	assert_string_equal(row(backing), "x|X|t|3");
}

/* Each row is its own event's: its values, its revision, whether it is there. */
static void many_are_kept_together(void **state)
{
	struct backing *backing = *state;
	struct inbox_event events[] = {
		{ .type = "aftercare.thing.created.v1",
			.subject = OTHER,
			.revision = 5,
			.data_text = "{\"name\":\"bolt, \\\"big\\\"\",\"words\":[\"x\"]}" },
		{ .type = "aftercare.thing.changed.v1",
			.subject = THING,
			.revision = 6,
			.data_text = "{\"name\":\"old\"}" },
		{ .type = "aftercare.thing.removed.v1",
			.subject = GONE,
			.revision = 8,
			.data_text = "{\"name\":\"gone\",\"weight\":\"2\"}" },
	};

	assert_int_equal(apply(backing, 0, "aftercare.thing.changed.v1", "{\"name\":\"new\"}", 7), FAULT_NONE);
	assert_int_equal(apply_all(backing, 0, events, sizeof(events) / sizeof(events[0])), FAULT_NONE);
	assert_string_equal(backing_sql(backing,
				    "select string_agg(concat_ws('|', name, weight, words, active, revision), ' ' "
				    "order by revision) from thing"),
		"bolt, \"big\"|{x}|t|5 new|t|7 gone|2.000|f|8");
	assert_string_equal(
		backing_sql(backing, "select string_agg(name, ' ' order by name) from %s.followed", backing->service),
		"bolt, \"big\" gone new new");
	events[1].data_text = "{\"weight\":\"heavy\"}";
	events[1].revision = 9;
	events[0].revision = 9;
	assert_int_equal(apply_all(backing, 0, events, sizeof(events) / sizeof(events[0])), FAULT_INVALID);
	assert_string_equal(backing_sql(backing, "select max(revision) from thing"), "8");
}

static void what_does_not_fit_is_refused(void **state)
{
	struct backing *backing = *state;

	assert_int_equal(apply(backing, 0, "aftercare.thing.created.v1", "{\"weight\":\"1\"}", 1), FAULT_INVALID);
	assert_int_equal(apply(backing, 0, "aftercare.thing.created.v1", "{\"name\":\"x\",\"weight\":\"heavy\"}", 1),
		FAULT_INVALID);
	assert_string_equal(backing_sql(backing, "select count(*) from thing"), "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(columns_come_from_where_they_say, start, stop),
		cmocka_unit_test_setup_teardown(only_a_higher_revision_counts, start, stop),
		cmocka_unit_test_setup_teardown(what_is_gone_stays_out_of_use, start, stop),
		cmocka_unit_test_setup_teardown(only_what_is_wanted_is_kept, start, stop),
		cmocka_unit_test_setup_teardown(many_are_kept_together, start, stop),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, start, stop),
	};

	return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
