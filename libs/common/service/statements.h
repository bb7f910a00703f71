/* statements: all the SQL that requests of a service run, by name: for tests that prepare it and benches that repeat it. */
#ifndef AFTERCARE_SERVICE_STATEMENTS_H
#define AFTERCARE_SERVICE_STATEMENTS_H

#include "service.h"

/* Prints {"name": "sql", …}: embedded and composed statements; returns the exit status. */
int statements_print(struct arena *arena, const struct service *service);

#endif
