/* value: whether a text is a value of a field's type. Internal to field. */
#ifndef AFTERCARE_VALUE_H
#define AFTERCARE_VALUE_H

#include "field.h"

/* What is wrong with the text of a value, or NULL. Plain texts, which have no form, are never wrong. */
const char *value_fault(const struct field *field, const char *text);

/* Whether a text has the form of a pattern (POSIX extended). */
bool value_has_form(const char *text, const char *pattern);

/* Whether values of a type are texts of any form, measured in characters. */
bool value_is_plain(enum field_type type);

#endif
