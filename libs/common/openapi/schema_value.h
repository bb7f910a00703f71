/* schema_value: what JSON Schema says of one value, written into an open object. Internal to openapi. */
#ifndef AFTERCARE_SCHEMA_VALUE_H
#define AFTERCARE_SCHEMA_VALUE_H

#include "schema.h"

/* Whether a use describes what answers and events show; otherwise it is what field_check takes. */
bool schema_answers(enum schema_use use);

/* The type, one word of JSON Schema; or_null: beside null. */
void schema_type(struct writer *writer, const char *type, bool or_null);

/* The words that a value may be, given in one text with blanks between. */
void schema_choices(struct writer *writer, const char *choices, bool or_null);

/* Everything but the type of a whole number. */
void schema_integer(struct writer *writer, const struct field *field, enum schema_use use);

/* Everything but the type of what travels as a JSON string. */
void schema_string(struct writer *writer, const struct field *field, enum schema_use use);

#endif
