/*
 * query: the query string, taken apart once: name, operator in brackets, value. Percent-decoded, checked to be UTF-8.
 *
 *	state=open&opened_at[gte]=2026-01-01T00:00:00Z&sort=-opened_at
 */
#ifndef AFTERCARE_QUERY_H
#define AFTERCARE_QUERY_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define QUERY_PARAMETERS_MAX 64

enum comparison {
	COMPARE_EQ,
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_LTE,
	COMPARE_GT,
	COMPARE_GTE,
	COMPARE_IN,       /* comma separated */
	COMPARE_PREFIX,   /* text */
	COMPARE_CONTAINS, /* text */
	COMPARE_EMPTY,    /* true | false: is null */
	COMPARE_COUNT,
	COMPARE_UNKNOWN = COMPARE_COUNT /* none of ours: told by who takes the parameter, beside its other faults */
};

struct parameter {
	const char *name;
	enum comparison comparison;
	const char *value;
	const char *spelled; /* as it stood: name[op], for problems */
};

struct query {
	struct parameter items[QUERY_PARAMETERS_MAX];
	size_t count;
};

/* Takes text apart (borrowed for the call). FAULT_BAD_QUERY with every fault in `faults`; unknown operators are none yet. */
enum fault query_parse(struct arena *arena, const char *text, struct query *query, struct fault_list *faults)
	__attribute__((warn_unused_result));

/* The same without operators: brackets are part of the name. For forms. */
enum fault query_pairs(struct arena *arena, const char *text, struct query *query, struct fault_list *faults)
	__attribute__((warn_unused_result));

/* The value of the first parameter of that name with the plain operator, or NULL. */
const char *query_value(const struct query *query, const char *name);

/* Of a known one. */
const char *comparison_name(enum comparison comparison);

/* Decodes %XX (and + as a blank when form) in place of a copy; NULL when ill-formed or it holds a zero byte. */
char *percent_decode(struct arena *arena, const char *text, size_t length, bool form);

/* Encodes everything but the unreserved characters (RFC 3986 section 2.3). */
char *percent_encode(struct arena *arena, const char *text);

#endif
