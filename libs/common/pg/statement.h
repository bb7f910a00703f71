/*
 * statement: SQL as it is embedded from .sql files. A statement is prepared once a connection, by its name.
 */
#ifndef AFTERCARE_STATEMENT_H
#define AFTERCARE_STATEMENT_H

struct statement {
	const char *name; /* unique in the program */
	const char *text;
	int parameters; /* how many $n it takes; values beyond them are not sent. 0: as many as are given */
};

#endif
