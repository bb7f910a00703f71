#include "print.h"

#include "arena.h"
#include "beside.h"
#include "clock.h"
#include "frame.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEND_BYTES ((size_t)64 * 1024) /* are gathered before they are sent */
#define TAKE_BYTES ((size_t)64 * 1024)

struct print {
	struct arena *scratch; /* of one frame */
	struct text out;       /* not sent yet */
	pid_t printer;         /* 0: it has ended, or could not begin */
	int socket;
	size_t columns; /* of the table at hand */
	bool failed;
	bool busy; /* no printer came free */
};

static pthread_once_t ready_once = PTHREAD_ONCE_INIT;
static sem_t printers;

static void ready_make(void)
{
	if (sem_init(&printers, 0, PRINTERS_MAX) != 0)
		abort();
}

/* Waits for one of the places to print in; false when none came free in time. */
static bool printer_take(void)
{
	struct timespec until = clock_after(PRINT_WAIT_MS);

	pthread_once(&ready_once, ready_make);
	while (sem_clockwait(&printers, CLOCK_MONOTONIC, &until) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

/* Ends the printer, and waits for it; whether it did all its work. */
static bool printer_end(struct print *print, bool insist)
{
	int status = 0;
	pid_t ended;

	if (!print->printer)
		return false;
	if (insist)
		kill(print->printer, SIGKILL);
	close(print->socket);
	do
		ended = waitpid(print->printer, &status, 0);
	while (ended < 0 && errno == EINTR);
	print->printer = 0;
	sem_post(&printers);
	return ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static void release(void *context)
{
	struct print *print = context;

	printer_end(print, true);
	arena_free(print->scratch);
}

/* Of the environment the printer gets what its libraries and sanitizers look for; not what configures a service. */
static bool is_for_printers(const char *variable)
{
	static const char *const beginnings[] = { "ASAN_", "UBSAN_", "TSAN_", "LSAN_", "FONTCONFIG_", "XDG_",
		"HOME=", "PATH=", "LANG=", NULL };

	for (const char *const *beginning = beginnings; *beginning; beginning++)
		if (text_starts(variable, *beginning))
			return true;
	return false;
}

static char **environment_of(struct arena *arena)
{
	size_t count = 0;
	char **variables;

	while (environ[count])
		count++;
	variables = arena_array(arena, count + 1, sizeof(*variables));
	count = 0;
	for (char **variable = environ; *variable; variable++)
		if (is_for_printers(*variable))
			variables[count++] = *variable;
	return variables;
}

/* Starts the printer with a socket as its standard input and output, and nothing else of what is open here. */
static bool printer_begin(struct print *print, const char *path, int end)
{
	char *const arguments[] = { (char *)(uintptr_t)path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGPIPE); /* which services ignore */
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(&print->printer, path, &actions, &attributes, arguments, environment_of(print->scratch));
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		print->printer = 0;
	return error == 0;
}

static bool printer_open(struct print *print)
{
	const struct timeval patience = { .tv_sec = PRINT_ANSWER_SECONDS };
	char path[PATH_MAX];
	int ends[2];
	bool begun;

	if (!beside(path, PRINT_PRINTER) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	print->socket = ends[0];
	print->busy = !printer_take();
	begun = !print->busy && printer_begin(print, path, ends[1]);
	close(ends[1]);
	if (!begun)
		close(ends[0]);
	if (!begun && !print->busy)
		sem_post(&printers);
	return begun;
}

static void out_send(struct print *print)
{
	const char *bytes = text_c(&print->out);
	size_t left = print->out.length;

	print->failed = print->failed || print->out.full;
	while (!print->failed && left) {
		ssize_t sent = send(print->socket, bytes, left, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		print->failed = sent <= 0;
		bytes += sent > 0 ? sent : 0;
		left -= sent > 0 ? (size_t)sent : 0;
	}
	text_clear(&print->out);
}

static void tell(struct print *print, const struct frame *frame)
{
	if (print->failed)
		return;
	frame_write(&print->out, frame);
	if (print->out.full || print->out.length >= SEND_BYTES)
		out_send(print);
	arena_reset(print->scratch);
}

static ssize_t answer_read(const struct print *print, char *bytes, size_t size)
{
	ssize_t got;

	do
		got = recv(print->socket, bytes, size, 0);
	while (got < 0 && errno == EINTR);
	return got;
}

struct print *print_new(struct arena *arena, const struct print_page *page)
{
	struct print *print = arena_alloc(arena, sizeof(*print));
	struct frame frame = { .kind = FRAME_PAGE };

	print->scratch = arena_new();
	print->out = text_new(arena, FRAME_BYTES_MAX);
	print->failed = !printer_open(print);
	arena_defer(arena, release, print);
	frame_add_number(&frame, print->scratch, page->landscape);
	frame_add(&frame, page->title);
	frame_add(&frame, page->footer);
	frame_add(&frame, page->page);
	frame_add(&frame, page->of);
	frame_add(&frame, page->across);
	tell(print, &frame);
	return print;
}

void print_text(struct print *print, const char *text)
{
	print->columns = 0;
	tell(print, &(struct frame){ FRAME_TEXT, 1, { text } });
}

void print_blocks(struct print *print, const struct print_block blocks[], size_t count)
{
	struct frame frame = { .kind = FRAME_BLOCKS };

	for (size_t i = 0; i < count && i < PRINT_BLOCKS_MAX; i++) {
		frame_add(&frame, blocks[i].label);
		frame_add(&frame, blocks[i].text);
		frame_add_number(&frame, print->scratch, blocks[i].sign);
	}
	tell(print, &frame);
}

void print_table(struct print *print, const struct print_column columns[], size_t count)
{
	struct frame frame = { .kind = FRAME_TABLE };

	for (size_t i = 0; i < count && i < PRINT_COLUMNS_MAX; i++) {
		frame_add(&frame, columns[i].title);
		frame_add_number(&frame, print->scratch, columns[i].share);
		frame_add_number(&frame, print->scratch, columns[i].right);
		frame_add_number(&frame, print->scratch, columns[i].lines);
	}
	print->columns = count < PRINT_COLUMNS_MAX ? count : PRINT_COLUMNS_MAX;
	tell(print, &frame);
}

void print_row(struct print *print, const char *const cells[])
{
	struct frame frame = { .kind = FRAME_ROW };

	for (size_t i = 0; i < print->columns; i++)
		frame_add(&frame, cells[i]);
	tell(print, &frame);
}

bool print_full(struct print *print)
{
	char answer = FRAME_ROOM;

	tell(print, &(struct frame){ .kind = FRAME_ASK });
	out_send(print);
	if (!print->failed && answer_read(print, &answer, 1) != 1)
		print->failed = true;
	return answer == FRAME_FULL;
}

enum fault print_end(struct print *print, print_take take, void *context)
{
	char *bytes;
	enum fault fault = FAULT_NONE;
	ssize_t got = 0;
	bool done;

	tell(print, &(struct frame){ .kind = FRAME_END });
	out_send(print);
	bytes = arena_alloc(print->scratch, TAKE_BYTES);
	while (!print->failed && !fault && (got = answer_read(print, bytes, TAKE_BYTES)) > 0)
		fault = take(context, bytes, (size_t)got);
	done = printer_end(print, fault || print->failed || got < 0);
	if (!done && !fault)
		fault = print->busy ? FAULT_BUSY : FAULT_INTERNAL;
	return fault;
}
