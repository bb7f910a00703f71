/*
 * csv: a CSV body (RFC 4180, UTF-8, header line) as JSON objects by a field table. Cells are separated by
 * commas, or by semicolons when the header's are. Column names are field names; address.city reaches into an object; no column
 * comes twice. An empty cell is absent. Cells of other types than text become what their field says; what does not fit stays
 * text, so that the field table refuses it by name.
 */
#ifndef AFTERCARE_CSV_H
#define AFTERCARE_CSV_H

#include "field.h"

#define CSV_COLUMNS_MAX 200
#define CSV_CELL_MAX    ((size_t)64 * 1024)

/* The column that one of the header stands for, NULL to pass it over. */
typedef const char *(*csv_name)(void *context, const char *column);

/* The header line. */
struct csv_header {
	const char *columns[CSV_COLUMNS_MAX]; /* NULL: one that is passed over */
	int count;
	char separator; /* of its cells and those below */
	size_t length;  /* bytes it took, with a byte order mark before and the end of line behind it */
};

/* The header under the names that `name` gives, or its own when that is NULL. FAULT_MALFORMED with *problem: it is none. */
enum fault csv_header_read(struct arena *arena, const char *bytes, size_t length, csv_name name, void *context,
	struct csv_header *header, const char **problem) __attribute__((warn_unused_result));

/*
 * One record that begins on `line`: from its first byte to its end of line. *object is NULL for an empty line.
 * FAULT_MALFORMED with *problem when the bytes are not one record.
 */
enum fault csv_record_read(struct arena *arena, const struct field *fields, const struct csv_header *header,
	size_t line, const char *bytes, size_t length, json_t **object, const char **problem)
	__attribute__((warn_unused_result));

/* Called for each record with the line it begins on; false stops: too many. */
typedef bool (*csv_take)(void *context, size_t line, json_t *object);

/* FAULT_MALFORMED with *problem for bytes that are not CSV; FAULT_TOO_LARGE when `take` stopped. */
enum fault csv_objects(struct arena *arena, const struct field *fields, const char *bytes, size_t length, csv_name name,
	csv_take take, void *context, const char **problem) __attribute__((warn_unused_result));

#endif
