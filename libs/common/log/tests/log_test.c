#include "log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS  4
#define LINES    500 /* of a thread: together more than LOG_GATHER_BYTES */
#define WAITS_MS 30000

#define LINES_TO_PIPE 40 /* of half a LOG_LINE_MAX: more than a pipe holds */

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
	char line[LOG_LINE_MAX + 1];
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

/* How a line ends does not depend on how much of its room the rest of it took. */
static void a_line_that_fills_its_room_ends_like_others(void **state)
{
	char value[LOG_LINE_MAX + 1];

	for (size_t length = LOG_LINE_MAX - 200; length <= LOG_LINE_MAX; length++) {
		memset(value, 'x', length);
		value[length] = '\0';
		log_write(LOG_INFO, "long", "value", value, NULL);
	}
	log_gather_stop();
	assert_int_equal(written(*state, "\"message\":\"long\"") + written(*state, "too long and was cut"), 201);
	assert_int_equal(written(*state, "}\n"), 201);
}

static void ignore(int signal)
{
	(void)signal;
}

static void *slow_read(void *context)
{
	static char bytes[LOG_GATHER_BYTES];
	size_t *total = context;
	ssize_t got;

	while ((got = read((int)total[1], bytes, 512)) != 0) {
		total[0] += got > 0 ? (size_t)got : 0;
		nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	}
	return NULL;
}

/* Into a full pipe a write goes piece by piece, and a signal ends it in the middle. */
static void what_a_signal_interrupts_is_written_to_its_end(void **state)
{
	const struct sigaction action = { .sa_handler = ignore };
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct fixture *fixture = *state;
	size_t total[2] = { 0 };
	char value[LOG_LINE_MAX / 2];
	int ends[2];
	pthread_t reader;
	sigset_t alarm;
	sigset_t before;

	log_gather_stop();
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(pipe(ends), 0);
	total[1] = (size_t)ends[0];
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, &before); /* of the reader */
	assert_int_equal(pthread_create(&reader, NULL, slow_read, total), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < LINES_TO_PIPE; i++)
		log_write(LOG_WARNING, "long", "value", value, NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	dup2(fileno(fixture->file), STDERR_FILENO);
	pthread_join(reader, NULL);
	close(ends[0]);
	log_write(LOG_WARNING, "long", "value", value, NULL);
	assert_int_equal(written(fixture, value), 1);
	fseek(fixture->file, 0, SEEK_END);
	assert_int_equal(total[0], (size_t)ftell(fixture->file) * LINES_TO_PIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gathered_lines_come_soon, start, stop),
		cmocka_unit_test_setup_teardown(a_warning_is_written_at_once_behind_what_came_before, start, stop),
		cmocka_unit_test_setup_teardown(lines_of_all_threads_are_there_at_the_end, start, stop),
		cmocka_unit_test_setup_teardown(a_line_that_fills_its_room_ends_like_others, start, stop),
		cmocka_unit_test_setup_teardown(what_a_signal_interrupts_is_written_to_its_end, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
