/*
 * language: what problems say, in Italian. The sentences stand in it.txt, which the build makes a table of; the code
 * says them in English, and what a person gets is turned at the end, once. Codes and names of fields are never turned.
 */
#ifndef AFTERCARE_LANGUAGE_H
#define AFTERCARE_LANGUAGE_H

struct arena;

#define LANGUAGE_SENTENCE_MAX ((size_t)4 * 1024) /* bytes of a sentence; a longer one stays as it is */

/*
 * The sentence in Italian, in the arena or constant; the sentence itself when the catalogue does not have it. NULL gives
 * NULL.
 */
const char *language_italian(struct arena *arena, const char *sentence);

#endif
