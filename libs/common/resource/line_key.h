/*
 * line_key: the keys by which a bulk line may name a row that exists: id, external_ref and the resource's own. Internal to
 * resource.
 */
#ifndef AFTERCARE_LINE_KEY_H
#define AFTERCARE_LINE_KEY_H

#include "resource.h"
#include "upsert.h"

#define LINE_KEYS_MAX 4

/* The names of a resource's keys; returns how many. */
size_t line_keys(const struct resource *resource, const char *keys[LINE_KEYS_MAX]);

/* Whether a key is unique only within the row that another field names. */
bool line_key_within(const struct resource *resource, const char *key);

/* The value of a key in a line, as PostgreSQL shows it; NULL when it can name nothing. */
const char *line_key_value(const struct upsert *upsert, const struct upsert_line *line, const char *key);

/* The values of a key in lines from..to, as a PostgreSQL array; NULL when none has one. */
const char *line_key_values(const struct upsert *upsert, const char *key, size_t from, size_t to);

/* The query for the rows whose key is among those of $1; its first column is that key. */
const char *line_key_query(const struct upsert *upsert, const char *key);

#endif
