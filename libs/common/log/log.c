#include "log.h"

#include "arena.h"
#include "clock.h"
#include "text.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = { "debug", "info", "warning", "error" };

/* Set once by log_open before threads start; read only afterwards. */
static const char *log_service = "-";
static enum log_level log_lowest = LOG_INFO;

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

	text_addf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"service\":", clock_format(clock_now(), now),
		level_names[level]);
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

void log_write(enum log_level level, const char *message, ...)
{
	struct arena *arena;
	struct text line;
	va_list arguments;
	ssize_t written;

	if (!log_wants(level))
		return;
	arena = arena_new();
	line = text_new(arena, LOG_LINE_MAX);
	head_add(&line, level, message);
	va_start(arguments, message);
	pairs_add(&line, arguments);
	va_end(arguments);
	if (line.full) {
		line = text_new(arena, LOG_LINE_MAX);
		head_add(&line, level, "a log line was too long and was cut");
	}
	text_add(&line, "}\n");
	written = write(STDERR_FILENO, text_c(&line), line.length);
	(void)written; /* nowhere left to complain */
	arena_free(arena);
}
