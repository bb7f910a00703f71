/*
 * The index of free fields as PostgreSQL keeps it: the order of terms is the order of values and a term tells its value, for
 * random values of every type; and a copy's index holds what definitions and values say, whichever comes first.
 */
#include "free_copy.h"

#include "arena.h"
#include "backing.h"
#include "free_field.h"
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENANT "018f0000-0000-7000-8000-000000000001"
#define PAIRS  20000
#define SEED   46

static int start(void **state)
{
	struct backing *backing = backing_start();

	/* Two owners: one whose definitions are its own, one that is a copy. */
	for (int i = 0; i < 2; i++) {
		backing_sql(backing,
			"create table %1$s_data.%2$s (tenant_id uuid not null, id uuid not null, x jsonb not null default '{}', "
			"primary key (tenant_id, id)); alter table %1$s_data.%2$s owner to %1$s_owner",
			backing->service, i ? "copy" : "owner");
		backing_sql(backing,
			"set role %1$s_owner; select %1$s_data.expose('%2$s'); "
			"select %1$s_data.expose_worker('%2$s', 'select, insert, update'); "
			"select %1$s_data.free_fields('%2$s', %3$s); reset role",
			backing->service, i ? "copy" : "owner", i ? "true" : "false");
	}
	backing_sql(backing,
		"select set_config('app.tenant', '" TENANT "', false), set_config('search_path', '%1$s_data, "
		"%1$s, base', false), setseed(0.46)",
		backing->service);
	*state = backing;
	return 0;
}

static int stop(void **state)
{
	backing_stop(*state);
	return 0;
}

/* How many of PAIRS random pairs break the rule `wrong` over a and b, made by the expression `value` of a seed s. */
static const char *broken(struct backing *backing, const char *value, const char *wrong)
{
	return backing_sql(backing,
		"with pairs as (select (select %1$s from (select random() as s, random() as s2, i) r) as a, "
		"(select %1$s from (select random() as s, random() as s2, i) r) as b from generate_series(1, %2$d) i) "
		"select count(*) || coalesce(': ' || min(a || ' | ' || b), '') from pairs where %3$s",
		value, PAIRS, wrong);
}

#define NUMBER                                                                                                            \
	"(round((r.s - 0.5)::numeric * (array[1, 10, 1000, 1000000000, 1999999999999999998])[1 + floor(r.s2 * 5)::int], " \
	"(r.i % 7)::int))::text"

static void numbers_are_in_order(void **state)
{
	/* Compared both ways, and what the term says after its sign is the value again. */
	static const char wrong[] =
		"(free_term(7, 'number', a) collate \"C\" < free_term(7, 'number', b) collate \"C\") <> (a::numeric < b::numeric) "
		"or (free_term(7, 'number', a) = free_term(7, 'number', b)) <> (a::numeric = b::numeric) "
		"or substr(free_term(7, 'number', a), 5)::numeric * 0.000001 - "
		"case substr(free_term(7, 'number', a), 4, 1) when 'n' then 1000000000000000000 else 0 end <> a::numeric "
		"or free_term(7, 'number', a) !~ '^07:[np][0-9]{24}$'";

	assert_string_equal(broken(*state, NUMBER, wrong), "0");
}

static void dates_are_in_order(void **state)
{
	assert_string_equal(
		broken(*state, "(date '0001-01-01' + (r.s * 3652058)::int)::text",
			"(free_term(46, 'date', a) collate \"C\" < free_term(46, 'date', b) collate \"C\") <> "
			"(a::date < b::date) or substr(free_term(46, 'date', a), 4)::date <> a::date"),
		"0");
}

/* Of letters, blanks, marks, signs of LIKE, and what lies beyond: folded, then by code point. */
#define TEXT                                                                                                           \
	"(select string_agg(substr('aAbBzZ 019.%_\\\\-èÈé' || chr(769) || 'ßЖжΩ漢字' || chr(128512), "        \
	"1 + floor(random() * 32)::int, 1), '') from generate_series(0, (r.s * 12)::int + 0 * r.i))"

static void texts_are_in_order(void **state)
{
	static const char wrong[] =
		"(free_term(1, 'text', a) collate \"C\" < free_term(1, 'text', b) collate \"C\") <> "
		"(base.fold(normalize(a)) collate \"C\" < base.fold(normalize(b)) collate \"C\") "
		"or substr(free_term(1, 'text', a), 4) <> base.fold(normalize(a)) "
		"or (free_term(1, 'text', a) ^@ free_prefix(1, b)) <> "
		"(base.fold(normalize(a)) ^@ lower(ltrim(normalize(b))))";

	assert_string_equal(broken(*state, TEXT, wrong), "0");
}

static void slots_keep_apart(void **state)
{
	assert_string_equal(
		backing_sql(*state,
			"select count(*) from generate_series(1, 99) s, unnest(array['', '~', chr(1114111)]) v "
			"where free_term(s, 'text', v) collate \"C\" < lpad(s::text, 2, '0') || ':' "
			"or free_term(s, 'text', v) collate \"C\" >= lpad(s::text, 2, '0') || ';'"),
		"0");
}

static void a_term_fits_the_index(void **state)
{
	struct backing *backing = *state;

	backing_sql(backing,
		"insert into owner_free_field (tenant_id, id, slot, label, type, required, personal, position, active) "
		"values ('" TENANT "', gen_random_uuid(), 9, 'L', 'text', false, false, 0, true)");
	/* Of characters that can't be compressed, four bytes each. */
	backing_sql(backing,
		"insert into owner (tenant_id, id, x) select '" TENANT "', gen_random_uuid(), jsonb_build_object('9', "
		"(select string_agg(chr(65536 + (random() * 900000)::int), '') from generate_series(1, 500)))");
	assert_string_equal(backing_sql(backing, "select count(*) from owner_free_term"), "1");
}

/* What the handler of the inbox does with an event. */
static void told(struct backing *backing, const char *verb, int revision, const char *data)
{
	struct arena *arena = arena_new();
	const char *problem = "";
	struct inbox_event event = {
		.arena = arena,
		.type = arena_printf(arena, "aftercare.copy_free_field.%s.v1", verb),
		.subject = "018f0000-0000-7000-8000-0000000000f1",
		.tenant = TENANT,
		.revision = revision,
		.data = json_read(arena, data, strlen(data), &problem),
		.data_text = data,
	};
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error = { 0 };
	struct pg_connection *connection = pg_open(arena, &backing->worker, &problem);

	assert_non_null(connection);
	pg_add_text(batch, "select set_config('app.tenant', '" TENANT "', true)", 0, NULL);
	pg_add_text(batch,
		arena_printf(arena, "select set_config('search_path', '%s_data, base', true)", backing->service), 0,
		NULL);
	assert_int_equal(free_copy_apply(&event, batch, &problem), FAULT_NONE);
	assert_int_equal(pg_execute_on(connection, batch, &error), FAULT_NONE);
	pg_close(connection);
	arena_free(arena);
}

#define DEFINITION(type, active)                                                                                       \
	"{\"slot\": 12, \"label\": \"L\", \"type\": \"" type                                                           \
	"\", \"required\": false, \"personal\": false, \"position\": 0, \"version\": 1, "                              \
	"\"active\": " active "}"
#define TERMS "select coalesce(string_agg(t.term, ' ' order by t.term), '') from copy_free_term t"

static void keep(struct backing *backing, const char *x)
{
	backing_sql(backing,
		"insert into copy (tenant_id, id, x) values ('" TENANT "', '" TENANT "', free_kept('copy', '" TENANT
		"', '%s')) "
		"on conflict (tenant_id, id) do update set x = excluded.x",
		x);
}

static void a_copy_knows_whichever_comes_first(void **state)
{
	struct backing *backing = *state;

	keep(backing, "{\"12\": \"5\", \"13\": \"unknown\"}");
	assert_string_equal(backing_sql(backing, TERMS), "");
	told(backing, "created", 1, DEFINITION("number", "true"));
	assert_string_equal(backing_sql(backing, TERMS), "12:p000000000000000005000000");
	keep(backing, "{\"12\": \"-5\"}");
	assert_string_equal(backing_sql(backing, TERMS), "12:n999999999999999995000000");
	told(backing, "changed", 3, DEFINITION("text", "true"));
	assert_string_equal(backing_sql(backing, TERMS), "12:-5");
	told(backing, "changed", 2, DEFINITION("number", "true")); /* late */
	assert_string_equal(backing_sql(backing, TERMS), "12:-5");
	/* What is hidden is not told, and kept; what is taken away is gone. */
	told(backing, "changed", 4, DEFINITION("text", "false"));
	keep(backing, "{}");
	assert_string_equal(backing_sql(backing, TERMS), "12:-5");
	told(backing, "changed", 5, DEFINITION("text", "true"));
	keep(backing, "{}");
	assert_string_equal(backing_sql(backing, TERMS), "");
	told(backing, "removed", 6, DEFINITION("text", "true"));
	assert_string_equal(backing_sql(backing, "select count(*) from copy_free_field"), "0");
}

static void a_definition_without_slot_is_none(void **state)
{
	struct arena *arena = arena_new();
	const char *problem = "";
	struct inbox_event event = {
		.arena = arena, .type = "aftercare.copy_free_field.changed.v1", .data = json_object()
	};

	(void)state;
	assert_int_equal(free_copy_apply(&event, pg_batch_new(arena), &problem), FAULT_INVALID);
	assert_non_null(strstr(problem, "slot"));
	json_decref(event.data);
	arena_free(arena);
}

/* Rows by their pattern of slots; and none once there are too many patterns to skip through. */
static void rows_lacking_a_slot_are_found_by_their_pattern(void **state)
{
	struct backing *backing = *state;

	backing_sql(backing,
		"insert into owner (tenant_id, id, x) select '" TENANT "', gen_random_uuid(), v::jsonb from "
		"unnest(array['{}', '{\"1\": \"a\"}', '{\"1\": \"a\", \"12\": \"b\"}', '{\"12\": \"b\"}', '{}']) v");
	assert_string_equal(backing_sql(backing, "select owner_free_lacking(12)"), "{\"\",01}");
	assert_string_equal(backing_sql(backing, "select owner_free_lacking(1)"), "{\"\",12}");
	assert_string_equal(backing_sql(backing, "select owner_free_lacking(99)"), "{\"\",01,01.12,12}");
	backing_sql(backing,
		"insert into owner (tenant_id, id, x) select '" TENANT "', gen_random_uuid(), (select "
		"jsonb_object_agg(s, true) from generate_series(2, 14) s where i & (1 << (s - 2)) > 0) "
		"from generate_series(1, 2100) i");
	assert_string_equal(
		backing_sql(backing, "select coalesce(owner_free_lacking(1)::text, 'too many')"), "too many");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_are_in_order, start, stop),
		cmocka_unit_test_setup_teardown(dates_are_in_order, start, stop),
		cmocka_unit_test_setup_teardown(texts_are_in_order, start, stop),
		cmocka_unit_test_setup_teardown(slots_keep_apart, start, stop),
		cmocka_unit_test_setup_teardown(a_term_fits_the_index, start, stop),
		cmocka_unit_test_setup_teardown(a_copy_knows_whichever_comes_first, start, stop),
		cmocka_unit_test(a_definition_without_slot_is_none),
		cmocka_unit_test_setup_teardown(rows_lacking_a_slot_are_found_by_their_pattern, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
