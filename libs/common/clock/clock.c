#include "clock.h"

#include <stdio.h>
#include <string.h>

#define YEAR_MIN     1900
#define YEAR_MAX     9999
#define FRACTION_MAX 9             /* digits behind the point */
#define OFFSET_MAX   15            /* hours; PostgreSQL takes no more, and no place on earth has */
#define FIRST_SECOND (-2208988800) /* 1900-01-01T00:00:00Z */
#define LAST_SECOND  253402300799  /* 9999-12-31T23:59:59Z */

int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic(void)
{
	return clock_monotonic_us() / 1000;
}

struct timespec clock_after(int milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return until;
}

/* A number with its zeros in front and what stands behind it; returns the place behind that. */
static char *part_write(char *at, int value, int digits, char behind)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	at[digits] = behind;
	return at + digits + 1;
}

const char *clock_format(int64_t milliseconds, char text[CLOCK_TEXT])
{
	char *at = text;
	time_t seconds = (time_t)(milliseconds / 1000);
	int rest = (int)(milliseconds % 1000);
	struct tm tm;

	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	at = part_write(at, tm.tm_year + 1900, 4, '-');
	at = part_write(at, tm.tm_mon + 1, 2, '-');
	at = part_write(at, tm.tm_mday, 2, 'T');
	at = part_write(at, tm.tm_hour, 2, ':');
	at = part_write(at, tm.tm_min, 2, ':');
	at = part_write(at, tm.tm_sec, 2, '.');
	at = part_write(at, rest, 3, 'Z');
	*at = '\0';
	return text;
}

/* Reads exactly `digits` digits, moves *at behind them; -1 when they aren't there. */
static int digits_read(const char **at, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool char_read(const char **at, char expected)
{
	if (**at != expected)
		return false;
	(*at)++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool date_read(const char **at, struct tm *tm)
{
	int year = digits_read(at, 4);
	int month = char_read(at, '-') ? digits_read(at, 2) : -1;
	int day = month > 0 && char_read(at, '-') ? digits_read(at, 2) : -1;

	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
		day > days_in_month(year, month))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

static bool time_read(const char **at, struct tm *tm, int *milliseconds)
{
	int scale = 100;
	int digits = 0;

	tm->tm_hour = digits_read(at, 2);
	tm->tm_min = char_read(at, ':') ? digits_read(at, 2) : -1;
	tm->tm_sec = tm->tm_min >= 0 && char_read(at, ':') ? digits_read(at, 2) : -1;
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 || tm->tm_sec < 0 ||
		tm->tm_sec > 59)
		return false;
	*milliseconds = 0;
	if (!char_read(at, '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10, digits++)
		*milliseconds += (**at - '0') * scale;
	return digits <= FRACTION_MAX;
}

/* The offset in minutes east of UTC; false when there is none. */
static bool offset_read(const char **at, int *minutes)
{
	int sign;
	int hours;
	int rest;

	if (char_read(at, 'Z') || char_read(at, 'z')) {
		*minutes = 0;
		return true;
	}
	sign = char_read(at, '+') ? 1 : char_read(at, '-') ? -1 : 0;
	hours = sign ? digits_read(at, 2) : -1;
	rest = hours >= 0 && char_read(at, ':') ? digits_read(at, 2) : -1;
	if (hours < 0 || hours > OFFSET_MAX || rest < 0 || rest > 59)
		return false;
	*minutes = sign * (hours * 60 + rest);
	return true;
}

bool clock_parse(const char *text, int64_t *milliseconds)
{
	struct tm tm = { 0 };
	int fraction;
	int offset;
	int64_t seconds;

	if (!date_read(&text, &tm))
		return false;
	if (!char_read(&text, 'T') && !char_read(&text, 't') && !char_read(&text, ' '))
		return false;
	if (!time_read(&text, &tm, &fraction) || !offset_read(&text, &offset) || *text)
		return false;
	seconds = (int64_t)timegm(&tm) - (int64_t)offset * 60;
	if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
		return false; /* the offset moved it out of the years */
	*milliseconds = seconds * 1000 + fraction;
	return true;
}

bool clock_date_valid(const char *text)
{
	struct tm tm = { 0 };

	return date_read(&text, &tm) && *text == '\0';
}
