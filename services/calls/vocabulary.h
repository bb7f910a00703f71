/*
 * vocabulary: the words a tenant gives to its work: types of calls and activities, labels under the states, codes of
 * faults, causes and resolutions, tags. Master data without machinery of its own: field tables and SQL.
 */
#ifndef AFTERCARE_CALLS_VOCABULARY_H
#define AFTERCARE_CALLS_VOCABULARY_H

#include "resource.h"

extern const struct resource call_type;
extern const struct resource substate;
extern const struct resource call_code;
extern const struct resource tag;
extern const struct resource activity_type;

#endif
