/*
 * vocabulary: the words a tenant gives to its work: types of calls and activities, labels under the states, codes of
 * faults, causes and resolutions, tags. Master data without machinery of its own: field tables and SQL.
 */
#ifndef AFTERCARE_CALLS_VOCABULARY_H
#define AFTERCARE_CALLS_VOCABULARY_H

#include "resource.h"

#define SERIES_FORM "^[A-Za-z0-9]+$" /* a series is part of a number */

extern const struct resource call_type;
extern const struct resource substate;
extern const struct resource call_code;
extern const struct resource tag;
extern const struct resource activity_type;

#endif
