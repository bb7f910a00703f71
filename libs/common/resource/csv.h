/*
 * csv: a CSV body (RFC 4180, UTF-8, header line) as JSON objects by a field table. Column names are field names;
 * address.city reaches into an object; no column comes twice. An empty cell is absent. Cells of other types than text
 * become what their field says; what does not fit stays text, so that the field table refuses it by name.
 */
#ifndef AFTERCARE_CSV_H
#define AFTERCARE_CSV_H

#include "field.h"

#define CSV_COLUMNS_MAX 200
#define CSV_CELL_MAX    ((size_t)64 * 1024)

/* The column that one of the header stands for; or NULL in place of the function: itself. */
typedef const char *(*csv_name)(void *context, const char *column);

/* Called for each record with the line it begins on; false stops: too many. */
typedef bool (*csv_take)(void *context, size_t line, json_t *object);

/* FAULT_MALFORMED with *problem for bytes that are not CSV; FAULT_TOO_LARGE when `take` stopped. */
enum fault csv_objects(struct arena *arena, const struct field *fields, const char *bytes, size_t length, csv_name name,
	csv_take take, void *context, const char **problem) __attribute__((warn_unused_result));

#endif
