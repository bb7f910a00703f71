/* form: application/x-www-form-urlencoded bodies (OAuth, RFC 6749) as an object of strings. */
#ifndef AFTERCARE_FORM_H
#define AFTERCARE_FORM_H

#include "fault.h"
#include "json.h"

/* The object, or NULL with the faults noted. Lives as long as the arena. */
json_t *form_read(struct arena *arena, const char *body, size_t length, struct fault_list *faults);

#endif
