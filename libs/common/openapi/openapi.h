/*
 * openapi: what a service answers, as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), written from the
 * tables that make it answer so: endpoints, field tables, filters and sorts, the fault table. Nothing is said twice.
 *
 * Beside the standard: x-required-scope names the scope an operation needs, x-line-schema the JSON of one line where
 * a body is NDJSON.
 *
 * Thread safe: reads constants only.
 */
#ifndef AFTERCARE_OPENAPI_H
#define AFTERCARE_OPENAPI_H

#include "resource.h"
#include "route.h"
#include "text.h"

#define OPENAPI_MAX ((size_t)16 * 1024 * 1024) /* bytes of a description: what `out` should be made with */

/* What the operations of a first path segment are for, where no resource tells. */
struct openapi_tag {
	const char *name; /* NULL ends the table */
	const char *help;
};

/* Borrowed for the call. */
struct openapi_source {
	const char *service;            /* "calls": the tag of what every service has */
	const char *title;              /* "Aftercare calls" */
	const char *version;            /* of the program */
	const char *help;               /* what the service is for, Markdown */
	const struct openapi_tag *tags; /* of its own, or NULL */
	const struct endpoints *endpoints;
	const struct resource *const *resources; /* ends with NULL; those that no endpoint shows are left out */
	const struct feed *feeds;                /* what an ERP sends; or NULL */
};

/*
 * Appends the document to out, as one line of JSON. What does not fit sets out->full, as with every text.
 * Scratch memory is the arena's.
 */
void openapi_write(struct arena *arena, const struct openapi_source *source, struct text *out);

#endif
