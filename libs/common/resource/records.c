#include "records.h"

#include <string.h>

static void record_end(struct records *records)
{
	records->records += records->said;
	records->said = false;
	records->in_cell = false;
	records->quoted = false;
}

/* Takes a byte that doesn't end the record. A quote opens a cell as its first byte, and closes it; "" is one inside. */
static void byte_take(struct records *records, char c)
{
	bool reopens = records->closed;

	records->said |= c != '\r';
	records->closed = false;
	if (!records->separator)
		return;
	if (c == '"' && (records->quoted || !records->in_cell || reopens)) {
		records->quoted = !records->quoted;
		records->closed = !records->quoted;
	}
	records->in_cell = records->quoted || c != records->separator;
}

char records_separator(const char *bytes, size_t length)
{
	bool semicolon = false;

	for (size_t i = 0; i < length && bytes[i] != '\n'; i++) {
		if (bytes[i] == ',')
			return ',';
		semicolon |= bytes[i] == ';';
	}
	return semicolon ? ';' : ',';
}

size_t records_mark(const char *bytes, size_t length)
{
	return length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

size_t records_next(struct records *records, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		records->lines += bytes[i] == '\n';
		if (bytes[i] == '\n' && !records->quoted) {
			record_end(records);
			return i + 1;
		}
		byte_take(records, bytes[i]);
	}
	return 0;
}

void records_skip(struct records *records, const char *bytes, size_t length)
{
	size_t taken = 0;
	size_t next;

	while ((next = records_next(records, bytes + taken, length - taken)) > 0)
		taken += next;
}

void records_end(struct records *records)
{
	record_end(records);
}
