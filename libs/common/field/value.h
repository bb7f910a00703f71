/* value: whether a text is a value of a field's type. Internal to field. */
#ifndef AFTERCARE_VALUE_H
#define AFTERCARE_VALUE_H

#include "field.h"

/* What is wrong with the text of a value, or NULL. Plain texts, which have no form, are never wrong. */
const char *value_fault(const struct field *field, const char *text);

#endif
