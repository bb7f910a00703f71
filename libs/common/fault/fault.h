/*
 * fault: the kinds of error, one enum, one table.
 *
 * A fallible function returns an enum fault; FAULT_NONE is success. The table maps each to its HTTP status and to the
 * stable code that clients see in `type` of a problem (RFC 9457). Details (which field, which rule) travel in
 * `struct fault_list`, collected so that one answer names all the faults of a request.
 */
#ifndef AFTERCARE_FAULT_H
#define AFTERCARE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define FAULT_LIST_MAX 64 /* faults told in one answer; more are counted, not told */
#define FAULT_DETAIL_MAX                                                                                               \
	600 /* bytes of a detail; a longer one is cut at a character: a bulk of 2,000 lines tells 64 each */

enum fault {
	FAULT_NONE = 0,
	FAULT_MALFORMED,             /* 400 not the syntax it claims to be */
	FAULT_BAD_QUERY,             /* 400 unknown or ill-formed query parameter */
	FAULT_BAD_CURSOR,            /* 400 a cursor of another list, or not ours */
	FAULT_BAD_HEADER,            /* 400 a header that is ambiguous or ill-formed */
	FAULT_UNAUTHENTICATED,       /* 401 */
	FAULT_FORBIDDEN,             /* 403 may see it, may not do it */
	FAULT_NOT_FOUND,             /* 404 is not there, or not for this caller */
	FAULT_METHOD,                /* 405 */
	FAULT_NOT_ACCEPTABLE,        /* 406 */
	FAULT_REQUEST_TIMEOUT,       /* 408 */
	FAULT_CONFLICT,              /* 409 */
	FAULT_DUPLICATE,             /* 409 a key that must be unique is taken */
	FAULT_REFERENCED,            /* 409 others refer to it */
	FAULT_TRANSITION,            /* 409 the state does not allow the action */
	FAULT_STILL_RUNNING,         /* 409 the same Idempotency-Key is at work now */
	FAULT_REFUSED_WARNING,       /* 409 a warning that the client asked to be refused on */
	FAULT_HAS_VALUES,            /* 409 */
	FAULT_STOCK,                 /* 409 fewer goods are available than were asked for */
	FAULT_GONE,                  /* 410 */
	FAULT_STALE,                 /* 412 If-Match names another version */
	FAULT_TOO_LARGE,             /* 413 */
	FAULT_URI_TOO_LONG,          /* 414 */
	FAULT_MEDIA_TYPE,            /* 415 */
	FAULT_INVALID,               /* 422 understood, but against a rule; see the list */
	FAULT_UNKNOWN_REFERENCE,     /* 422 an id that isn't (yet) known here; Retry-After 1 */
	FAULT_MULTIPLIER,            /* 422 an article whose price is for other than one piece */
	FAULT_KEY_REUSED,            /* 422 the Idempotency-Key came with another request */
	FAULT_PRECONDITION_REQUIRED, /* 428 */
	FAULT_TOO_MANY_REQUESTS,     /* 429 */
	FAULT_HEADERS_TOO_LARGE,     /* 431 */
	FAULT_INTERNAL,              /* 500 a defect of ours; logged */
	FAULT_BAD_GATEWAY,           /* 502 */
	FAULT_UNAVAILABLE,           /* 503 with Retry-After */
	FAULT_BUSY,                  /* 503 too much at once; with Retry-After */
	FAULT_GATEWAY_TIMEOUT,       /* 504 */
	FAULT_REPLAY,                /* not an error: the stored answer of this Idempotency-Key goes out again */
	FAULT_COUNT
};

struct fault_kind {
	const char *code;     /* stable, kebab-case: the end of `type` */
	int status;           /* HTTP */
	const char *title;    /* English */
	const char *title_it; /* Italian */
	int retry_after;      /* seconds; 0 none */
};

/* The row of the table; never NULL. */
const struct fault_kind *fault_kind(enum fault fault);

/* The fault whose code this is; FAULT_INTERNAL for an unknown one. */
enum fault fault_by_code(const char *code);

/* One detail. All strings live in the list's arena or are constant. */
struct fault_detail {
	const char *pointer;   /* JSON pointer (RFC 6901) into the body, or NULL */
	const char *parameter; /* query parameter or header, or NULL */
	const char *code;      /* rule that was broken: required, unknown, read-only, type, range, length, … */
	const char *detail;    /* a sentence for a person */
};

struct fault_list {
	struct arena *arena;
	struct fault_detail items[FAULT_LIST_MAX];
	size_t count; /* may pass FAULT_LIST_MAX; then the rest was only counted */
};

/* Notes a fault at a place of the body. */
void fault_add(struct fault_list *list, const char *pointer, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Notes a fault of a query parameter or header. */
void fault_add_parameter(struct fault_list *list, const char *parameter, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
