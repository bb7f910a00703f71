/*
 * schema: field tables as JSON Schema 2020-12, and examples that are valid against it. Says exactly what field_check
 * takes and what answers show. Internal to openapi.
 */
#ifndef AFTERCARE_SCHEMA_H
#define AFTERCARE_SCHEMA_H

#include "field.h"
#include "query.h"
#include "writer.h"

enum schema_use {
	SCHEMA_PART,   /* a row as answers show it, any of its fields left out */
	SCHEMA_EVENT,  /* a row as events carry it: whole */
	SCHEMA_ANSWER, /* an answer that is no row: REQUIRED fields are always there */
	SCHEMA_CREATE, /* what field_check takes with FIELD_CREATE */
	SCHEMA_CHANGE, /* … with FIELD_CHANGE */
};

/* The object of a table. `title` may be NULL. */
void schema_object(
	struct writer *writer, const char *key, const char *title, const struct field *fields, enum schema_use use);

/* The properties of a table, into an open object. */
void schema_members(struct writer *writer, const struct field *fields, enum schema_use use);

/* A request body: the object, and what every one takes beside its fields. */
void schema_body(struct writer *writer, const char *key, const struct field *fields, enum schema_use use);

/* The list of names that every full row has: all but what some callers don't see. */
void schema_row_required(struct writer *writer, const char *key, const struct field *fields);

/* One value in a query string, or for COMPARE_IN a list of them. */
void schema_query(struct writer *writer, const char *key, const struct field *field, enum comparison comparison);

/* A value of a route's own parameter: like that of a filter, but never empty. */
void schema_parameter(struct writer *writer, const char *key, const struct field *field);

/* Whether a field is part of what `use` describes; FIXED fields of the topmost object are not changed. */
bool schema_shows(const struct field *field, enum schema_use use, bool topmost);

/* An example object, valid against schema_object of the same table and use. */
void example_object(struct writer *writer, const char *key, const struct field *fields, enum schema_use use);

/* "work_report" → "WorkReport" */
const char *schema_name(struct arena *arena, const char *name);

#endif
