#include "turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <time.h>

#define WAIT_MS   30000 /* nobody waits that long here */
#define CLIENTS   8
#define ROUNDS    2000
#define THE_THING "70000000-0000-7000-8000-000000000001"

struct counted {
	struct turns turns;
	uint64_t things[2];
	long count[2]; /* not atomic: the turns are what keeps it right */
};

static void *count_up(void *context)
{
	struct counted *counted = context;

	for (int round = 0; round < ROUNDS; round++) {
		struct turn taken[3] = {
			{ .thing = counted->things[round % 2] },
			{ .thing = counted->things[(round + 1) % 2] },
			{ .thing = counted->things[0] },
		};
		size_t count = 3;

		if (turns_take(&counted->turns, taken, &count, WAIT_MS, NULL) != TURNS_TAKEN || count != 2)
			abort();
		counted->count[0]++;
		counted->count[1]++;
		turns_give(&counted->turns, taken, count);
	}
	return NULL;
}

static void one_at_a_time_whatever_the_order_they_are_named_in(void **state)
{
	static struct counted counted;
	pthread_t clients[CLIENTS];

	(void)state;
	turns_open(&counted.turns);
	counted.things[0] = turn_thing("a", THE_THING);
	counted.things[1] = turn_thing("b", THE_THING);
	assert_true(counted.things[0] != counted.things[1]);
	for (int i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&clients[i], NULL, count_up, &counted), 0);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(clients[i], NULL);
	assert_int_equal(counted.count[0], CLIENTS * ROUNDS);
	assert_int_equal(counted.count[1], CLIENTS * ROUNDS);
	turns_close(&counted.turns);
}

static void who_waits_too_long_holds_nothing(void **state)
{
	static struct turns turns;
	struct turn first[1] = { { .thing = 2 } };
	struct turn both[2] = { { .thing = 2 }, { .thing = 1 } };
	struct turn other[2] = { { .thing = 1 }, { .thing = 2 + TURN_QUEUES } };
	size_t one = 1;
	size_t two = 2;

	(void)state;
	turns_open(&turns);
	assert_int_equal(turns_take(&turns, first, &one, WAIT_MS, NULL), TURNS_TAKEN);
	assert_int_equal(turns_take(&turns, both, &two, 20, NULL), TURNS_LATE);
	two = 2;
	assert_int_equal(turns_take(&turns, other, &two, 20, NULL),
		TURNS_TAKEN); /* one of the same queue is another thing all the same */
	turns_give(&turns, other, two);
	turns_give(&turns, first, one);
	two = 2;
	assert_int_equal(turns_take(&turns, both, &two, WAIT_MS, NULL), TURNS_TAKEN);
	turns_give(&turns, both, two);
	turns_close(&turns);
}

static void the_turn_of_a_part_is_that_of_its_thing(void **state)
{
	static struct turns turns;
	struct turn thing[1] = { { .thing = 7 } };
	struct turn part[2] = { { .thing = 8 }, { .thing = 7 } };
	struct turn unknown[1] = { { .thing = 8 + TURN_PARTS } };
	size_t one = 1;
	size_t two = 2;

	(void)state;
	turns_open(&turns);
	turns_remember(&turns, &(struct turn_part){ .part = 8, .thing = 7 });
	assert_int_equal(turns_take(&turns, part, &two, WAIT_MS, NULL), TURNS_TAKEN);
	assert_int_equal(two, 1);
	assert_int_equal(part[0].thing, 7);
	assert_int_equal(turns_take(&turns, thing, &one, 20, NULL), TURNS_LATE);
	/* One that would be kept in the same place, but was never told of. */
	assert_int_equal(turns_take(&turns, unknown, &one, WAIT_MS, NULL), TURNS_TAKEN);
	turns_give(&turns, unknown, one);
	turns_give(&turns, part, two);
	turns_close(&turns);
}

#define RIDERS 3

struct ride {
	struct turns *turns;
	size_t things; /* it wants */
	enum turns_end end;
};

static void *ride_along(void *context)
{
	struct ride *ride = context;
	struct turn taken[2] = { { .thing = 1 }, { .thing = 2 } };

	ride->end = turns_take(ride->turns, taken, &ride->things, WAIT_MS, ride);
	if (ride->end == TURNS_TAKEN)
		turns_give(ride->turns, taken, ride->things);
	return NULL;
}

/* The rides behind a turn, once all are in the queue. */
static size_t carry_all(struct turns *turns, const struct turn *turn, struct ride *carried[], size_t wanted)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	size_t count = 0;

	while (count < wanted) {
		count += turns_carry(turns, turn, carried + count, wanted - count);
		nanosleep(&pause, NULL);
	}
	return count;
}

static void who_waits_for_the_same_alone_is_carried(void **state)
{
	static struct turns turns;
	struct turn first[1] = { { .thing = 1 } };
	struct ride *carried[RIDERS + 1];
	struct ride rides[RIDERS + 1];
	pthread_t threads[RIDERS + 1];
	size_t one = 1;

	(void)state;
	turns_open(&turns);
	assert_int_equal(turns_take(&turns, first, &one, WAIT_MS, NULL), TURNS_TAKEN);
	for (int i = 0; i <= RIDERS; i++) {
		rides[i] = (struct ride){ &turns, i < RIDERS ? 1 : 2, TURNS_LATE };
		assert_int_equal(pthread_create(&threads[i], NULL, ride_along, &rides[i]), 0);
		if (i < RIDERS) /* one after the other, so that the one who wants two things is the last */
			assert_int_equal(carry_all(&turns, first, carried + i, 1), 1);
	}
	assert_int_equal(turns_carry(&turns, first, carried, RIDERS), 0);
	turns_give(&turns, first, one);
	for (int i = 0; i <= RIDERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < RIDERS; i++) {
		assert_ptr_equal(carried[i], &rides[i]);
		assert_int_equal(rides[i].end, TURNS_CARRIED);
	}
	assert_int_equal(rides[RIDERS].end, TURNS_TAKEN);
	turns_close(&turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_at_a_time_whatever_the_order_they_are_named_in),
		cmocka_unit_test(who_waits_too_long_holds_nothing),
		cmocka_unit_test(the_turn_of_a_part_is_that_of_its_thing),
		cmocka_unit_test(who_waits_for_the_same_alone_is_carried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
