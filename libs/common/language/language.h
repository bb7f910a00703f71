/*
 * language: what problems say, in Italian. The sentences stand in it.txt, which the build makes a table of; the code
 * says them in English, and what a person gets is turned at the end, once. Codes and names of fields are never turned
 * there; what a print calls them stands in words_it.txt.
 */
#ifndef AFTERCARE_LANGUAGE_H
#define AFTERCARE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define LANGUAGE_SENTENCE_MAX ((size_t)4 * 1024) /* bytes of a sentence; a longer one stays as it is */

/*
 * The sentence in Italian, in the arena or constant; the sentence itself when the catalogue does not have it. NULL gives
 * NULL.
 */
const char *language_italian(struct arena *arena, const char *sentence);

/*
 * What people call a field or a list, by its name (opened_at), and a value of a field that has choices (in_progress). The
 * English are the name's own words. In the arena or constant.
 */
const char *language_name(struct arena *arena, const char *name, bool in_italian);
const char *language_value(struct arena *arena, const char *field, const char *value, bool in_italian);

#endif
