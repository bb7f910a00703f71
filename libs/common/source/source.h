/*
 * source: what one service makes from the lines of another, on purpose not realigned: reservations, issues and returns made
 * from a call, offers later. Who makes such rows keeps here what each was made from, says when that has changed, and tells
 * what differs; who owns the lines keeps what was made of them (derived.h).
 *
 * The table `source` (platform/schema, sources) has a row for each row so made. A service that makes some
 *
 *	keeps it with source_keep('reservation', id, {kind, id, line_id, line_version}), and warns with source_warn();
 *	shows it as source_of(id) in the member FIELD_OF_SOURCE of its row, and lists by FILTER_OF_SOURCE;
 *	calls sources_due(ids, versions, there) when its copies of lines were told anew (copy.h, follow);
 *	marks, in the timer source.changed that this sets, with source_mark (source_add_changed);
 *	compares in a GET …/source-diff, whose handler is source_diff, and copies in an action realign.
 *
 * Thread safe: constant tables.
 */
#ifndef AFTERCARE_SOURCE_H
#define AFTERCARE_SOURCE_H

#include "resource.h"
#include "timer.h"

extern const struct field source_fields[];

/* The member `source` of what was made from a line; later_flags is LATER where events of the resource were published before. */
#define FIELD_OF_SOURCE(later_flags)                                                                                   \
	{                                                                                                              \
		"source", FIELD_OBJECT, READ_ONLY | (later_flags),                                                     \
			.fields = source_fields,                                                                       \
			.help = "What it was made from; null: from nothing. It does not follow that."                  \
	}

/* The filter source_changed, given the alias of the rows. */
#define FILTER_OF_SOURCE(alias)                                                                                        \
	{                                                                                                              \
		"source_changed", FIELD_BOOLEAN,                                                                       \
			.sql = alias ".id in (select s.id from source s where s.changed_at is not null)",              \
			.help = "What it was made from has changed since."                                             \
	}

/* A line as source-diff tells of it, the shape of that answer for what is one line. */
extern const struct field source_line_diff_answer[];

/* And for a document: what of its head differs, and its lines, with those that the source has beside. */
extern const struct field source_diff_answer[];

/* GET …/{id}/source-diff: the JSON of the statement that is the route's context; $1 the id. */
enum fault source_diff(struct request *request);

/*
 * What the timer source.changed does, as the tenant: `lock` takes the roots of what was made from the line that is its
 * subject, `mark` marks it; then come the events RESOURCE.source_changed of those (ends with NULL). Statements take $1, the
 * line.
 */
void source_add_changed(const struct timer *timer, struct pg_batch *batch, const struct statement *lock,
	const struct statement *mark, const struct resource *const made[]);

#endif
