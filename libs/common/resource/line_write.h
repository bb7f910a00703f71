/*
 * line_write: what writes lines as rows, for upsert. Whoever takes several roots takes them in the order of their ids, whatever the
 * order of the lines, or two would wait for each other.
 */
#ifndef AFTERCARE_LINE_WRITE_H
#define AFTERCARE_LINE_WRITE_H

#include "upsert.h"

/* Adds what writes lines from..to: the new rows together, then those that change; returns how many are written. */
size_t line_writes_add(struct upsert *upsert, struct pg_batch *batch, size_t from, size_t to);

#endif
