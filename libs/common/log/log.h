/*
 * log: one JSON object a line on stderr. Thread safe: lines are whole, and in the order of their writing.
 *
 * Libraries below the boundary don't log, they return faults; the server, the workers and main do, once, with the
 * request id. Values of pairs are strings; keys starting with '#' hold a number or literal, written without quotes.
 *
 *	log_write(LOG_INFO, "started", "service", "calls", "#port", "7101", NULL);
 */
#ifndef AFTERCARE_LOG_H
#define AFTERCARE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_LINE_MAX     16384 /* bytes of a line; a longer one is cut to a shorter message that says so */
#define LOG_GATHER_BYTES ((size_t)64 * 1024)
#define LOG_GATHER_MS    50

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Sets what every line carries (borrowed) and the lowest level written. Call once, before threads start. */
void log_open(const char *service, enum log_level level);

/* The level of a name (debug, info, warning, error); false when it is none of them. */
bool log_level_parse(const char *name, enum log_level *level) __attribute__((warn_unused_result));

/*
 * From here on lines below a warning are gathered, and written together within LOG_GATHER_MS, or when there are
 * LOG_GATHER_BYTES of them; a warning or an error is written at once, behind those before it. For a service, whose line for
 * each request would else be a write for each. Who is killed loses what was gathered. log_gather_stop writes the rest, and
 * later lines one by one.
 */
void log_gather_start(void);
void log_gather_stop(void);

/* Whether lines of this level are written: to spare the work of making one. */
bool log_wants(enum log_level level);

/* Writes time, level, service, message and the pairs of key and value up to NULL. A NULL value is null. */
void log_write(enum log_level level, const char *message, ...) __attribute__((sentinel));

#endif
