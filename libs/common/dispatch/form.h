/*
 * form: application/x-www-form-urlencoded bodies (OAuth) as an object of strings. No field may come twice (RFC 6749 section
 * 3.2).
 */
#ifndef AFTERCARE_FORM_H
#define AFTERCARE_FORM_H

#include "fault.h"
#include "json.h"

/* The object, or NULL with the faults noted. Lives as long as the arena. */
json_t *form_read(struct arena *arena, const char *body, size_t length, struct fault_list *faults);

#endif
