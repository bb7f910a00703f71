/* Schemas on a real PostgreSQL: how an empty one begins, how one goes on, what is refused, and when functions are replaced. */
#include "migrate.h"
#include "one_connection.h"

#include <stdlib.h>
#include <string.h>

static const struct migration schema[] = {
	{ 1, "things", "-",
		"create table {service}_data.probe (a int); create view {service}.probe as select a from {service}_data.probe;" },
	{ 2, "more", "-", "insert into {service}_data.probe values (1);" },
	{ .title = NULL },
};
static const struct migration none[] = { { .title = NULL } };
static const struct migration later[] = {
	{ 6, "sixth", "sum of 6", "alter table {service}_data.probe add b int; drop view if exists {service}.seen;" },
	{ .title = NULL },
};
/* The first calls the second, and that is of a view that comes behind it. */
static const struct migration functions[] = {
	{ 0, "first", "-",
		"create or replace function {service}.first() returns int language sql as $$ select {service}.second() $$;" },
	{ 0, "second", "-",
		"create or replace function {service}.second() returns int language sql as $$ select max(s.a) from {service}.seen s $$;"
		"revoke execute on function {service}.second() from public;"
		"create or replace view {service}.seen as select p.a from {service}.probe p;" },
	{ .title = NULL },
};
static const struct migration others[] = {
	{ 0, "first", "-",
		"create or replace function {service}.first() returns int language sql as $$ select -1 $$;" },
	{ .title = NULL },
};
static const struct migration broken[] = {
	{ 0, "first", "-",
		"create or replace function {service}.first() returns int language sql as $$ select -2 $$;" },
	{ 0, "second", "-", "create function nonsense" },
	{ .title = NULL },
};

/* The program at its versions: five migrations folded into a schema, a sixth behind it, other functions. */
#define BASELINE                                                                                                       \
	{                                                                                                              \
		5, "fifth", "v1", "sum of schema", schema                                                              \
	}

static const struct migration_set folded = { "probe", BASELINE, none, functions, "functions" };
static const struct migration_set grown = { "probe", BASELINE, later, functions, "functions" };
static const struct migration_set changed = { "probe", BASELINE, none, others, "others" };
static const struct migration_set halfway = { "probe", BASELINE, later, broken, "broken" };
static const struct migration_set faulty = { "probe", BASELINE, none, broken, "broken" };

struct outcome {
	enum fault fault;
	struct migrated done;
	const char *problem;
};

static struct outcome migrate(struct fixture *fixture, struct migration_set set)
{
	const struct migration_set sets[] = { set, { .name = NULL } };
	struct outcome outcome = { .problem = "" };

	outcome.fault = migrate_run(fixture->arena, &fixture->backing->admin, fixture->backing->service, sets,
		&outcome.done, &outcome.problem);
	return outcome;
}

static struct outcome check(struct fixture *fixture, struct migration_set set)
{
	const struct migration_set sets[] = { set, { .name = NULL } };
	struct outcome outcome = { .problem = "" };

	outcome.fault = migrate_check(fixture->arena, fixture->pool, fixture->backing->service, sets, &outcome.problem);
	return outcome;
}

static void done(struct outcome outcome, int migrations, bool replaced)
{
	assert_string_equal(outcome.problem, "");
	assert_int_equal(outcome.fault, FAULT_NONE);
	assert_int_equal(outcome.done.migrations, migrations);
	assert_int_equal(outcome.done.functions, replaced);
}

static void refused(struct outcome outcome, const char *problem)
{
	assert_int_equal(outcome.fault, FAULT_CONFLICT);
	assert_non_null(strstr(outcome.problem, problem));
}

static int first(struct fixture *fixture)
{
	return atoi(backing_sql(fixture->backing, "select %s.first()", fixture->backing->service));
}

/* As migrations that are no more had left it. */
static void folds_to_be(struct fixture *fixture, int last, const char *title)
{
	backing_sql(fixture->backing,
		"create table probe (a int); create view %1$s.probe as select a from probe; insert into probe values (1);"
		"alter table probe owner to %1$s_owner; alter view %1$s.probe owner to %1$s_owner;"
		"insert into migration (set_name, number, title, sha256) select 'probe', n, 'old', 'old' from generate_series(1, %2$d - 1) n;"
		"insert into migration (set_name, number, title, sha256) values ('probe', %2$d, '%3$s', 'old')",
		fixture->backing->service, last, title);
}

static void an_empty_one_begins_with_the_schema(void **state)
{
	struct fixture *fixture = *state;

	refused(check(fixture, folded), "--migrate");
	done(migrate(fixture, folded), 1, true);
	assert_int_equal(check(fixture, folded).fault, FAULT_NONE);
	assert_int_equal(first(fixture), 1);
	assert_string_equal(backing_sql(fixture->backing,
				    "select string_agg(number || title, ' ') from migration where set_name = 'probe' "
				    "and number > 0"),
		"5schema");
	done(migrate(fixture, folded), 0, false);
}

/* What a service's role may run is all that is in its schema, also what everybody else may not. */
static void functions_are_of_the_service(void **state)
{
	struct fixture *fixture = *state;
	const char *s = fixture->backing->service;

	done(migrate(fixture, folded), 1, true);
	assert_string_equal(backing_sql(fixture->backing,
				    "select has_function_privilege('%1$s', '%1$s.second()', 'execute') and not "
				    "has_function_privilege('public', '%1$s.second()', 'execute')",
				    s),
		"t");
}

static void functions_are_replaced_when_they_differ(void **state)
{
	struct fixture *fixture = *state;

	done(migrate(fixture, folded), 1, true);
	refused(check(fixture, changed), "functions");
	done(migrate(fixture, changed), 0, true);
	assert_int_equal(first(fixture), -1);
	refused(check(fixture, folded), "functions");
	done(migrate(fixture, folded), 0, true);
	assert_int_equal(first(fixture), 1);
}

static void functions_come_all_or_none(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	done(migrate(fixture, folded), 1, true);
	outcome = migrate(fixture, faulty);
	assert_int_equal(outcome.fault, FAULT_INTERNAL);
	assert_non_null(strstr(outcome.problem, "probe functions/second.sql: "));
	assert_int_equal(first(fixture), 1);
	assert_int_equal(check(fixture, folded).fault, FAULT_NONE);
}

/* Also where they did not change: the migration dropped one. */
static void functions_come_again_behind_a_migration(void **state)
{
	struct fixture *fixture = *state;

	done(migrate(fixture, folded), 1, true);
	refused(check(fixture, grown), "--migrate");
	done(migrate(fixture, grown), 1, true);
	assert_int_equal(first(fixture), 1);
	assert_int_equal(check(fixture, grown).fault, FAULT_NONE);
}

/* The migration stays, and what it dropped misses until functions come that are sound. */
static void nothing_starts_between_a_migration_and_its_functions(void **state)
{
	struct fixture *fixture = *state;

	done(migrate(fixture, folded), 1, true);
	assert_int_equal(migrate(fixture, halfway).fault, FAULT_INTERNAL);
	refused(check(fixture, grown), "functions");
	done(migrate(fixture, grown), 0, true);
	assert_int_equal(first(fixture), 1);
}

static void an_older_program_is_refused(void **state)
{
	struct fixture *fixture = *state;

	done(migrate(fixture, grown), 2, true);
	refused(check(fixture, folded), "older than the schema");
	refused(migrate(fixture, changed), "older than the schema");
	assert_int_equal(first(fixture), 1);
}

static void what_has_all_that_was_folded_goes_on(void **state)
{
	struct fixture *fixture = *state;

	folds_to_be(fixture, 5, "fifth");
	refused(check(fixture, folded), "functions");
	done(migrate(fixture, grown), 1, true);
	assert_int_equal(check(fixture, grown).fault, FAULT_NONE);
	assert_int_equal(first(fixture), 1);
}

static void what_has_less_goes_through_the_version_that_has_it(void **state)
{
	struct fixture *fixture = *state;

	folds_to_be(fixture, 4, "fourth");
	refused(migrate(fixture, folded),
		"probe stands at migration 0004, and this program goes on from 0005_fifth: run --migrate of version v1");
	refused(check(fixture, folded), "0004");
	assert_string_equal(
		backing_sql(fixture->backing, "select count(*) from migration where set_name = 'probe'"), "4");
}

static void what_has_another_is_refused(void **state)
{
	struct fixture *fixture = *state;

	folds_to_be(fixture, 5, "another");
	refused(migrate(fixture, folded), "probe schema was changed");
	backing_sql(fixture->backing, "update migration set title = 'fifth' where set_name = 'probe' and number = 5");
	done(migrate(fixture, grown), 1, true);
	backing_sql(
		fixture->backing, "update migration set sha256 = 'another' where set_name = 'probe' and number = 6");
	refused(migrate(fixture, grown), "0006_sixth was changed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_one_begins_with_the_schema),
		TEST(functions_are_of_the_service),
		TEST(functions_are_replaced_when_they_differ),
		TEST(functions_come_all_or_none),
		TEST(functions_come_again_behind_a_migration),
		TEST(nothing_starts_between_a_migration_and_its_functions),
		TEST(an_older_program_is_refused),
		TEST(what_has_all_that_was_folded_goes_on),
		TEST(what_has_less_goes_through_the_version_that_has_it),
		TEST(what_has_another_is_refused),
	};

	return cmocka_run_group_tests_name("migrations", tests, NULL, NULL);
}
