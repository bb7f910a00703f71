/*
 * records: where the records of a text end that comes in pieces: lines of NDJSON, records of CSV (RFC 4180), whose quoted
 * cells may hold line ends. Cuts only; what is in a record csv and json read.
 */
#ifndef AFTERCARE_RECORDS_H
#define AFTERCARE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Where one is in the text; all zero but the separator at its beginning. */
struct records {
	char separator; /* of the cells of CSV; zero: lines of NDJSON */
	bool quoted;    /* inside a quoted cell */
	bool in_cell;   /* behind the first byte of a cell */
	bool closed;    /* behind a quote that closed a cell, unless another follows */
	bool said;      /* the record has more than its end of line */
	size_t lines;   /* ends of line so far: an editor counts one more */
	size_t records; /* so far, empty lines left out */
};

/*
 * What separates the cells of CSV that begins so: spreadsheets write semicolons where the comma is the decimal point, as in
 * Italy. A header with commas is separated by them.
 */
char records_separator(const char *bytes, size_t length);

/* The bytes of a byte order mark, as spreadsheets write it, at the beginning of a text: to be passed over. */
size_t records_mark(const char *bytes, size_t length);

/*
 * The bytes up to and with the end of the record at hand, or 0 when its end isn't among them; all of them are then behind
 * it. Go on with the bytes that follow.
 */
size_t records_next(struct records *records, const char *bytes, size_t length);

/* Takes all of the bytes, whatever ends in them. */
void records_skip(struct records *records, const char *bytes, size_t length);

/* Counts a last record without an end of line. */
void records_end(struct records *records);

#endif
