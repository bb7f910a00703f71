/*
 * derived: what other services made of the lines of this one (source.h), in the service that owns those: a row of the table
 * `derived` for each, fed by their events, so that a document shows what came of it: quantities, serials, states, numbers.
 *
 * A service that owns such lines names DERIVED_COPIES among its copies. What follows from an event is its own: it takes the
 * root of the document that derived.source_id names, then calls derived_tell, which tells what is new, and records events of
 * the document or its line. Lines show it by joining derived_of_line; a LIST below the document shows all of it, by a
 * resource of derived_fields and sql_derived_rows.
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
 * Whether an event is about something that inventory made of a document of this kind ("call"); `member` of its rows has the
 * document's id, of those that were made for it by hand.
 */
bool derived_from(const struct inbox_event *event, const char *document, const char *member);

/* The copies of it; `wanted` tells by derived_from. */
#define DERIVED_COPIES(wanted, then)                                                                                   \
	DERIVED_COPY("reservation", derived_of_reservation, wanted, then),                                             \
		DERIVED_COPY("movement", derived_of_movement, wanted, then),                                           \
		DERIVED_COPY("rma", derived_of_rma, wanted, then),                                                     \
		DERIVED_COPY("rma_line", derived_of_rma_line, wanted, then)

#define DERIVED_COPY(made, columns, wanted, then)                                                                      \
	{                                                                                                              \
		"aftercare.inventory", "aftercare." made ".", "derived", (columns),                                    \
			.active = "true", .wants = (wanted), .follow = (then)                                          \
	}

#endif
