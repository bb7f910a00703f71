/*
 * upload: files larger than a request, in parts that come in any order, again after a loss, from several connections.
 *
 * POST /v1/uploads announces the file and what it is for; PUT …/parts/{number} takes its bytes; GET tells which parts are
 * missing. The last part completes it, when all of them together have the digest that was announced. An import takes the
 * bytes over; what nobody uses goes after UPLOAD_HOURS. Bytes live in rows of the service's own schema.
 */
#ifndef AFTERCARE_UPLOAD_H
#define AFTERCARE_UPLOAD_H

#include "resource.h"

#define UPLOAD_BYTES_MAX  (256L * 1024 * 1024)  /* of one upload */
#define UPLOADS_MAX       20                    /* of a tenant */
#define UPLOADS_BYTES_MAX (1024L * 1024 * 1024) /* of all of a tenant's together */
#define UPLOAD_PART_BYTES REQUEST_BODY_MAX      /* of each part but the last */
#define UPLOAD_HOURS      24                    /* since its last part */
#define UPLOAD_TIMER      "upload.expire"

/* What may come back as a Content-Type (RFC 6838, and parameters). */
#define MEDIA_TYPE     "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( *;[ -~]*)?$"
#define MEDIA_TYPE_MAX 127

/* Control characters, as they are: what both that read a pattern (field.h) understand. */
#define PATTERN_CONTROL "\x01-\x1f\x7f"

/* What uploads are for, when it is not bulk lines: the context of a route that says TAKES_UPLOADS. */
struct upload_target {
	const char *name; /* as announced: "assets/attachments" */
	long bytes_max;
};

extern const struct resource upload;
extern const struct field upload_fields[];

enum fault upload_create(struct request *request);
enum fault upload_part_put(struct request *request);
enum fault upload_remove(struct request *request);

/* Adds the guard of an upload's use: it is the caller's, complete, for that collection, and nobody else uses it. */
void upload_add_use_guard(struct pg_batch *batch, const char *id, const char *collection);

/* Gives its parts to another owner and forgets the upload. */
void upload_add_use(struct pg_batch *batch, const char *id, const char *owner);

#endif
