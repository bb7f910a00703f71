/* sentence: the catalogues, as the build makes them of it.txt and words_it.txt. */
#ifndef AFTERCARE_LANGUAGE_SENTENCE_H
#define AFTERCARE_LANGUAGE_SENTENCE_H

#include <stddef.h>

struct sentence {
	const char *english; /* with {1}, {2}, … for what is put in */
	const char *italian; /* the same; {=1} is itself looked up */
};

struct word {
	const char *name; /* of a field or a list; =VALUE of any field, FIELD=VALUE of one */
	const char *italian;
};

extern const struct sentence language_sentences[]; /* ends with NULLs */
extern const struct word language_words[];         /* by name; ends with NULLs */
extern const size_t language_words_count;

#endif
