/*
 * cursor: a place in a list as clients carry it: which list, and the sort key and id of the row it is behind. Opaque to them,
 * but no secret: one that was forged shows nothing that another query would not.
 */
#ifndef AFTERCARE_CURSOR_H
#define AFTERCARE_CURSOR_H

#include <stdbool.h>

struct arena;

#define CURSOR_MAX 2048 /* characters */

struct cursor {
	const char *list; /* of filters and sort: what it belongs to */
	const char *key;
	const char *id;
};

/* The text of a cursor, in characters that need no escape in a query string; NULL when its key is too long. */
const char *cursor_write(struct arena *arena, const struct cursor *cursor);

/* False when the text is no cursor; *cursor is then untouched. Whether the key suits the sort only PostgreSQL can tell. */
bool cursor_read(struct arena *arena, const char *text, struct cursor *cursor);

#endif
