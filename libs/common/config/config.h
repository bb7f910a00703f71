/*
 * config: one table of options a program, read from flags, then the environment, then defaults.
 *
 * The option AFTERCARE_LISTEN is the flag --listen (prefix dropped, lower case, dashes). A secret may come from a file
 * instead: AFTERCARE_X_FILE / --x-file, whose trailing newline is dropped. Unknown flags, unknown AFTERCARE_ variables
 * and bad values are all told at once. An empty environment variable counts as not set. Flags take their value behind
 * "=" or as the next argument. The same tables print --help and docs/configuration.md. Read only once loaded, so safe
 * to share between threads.
 */
#ifndef AFTERCARE_CONFIG_H
#define AFTERCARE_CONFIG_H

#include "fault.h"

#include <stdbool.h>
#include <stdio.h>

struct arena;

#define CONFIG_TEXT_MAX   4096 /* characters of a value, unless its option sets a lower max */
#define CONFIG_OPTION_MAX 256  /* options of all tables of a program together */

enum option_type {
	OPTION_TEXT,
	OPTION_INTEGER, /* min..max */
	OPTION_BOOLEAN, /* true | false */
	OPTION_CHOICE,  /* one of choices, space separated */
	OPTION_ADDRESS, /* host:port, IPv6 hosts in brackets */
	OPTION_URL,     /* http:// or https:// */
	OPTION_SECRET,  /* text, never printed; also as …_FILE */
};

struct option {
	const char *name; /* AFTERCARE_… */
	enum option_type type;
	bool required;
	const char *fallback; /* default as text, or NULL */
	long min;
	long max;            /* bounds of an integer (both 0: none), or of a text's characters when max > 0 */
	const char *choices; /* "debug info warning error" */
	const char *help;    /* one sentence */
	/* Of a text: the rule that it breaks, as "must be a list of URLs"; NULL: none. */
	const char *(*broken)(const char *text);
};

struct config;

/*
 * Loads values for all tables (each ends with a NULL name; the list ends with NULL). arguments are argv behind the
 * program's own flags, environment is environ. On FAULT_INVALID every fault is in `faults` (parameter = option name).
 * The config lives in the arena.
 */
enum fault config_load(struct arena *arena, const struct option *const tables[], int count, char *const arguments[],
	char *const environment[], struct config **config, struct fault_list *faults)
	__attribute__((warn_unused_result));

/* Values by the option's full name; asking for a name in no table is a defect and aborts. NULL text: not given. */
const char *config_text(const struct config *config, const char *name);
long config_integer(const struct config *config, const char *name);
bool config_boolean(const struct config *config, const char *name);

/* The options as --help shows them, and as a Markdown table. */
void config_help(FILE *out, const struct option *const tables[]);
void config_markdown(FILE *out, const struct option *const tables[]);

#endif
