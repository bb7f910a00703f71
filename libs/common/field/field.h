/*
 * field: tables that say what a resource's fields are, once, for all that needs to know: validation of bodies, filters
 * and sorts of lists, the columns of its statements, OpenAPI, the schemas of events, the hiding of costs.
 *
 * Tables are constant and end with a NULL name. Checking a body finds all its faults, each by JSON pointer.
 */
#ifndef AFTERCARE_FIELD_H
#define AFTERCARE_FIELD_H

#include "fault.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define FIELD_DEPTH_MAX  8
#define FIELD_TEXT_MAX   20000 /* characters of a text without a bound of its own */
#define FIELD_LIST_MAX   200   /* items of a list without a bound of its own */
#define FIELD_DIGITS_MAX 18
#define FIELD_SLOT_MAX   99 /* highest slot of a free field */

enum field_type {
	FIELD_TEXT, /* 1..max characters, no control characters but newline and tab; not only blanks where it must be there */
	FIELD_CHOICE,  /* one of `choices` */
	FIELD_ID,      /* UUID */
	FIELD_INTEGER, /* min..max */
	FIELD_DECIMAL, /* "123.45": digits before the point, decimals behind it; a string, never a JSON number */
	FIELD_BOOLEAN,
	FIELD_DATE,      /* YYYY-MM-DD */
	FIELD_TIME,      /* RFC 3339 with offset */
	FIELD_TIME_ZONE, /* IANA name */
	FIELD_EMAIL,
	FIELD_COUNTRY,  /* ISO 3166-1 alpha-2 */
	FIELD_LANGUAGE, /* BCP 47, at most 5 characters */
	FIELD_OBJECT,   /* `fields` */
	FIELD_LIST,     /* of objects with `fields` */
	FIELD_TEXTS,    /* list of texts, each at most max characters; of `choices` when there are any */
	FIELD_IDS,      /* list of UUIDs */
	FIELD_DECIMALS, /* list of decimals */
	FIELD_JSON,     /* any JSON, read only: shaped by the server */
	FIELD_FREE,     /* {"12": …}: values of the tenant's own fields (free_field.h), which tell more of them */
};

enum field_flag {
	REQUIRED = 1 << 0,    /* at creation; may not be set to null later */
	FIXED = 1 << 1,       /* unchangeable after creation */
	READ_ONLY = 1 << 2,   /* set by the server; refused, by name, in bodies */
	FILTER = 1 << 3,      /* lists filter on it */
	PERSONAL = 1 << 4,    /* says something of a person: goes at erasure */
	COST = 1 << 5,        /* needs costs:read; others don't see it, nor filter on it */
	VIRTUAL = 1 << 6,     /* accepted in bodies but no column of the table: a statement of its own takes it */
	WRITE_ONLY = 1 << 7,  /* never shown */
	EMPTY = 1 << 8,       /* text: the empty string is a value; a list that is REQUIRED may be empty */
	INTERNAL = 1 << 9,    /* not for the portal: a customer does not see it, nor filter on it */
	NEVER_NULL = 1 << 10, /* always there: where creation says none, the server finds one; null is refused */
	FROM_PATH = 1 << 11,  /* with READ_ONLY: the row it is below, which creation takes from the path */
	EITHER = 1 << 12,     /* creation needs at least one of the table's fields that have this flag */
	LATER = 1 << 13,      /* added after its events were published: those from before lack it */
	ONCE = 1 << 14,       /* READ_ONLY: shown in one answer and never again */
	PROMISED = 1 << 15,   /* with NEVER_NULL: v1 of its events says so, too */
	CODE = 1 << 16,       /* text: many rows have few values; [contains] goes by those in use */
	KEY = 1 << 17, /* text: a key of another system, asked for as a whole or by its beginning: no [contains] */
};

struct field {
	const char *name; /* snake_case */
	enum field_type type;
	unsigned flags;
	long min;            /* integer: smallest; texts and lists: fewest */
	long max;            /* text: characters; integer: largest; list: items; 0: the limit of its type */
	int digits;          /* decimal: all digits; 0: FIELD_DIGITS_MAX */
	int decimals;        /* decimal: behind the point */
	const char *choices; /* "prospect acquired" */
	const char *given;   /* choice: those of them that bodies may say; NULL: all */
	const char *pattern; /* text: its form, as ECMA 262 and POSIX extended both read it */
	const struct field *fields;
	const char *fallback; /* JSON put in when absent at creation */
	const char *column;   /* SQL of its value, for filters and composed rows, when it isn't ALIAS.name */
	const char *refers;   /* id: table of the row it names, often a copy; unknown-reference where none is in use */
	const char *coded; /* id, as article_id: table whose rows bulk lines may name by their code, as article_code */
	const char *example; /* JSON */
	const char *help;    /* a sentence */
	bool negative;       /* decimal: may be below zero */
	bool positive;       /* decimal: in bodies it must be above zero */
	bool past;           /* refers: also to what is out of use */
};

enum field_mode {
	FIELD_CREATE, /* required fields must be there, fallbacks are put in */
	FIELD_CHANGE, /* merge patch (RFC 7396): all optional, null removes, FIXED refused */
};

/*
 * Checks body against the table and notes every fault at its pointer. In FIELD_CREATE puts fallbacks into a body that has
 * no fault; one that has stays as it is. Ids, which come in either case, are spelled in lower case from then on. Returns
 * FAULT_NONE, FAULT_MALFORMED (not an object) or FAULT_INVALID.
 */
enum fault field_check(const struct field *fields, json_t *body, enum field_mode mode, struct fault_list *faults)
	__attribute__((warn_unused_result));

/*
 * Checks the text of one value, as it comes in a query string. On a fault notes it for the parameter. Values for ids,
 * numbers, times, choices and so on are of the field's type; the text then suits PostgreSQL as it is.
 */
bool field_check_text(const struct field *field, const char *text, const char *parameter, struct fault_list *faults);

/* Whether text is a slot of a free field, "1" to "99" (FIELD_SLOT_MAX), in its one spelling. */
bool field_slot_valid(const char *text);

/* The row with that name, or NULL. */
const struct field *field_find(const struct field *fields, const char *name);

/* The first field of a table that says EITHER, and the names of all of them; NULL when there is none. */
const struct field *field_either(struct arena *arena, const struct field *fields, const char **names);

/* Whether a row always has a value of it: it is required, or found by the server, and null is refused. */
bool field_never_null(const struct field *field);

/* Whether word is one of the space separated choices. */
bool field_choice_has(const char *choices, const char *word, size_t length);

/* The PostgreSQL type of a field's values: "text", "uuid", "numeric", … */
const char *field_sql_type(const struct field *field);

/* Whether text is a decimal of at most digits, decimals of them behind the point. */
bool field_decimal_valid(const char *text, int digits, int decimals, bool negative);

#endif
