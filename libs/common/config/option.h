/*
 * option: what config's own files share: a value under its option, and the rules of each type.
 */
#ifndef AFTERCARE_OPTION_H
#define AFTERCARE_OPTION_H

#include "config.h"

#define OPTION_PREFIX   "AFTERCARE_"
#define OPTION_FILE     "_FILE"
#define OPTION_FLAG_MAX 128 /* bytes of a flag's name */

/* Where a value came from; a higher source replaces a lower one. */
enum option_source { SOURCE_NONE, SOURCE_FALLBACK, SOURCE_ENVIRONMENT, SOURCE_FLAG };

struct option_value {
	const struct option *option;
	enum option_source source;
	const char *text; /* in the arena, or borrowed from the table; NULL: not given */
	const char *file; /* the text is to be read from this file */
	long integer;
	bool boolean;
};

/* Checks value->text (not NULL) by its option's type and fills the typed members; faults go to the list. */
void option_check(struct option_value *value, struct fault_list *faults);

/* Writes the flag of an option without its dashes: AFTERCARE_LISTEN is "listen". */
const char *option_flag(const struct option *option, char flag[OPTION_FLAG_MAX]);

/* What stands for a value of this type in help: NUMBER, HOST:PORT, … */
const char *option_placeholder(const struct option *option);

#endif
