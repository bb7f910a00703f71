#include "log.h"

#include "arena.h"
#include "clock.h"
#include "text.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = { "debug", "info", "warning", "error" };

/* Set once by log_open before threads start; read only afterwards. */
static const char *log_service = "-";
static enum log_level log_lowest = LOG_INFO;

_Static_assert(LOG_GATHER_BYTES > LOG_LINE_MAX, "any line can be gathered");

/* What waits to be written; while it is not open, nothing does. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t some; /* to write, or the end */
	pthread_t writer;
	bool open;
	size_t length;
	char bytes[LOG_GATHER_BYTES];
} gathered = { .lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER };

void log_open(const char *service, enum log_level level)
{
	log_service = service;
	log_lowest = level;
}

bool log_level_parse(const char *name, enum log_level *level)
{
	for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

bool log_wants(enum log_level level)
{
	return level >= log_lowest;
}

static void head_add(struct text *line, enum log_level level, const char *message)
{
	char now[CLOCK_TEXT];

	text_add(line, "{\"time\":\"");
	text_add(line, clock_format(clock_now(), now));
	text_add(line, "\",\"level\":\"");
	text_add(line, level_names[level]);
	text_add(line, "\",\"service\":");
	text_add_json(line, log_service);
	text_add(line, ",\"message\":");
	text_add_json(line, message);
}

static void pairs_add(struct text *line, va_list arguments)
{
	const char *key;

	while ((key = va_arg(arguments, const char *))) {
		const char *value = va_arg(arguments, const char *);
		bool literal = key[0] == '#';

		text_add_char(line, ',');
		text_add_json(line, literal ? key + 1 : key);
		text_add_char(line, ':');
		if (literal && value)
			text_add(line, value);
		else
			text_add_json(line, value);
	}
}

static void bytes_write(const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(STDERR_FILENO, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return; /* nowhere left to complain */
		bytes += written;
		length -= (size_t)written;
	}
}

/* The lock is held. */
static void gathered_write(void)
{
	if (gathered.length)
		bytes_write(gathered.bytes, gathered.length);
	gathered.length = 0;
}

static void line_write(enum log_level level, const struct text *line)
{
	pthread_mutex_lock(&gathered.lock);
	if (gathered.length + line->length > LOG_GATHER_BYTES || level >= LOG_WARNING)
		gathered_write();
	if (gathered.open && level < LOG_WARNING) {
		if (gathered.length == 0)
			pthread_cond_signal(&gathered.some);
		memcpy(gathered.bytes + gathered.length, text_c(line), line->length);
		gathered.length += line->length;
	} else {
		bytes_write(text_c(line), line->length);
	}
	pthread_mutex_unlock(&gathered.lock);
}

/* Sleeps until there is something to write, gives others the time to add to it, and writes all together. */
static void *gathered_run(void *context)
{
	const struct timespec pause = { .tv_nsec = (long)LOG_GATHER_MS * 1000000 };

	(void)context;
	pthread_mutex_lock(&gathered.lock);
	while (gathered.open) {
		while (gathered.open && gathered.length == 0)
			pthread_cond_wait(&gathered.some, &gathered.lock);
		pthread_mutex_unlock(&gathered.lock);
		nanosleep(&pause, NULL);
		pthread_mutex_lock(&gathered.lock);
		gathered_write();
	}
	gathered_write(); /* when the end came before this thread began */
	pthread_mutex_unlock(&gathered.lock);
	return NULL;
}

void log_gather_start(void)
{
	gathered.open = true;
	if (pthread_create(&gathered.writer, NULL, gathered_run, NULL) != 0)
		abort(); /* no threads at the start */
}

void log_gather_stop(void)
{
	pthread_mutex_lock(&gathered.lock);
	gathered.open = false;
	pthread_cond_signal(&gathered.some);
	pthread_mutex_unlock(&gathered.lock);
	pthread_join(gathered.writer, NULL);
}

void log_write(enum log_level level, const char *message, ...)
{
	struct arena *arena;
	struct text line;
	va_list arguments;

	if (!log_wants(level))
		return;
	arena = arena_new();
	line = text_new(arena, LOG_LINE_MAX);
	head_add(&line, level, message);
	va_start(arguments, message);
	pairs_add(&line, arguments);
	va_end(arguments);
	text_add(&line, "}\n");
	if (line.full) {
		line = text_new(arena, LOG_LINE_MAX);
		head_add(&line, level, "a log line was too long and was cut");
		text_add(&line, "}\n");
	}
	line_write(level, &line);
	arena_free(arena);
}
