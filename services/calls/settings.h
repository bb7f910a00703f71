/* settings: the policies of the calls service. */
#ifndef AFTERCARE_CALLS_SETTINGS_H
#define AFTERCARE_CALLS_SETTINGS_H

#include "field.h"
#include "statement.h"

extern const struct field settings_fields[];
extern const struct statement *const settings_guards[];

#endif
