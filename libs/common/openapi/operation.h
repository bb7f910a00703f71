/*
 * operation: what the files of openapi share while a document is written. Internal to openapi.
 */
#ifndef AFTERCARE_OPERATION_H
#define AFTERCARE_OPERATION_H

#include "openapi.h"
#include "schema.h"

#define JSON_TYPE   "application/json"
#define NDJSON_TYPE "application/x-ndjson"
#define CSV_TYPE    "text/csv"

#define TAG_DISCOVERY "discovery" /* of files with a fixed address: /openapi.json, /.well-known/… */

/* What the engine makes of an endpoint; SHAPE_OTHER has a handler of its own. */
enum shape {
	SHAPE_LIST,
	SHAPE_READ,
	SHAPE_CREATE,
	SHAPE_CHANGE,
	SHAPE_REMOVE,
	SHAPE_BULK,
	SHAPE_ACTION,
	SHAPE_OTHER,
};

/* A document being written. */
struct description {
	const struct openapi_source *source;
	struct arena *arena;
	struct writer writer;
};

enum shape operation_shape(const struct endpoint *endpoint);

/* Whether it acts on a row with a version, so that If-Match may name it. */
bool operation_acts(const struct endpoint *endpoint);

/* What the schemas of a resource are named after: "WorkReport", "CallsSettings". */
const char *schema_of(struct arena *arena, const struct resource *resource);

/* The fields of the body it takes, or NULL. */
const struct field *operation_body(const struct endpoint *endpoint);

/* Unique in the document: "list_sites", "read_site", "follow_up_call", "post_calls_quick". */
const char *operation_id(struct arena *arena, const struct endpoint *endpoint);

/* The group it is shown in: the path's first segment as words, or TAG_DISCOVERY. */
const char *operation_tag(struct arena *arena, const struct endpoint *endpoint);

/* Writes the operation as a member of the open path. */
void operation_write(struct description *description, const struct endpoint *endpoint);

/* The lists "parameters" and "responses" of an operation. */
void parameters_write(struct description *description, const struct endpoint *endpoint);
void answers_write(struct description *description, const struct endpoint *endpoint);

/* The members of "components". */
void parameters_components(struct description *description);
void answers_components(struct description *description);

/* Whether an endpoint that comes before the index-th is of the same resource and shape: for things said once. */
bool operation_first(const struct description *description, size_t index);

#endif
