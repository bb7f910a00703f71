/* sentence: the catalogue, as the build makes it of it.txt. */
#ifndef AFTERCARE_LANGUAGE_SENTENCE_H
#define AFTERCARE_LANGUAGE_SENTENCE_H

struct sentence {
	const char *english; /* with {1}, {2}, … for what is put in */
	const char *italian; /* the same; {=1} is itself looked up */
};

extern const struct sentence language_sentences[]; /* ends with NULLs */

#endif
