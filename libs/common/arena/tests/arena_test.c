#include "arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	unsigned char *pieces[300];
	size_t sizes[300];

	for (size_t i = 0; i < 300; i++) {
		sizes[i] = i * 37 % 5000 + 1; /* small ones, and large ones with blocks of their own */
		pieces[i] = arena_alloc(*state, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i % 255 + 1), sizes[i]);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], i % 255 + 1);
}

static void memory_is_zeroed_again_after_reset(void **state)
{
	for (int round = 0; round < 3; round++) {
		unsigned char *piece = arena_alloc(*state, 1000);

		for (int i = 0; i < 1000; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xAA, 1000);
		memset(arena_alloc(*state, ARENA_BLOCK_BYTES * 2), 0xBB, ARENA_BLOCK_BYTES * 2);
		assert_int_equal(arena_used(*state), 1000 + ARENA_BLOCK_BYTES * 2);
		arena_reset(*state);
		assert_int_equal(arena_used(*state), 0);
	}
}

static void what_grows_keeps_its_bytes(void **state)
{
	unsigned char *piece = NULL;
	unsigned char *neighbour = NULL;
	size_t size = 0;

	for (size_t larger = 1; larger <= ARENA_BLOCK_BYTES * 64; larger = larger * 3 / 2 + 1) {
		piece = arena_grow(*state, piece, size, larger);
		assert_int_equal((uintptr_t)piece % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(piece[i], i % 251);
		for (size_t i = size; i < larger; i++)
			piece[i] = (unsigned char)(i % 251);
		size = larger;
		if (neighbour)
			for (size_t i = 0; i < 100; i++)
				assert_int_equal(neighbour[i], 0xCC);
		neighbour = memset(arena_alloc(*state, 100), 0xCC, 100);
	}
}

static void what_grows_leaves_nothing_behind(void **state)
{
	size_t size = ARENA_BLOCK_BYTES * 2;
	char *piece = arena_alloc(*state, size);

	for (int i = 0; i < 8; i++, size *= 2)
		piece = arena_grow(*state, piece, size, size * 2);
	assert_int_equal(arena_used(*state), size);
}

static void nothing_is_something_too(void **state)
{
	assert_non_null(arena_alloc(*state, 0));
	assert_non_null(arena_array(*state, 0, 8));
}

static void strings_are_copied(void **state)
{
	char original[] = "original";
	char *copy = arena_strdup(*state, original);

	original[0] = 'X';
	assert_string_equal(copy, "original");
	assert_null(arena_strdup(*state, NULL));
	assert_string_equal(arena_strndup(*state, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(*state, "", 0), "");
	assert_memory_equal(arena_strndup(*state, "a\0b", 3), "a\0b", 4);
}

static void printf_fits_any_length(void **state)
{
	char *string = arena_printf(*state, "%05000d", 7);

	assert_int_equal(strlen(string), 5000);
	assert_int_equal(string[4999], '7');
	for (int length = 1000; length < 1050; length++) /* around where printing once ends */
		assert_int_equal(strlen(arena_printf(*state, "%0*d", length, 7)), length);
	assert_string_equal(arena_printf(*state, "%s-%d", "a", 1), "a-1");
}

struct trace {
	int count;
	int order[4];
};

static struct trace trace;

static void note(void *object)
{
	trace.order[trace.count++] = *(int *)object;
}

static void deferred_run_last_first_and_once(void **state)
{
	int *one = arena_alloc(*state, sizeof(int));
	int *two = arena_alloc(*state, sizeof(int));

	*one = 1;
	*two = 2;
	trace = (struct trace){ 0 };
	arena_defer(*state, note, one);
	arena_defer(*state, note, two);
	assert_int_equal(trace.count, 0);
	arena_reset(*state);
	assert_int_equal(trace.count, 2);
	assert_int_equal(trace.order[0], 2);
	assert_int_equal(trace.order[1], 1);
	arena_reset(*state);
	assert_int_equal(trace.count, 2);
}

static void free_runs_the_deferred(void **state)
{
	struct arena *arena = arena_new();
	static int three = 3;

	(void)state;
	trace = (struct trace){ 0 };
	arena_defer(arena, note, &three);
	arena_free(arena);
	assert_int_equal(trace.count, 1);
	arena_free(NULL);
}

/* Where every allocation is the sanitizer's own there is nothing left to look at. */
static void what_is_to_be_wiped_is(void **state)
{
	struct arena *arena = arena_new();
	char *first = arena_strdup(arena, "secret");
	bool shared = arena_strdup(arena, "another") - first < 64;

	(void)state;
	arena_wipe(arena);
	first = arena_grow(arena, arena_strdup(arena, "that grows"), sizeof("that grows"), ARENA_BLOCK_BYTES * 3);
	assert_string_equal(arena_grow(arena, first, ARENA_BLOCK_BYTES * 3, ARENA_BLOCK_BYTES * 6), "that grows");
	first = arena_strdup(arena, "a last one");
	arena_reset(arena);
	if (shared)
		assert_string_equal(first, "");
	arena_free(arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_is_zeroed_aligned_and_apart),
		TEST(memory_is_zeroed_again_after_reset),
		TEST(what_grows_keeps_its_bytes),
		TEST(what_grows_leaves_nothing_behind),
		TEST(nothing_is_something_too),
		TEST(strings_are_copied),
		TEST(printf_fits_any_length),
		TEST(deferred_run_last_first_and_once),
		cmocka_unit_test(free_runs_the_deferred),
		cmocka_unit_test(what_is_to_be_wiped_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
