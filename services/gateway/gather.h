/*
 * gather: views across services. Asks each for its part with the caller's own token, all at once and within one deadline; a
 * part that can't be had is missing, with a warning, and the others are shown.
 */
#ifndef AFTERCARE_GATEWAY_GATHER_H
#define AFTERCARE_GATEWAY_GATHER_H

#include "request.h"
#include "segments.h"

#define GATHER_MS    2000 /* longest wait for a part */
#define GATHER_TRIES 2    /* replicas of a service */

/* A part of a view: what a GET of a service's path answers. */
struct part {
	const char *name; /* of the member that shows it */
	enum upstream_service service;
	const char *path;
	json_t *answer;  /* set: its JSON; NULL: it is missing */
	const char *why; /* set, when it is missing: a sentence */
};

/* Fills the parts. */
void gather(struct request *request, struct part *parts, size_t count);

/* A part whose answer is of no use is missing, too. what: "answers no list". */
void part_refuse(struct request *request, struct part *part, const char *what);

/*
 * The list of warnings that tells of missing parts; NULL when there are none. `where` is the pointer to the object whose members
 * the parts are, as "/parts"; NULL: they aren't shown one by one.
 */
json_t *gather_warnings(struct request *request, const struct part *parts, size_t count, const char *where);

#endif
