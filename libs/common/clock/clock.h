/*
 * clock: time as the API spells it. Instants are milliseconds since 1970 in UTC; text is RFC 3339.
 * What the domain calls "now" is PostgreSQL's base.clock(), which tests can move; this clock is for logs, tokens and waits.
 */
#ifndef AFTERCARE_CLOCK_H
#define AFTERCARE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_TEXT 80 /* more than the text needs: room for what the compiler fears a struct tm could hold */

/* Unix time in milliseconds. */
int64_t clock_now(void);

/* Milliseconds of a clock that never jumps: for deadlines and durations. */
int64_t clock_monotonic(void);

/* The same in microseconds, for measuring a request. */
int64_t clock_monotonic_us(void);

/* When so many milliseconds will have passed, by CLOCK_MONOTONIC: for pthread_cond_clockwait and its like. */
struct timespec clock_after(int milliseconds);

/* Writes "2026-11-24T07:02:19.123Z"; returns text. */
const char *clock_format(int64_t milliseconds, char text[CLOCK_TEXT]);

/*
 * Reads RFC 3339 with its offset ("…Z", "…+02:00", at most 15:59 away; a fraction of up to nine digits, of which
 * milliseconds are kept). False when it is not one, names no real date, or lies outside the years 1900 to 9999;
 * *milliseconds is then untouched. What it takes PostgreSQL takes too.
 */
bool clock_parse(const char *text, int64_t *milliseconds) __attribute__((warn_unused_result));

/* Whether text is a real date, YYYY-MM-DD, of the years 1900 to 9999. */
bool clock_date_valid(const char *text);

#endif
