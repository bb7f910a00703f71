/*
 * free_copy: free fields in a service that keeps a copy of their owner, so that its own lists filter by them.
 *
 * It keeps the definitions, by this handler on the topic of the service that owns them:
 *
 *	{ "aftercare.calls", "aftercare.customer_free_field.", free_copy_apply },
 *
 * and the values as the column x of its copy: x jsonb not null default '{}' and `select SERVICE_data.free_fields('customer',
 * copied => true)` in a migration, COPY_OF_FREE_FIELDS("customer") among the copy's columns (copy.h). Topics have no order
 * among them: whichever of definition and value comes later, the index holds what both say. Values of a field that was made
 * inactive before this copy began come with the snapshot that the owner makes when the field is in use again.
 */
#ifndef AFTERCARE_FREE_COPY_H
#define AFTERCARE_FREE_COPY_H

#include "inbox.h"

/* The column of a copy: what it is told, and what is hidden meanwhile. */
#define COPY_OF_FREE_FIELDS(owner)                                                                                     \
	{                                                                                                              \
		"x", "jsonb", .sql = "free_kept('" owner "', id, d -> 'x')"                                            \
	}

/* Keeps a definition. Events of the type aftercare.OWNER_free_field.… */
enum fault free_copy_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem);

#endif
