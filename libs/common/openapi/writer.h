/*
 * writer: JSON into a text, member by member, so that no one counts commas. Internal to openapi.
 *
 * `key` names a member of the open object; NULL in a list, and for the outermost value. Keys are ours and need no
 * escaping; values are escaped.
 */
#ifndef AFTERCARE_WRITER_H
#define AFTERCARE_WRITER_H

#include "text.h"

struct writer {
	struct text *out;
	struct arena *arena; /* scratch */
	bool behind;         /* a value stands before: a comma comes first */
};

void writer_object(struct writer *writer, const char *key);
void writer_object_end(struct writer *writer);
void writer_list(struct writer *writer, const char *key);
void writer_list_end(struct writer *writer);

void writer_text(struct writer *writer, const char *key, const char *value);
void writer_number(struct writer *writer, const char *key, long value);
void writer_flag(struct writer *writer, const char *key, bool value);

/* A value that is JSON already. */
void writer_json(struct writer *writer, const char *key, const char *json);

/* A formatted text. */
void writer_textf(struct writer *writer, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* {"$ref": "#/components/KIND/NAME"} */
void writer_reference(struct writer *writer, const char *key, const char *kind, const char *name);

/* Each of the space separated words as a text, into an open list. */
void writer_words(struct writer *writer, const char *words);

#endif
