/* compose: what the files that compose statements share. Internal to resource. */
#ifndef AFTERCARE_COMPOSE_H
#define AFTERCARE_COMPOSE_H

#include "store.h"

struct text;

/* Composes all statements of a store whose resource is set. */
void compose_store(struct arena *arena, struct store *store);

/* What its statements touch, and the statement that tells of it: once all stores are composed. */
void compose_touches(struct arena *arena, const struct store *stores, struct store *store);

/* A statement of a resource: "site.insert". parameters as in statement.h. */
struct statement compose_statement(
	struct arena *arena, const struct resource *resource, const char *verb, const struct text *sql, int parameters);

/* Ends the program: the tables of a resource contradict each other. */
_Noreturn void compose_defect(const struct resource *resource, const char *what);

#endif
