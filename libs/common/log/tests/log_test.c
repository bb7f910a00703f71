#include "log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS  4
#define LINES    500 /* of a thread: together more than LOG_GATHER_BYTES */
#define WAITS_MS 30000

/* Standard error is a file of our own while a test runs. */
struct fixture {
	FILE *file;
	int kept;
};

static int start(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .file = tmpfile(), .kept = dup(STDERR_FILENO) };
	assert_non_null(fixture.file);
	assert_int_equal(fcntl(fileno(fixture.file), F_SETFL, O_APPEND), 0); /* whoever reads moves the place */
	assert_true(dup2(fileno(fixture.file), STDERR_FILENO) >= 0);
	log_open("test", LOG_INFO);
	log_gather_start();
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;

	dup2(fixture->kept, STDERR_FILENO);
	close(fixture->kept);
	fclose(fixture->file);
	return 0;
}

/* How often a text stands in what was written so far. */
static size_t written(const struct fixture *fixture, const char *text)
{
	char line[LOG_LINE_MAX];
	size_t count = 0;
	FILE *file = fdopen(dup(fileno(fixture->file)), "r");

	assert_non_null(file);
	rewind(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, text) != NULL;
	fclose(file);
	return count;
}

static void gathered_lines_come_soon(void **state)
{
	log_write(LOG_INFO, "first", NULL);
	for (int waited = 0; waited < WAITS_MS && written(*state, "first") == 0; waited++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_int_equal(written(*state, "first"), 1);
	log_gather_stop();
}

static void a_warning_is_written_at_once_behind_what_came_before(void **state)
{
	const struct fixture *fixture = *state;

	log_write(LOG_INFO, "before", NULL);
	log_write(LOG_WARNING, "warning", NULL);
	assert_int_equal(written(fixture, "before"), 1);
	assert_int_equal(written(fixture, "warning"), 1);
	log_gather_stop();
}

static void *chatter(void *name)
{
	for (int i = 0; i < LINES; i++)
		log_write(LOG_INFO, "chatter", "who", name, NULL);
	return NULL;
}

/* Each is whole, and the end writes what is left. */
static void lines_of_all_threads_are_there_at_the_end(void **state)
{
	static char names[THREADS][2] = { "a", "b", "c", "d" };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, chatter, names[i]), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	log_gather_stop();
	for (int i = 0; i < THREADS; i++) {
		char end[] = "\"message\":\"chatter\",\"who\":\"?\"}\n";

		*strchr(end, '?') = names[i][0];
		assert_int_equal(written(*state, end), LINES);
	}
	log_write(LOG_INFO, "later", NULL);
	assert_int_equal(written(*state, "later"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gathered_lines_come_soon, start, stop),
		cmocka_unit_test_setup_teardown(a_warning_is_written_at_once_behind_what_came_before, start, stop),
		cmocka_unit_test_setup_teardown(lines_of_all_threads_are_there_at_the_end, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
