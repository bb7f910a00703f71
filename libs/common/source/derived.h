/*
 * derived: what other services made of the lines of this one (source.h), in the service that owns those: a row of the table
 * `derived` for each, fed by their events, so that a document shows what came of it: quantities, serials, states, numbers.
 *
 * A service that owns such lines names DERIVED_COPIES among its copies. What follows from an event is its own: it takes the
 * root of the document that derived.source_id names, then calls derived_tell, which tells whether there is something new to
 * tell, and records events of the document or its line. Lines show it by joining derived_of_line; a LIST below the document
 * shows all of it, by a resource of derived_fields and sql_derived_rows.
 *
 * Thread safe: constant tables.
 */
#ifndef AFTERCARE_DERIVED_H
#define AFTERCARE_DERIVED_H

#include "copy.h"
#include "resource.h"

extern const struct field derived_fields[];      /* of the list below the document */
extern const struct field derived_line_fields[]; /* of the member of a line */
extern const struct sort derived_sorts[];

extern const struct copy_column derived_of_reservation[];
extern const struct copy_column derived_of_movement[];
extern const struct copy_column derived_of_rma[];
extern const struct copy_column derived_of_rma_line[];

/*
 * The copies of what inventory makes of documents of this kind ("call"), given the member of its rows with the document's
 * id, for those that were made for it by hand.
 */
#define DERIVED_COPIES(document, member, then)                                                                         \
	{ "aftercare.inventory", "aftercare.reservation.", "derived", derived_of_reservation, .active = "true",        \
		.only = DERIVED_FROM(document, member), .follow = (then) },                                            \
		{ "aftercare.inventory", "aftercare.movement.", "derived", derived_of_movement, .active = "true",      \
			.only = "d ->> 'kind' in ('issue', 'return', 'reversal') and (" DERIVED_FROM(                  \
				document, member) ")",                                                                 \
			.follow = (then) },                                                                            \
		{ "aftercare.inventory", "aftercare.rma.", "derived", derived_of_rma, .active = "true",                \
			.only = DERIVED_FROM(document, member), .follow = (then) },                                    \
	{                                                                                                              \
		"aftercare.inventory", "aftercare.rma_line.", "derived", derived_of_rma_line,                          \
			.active = "true", .only = DERIVED_FROM(document, member), .follow = (then)                     \
	}

#define DERIVED_FROM(document, member)                                                                                 \
	"d -> 'source' ->> 'kind' = '" document "' or (d -> 'source' ->> 'kind' is null and d ->> '" member            \
	"' is not null)"

#endif
