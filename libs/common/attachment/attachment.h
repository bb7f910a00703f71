/*
 * attachment: files that hang on rows: pictures of a machine, a delivery note, a report of a test. A resource whose STORE
 * says `attaches` takes them below each row, at …/{id}/attachments.
 *
 * A file comes as the body of the request that attaches it or, when that is too small, as an upload. Who sees the row sees
 * its files; a customer only those that are public. What others sent in is handed out to be kept, never to be shown in
 * place. A row that has files is not removed before them.
 */
#ifndef AFTERCARE_ATTACHMENT_H
#define AFTERCARE_ATTACHMENT_H

#include "resource.h"
#include "route.h"

#define ATTACHMENT_BYTES_MAX (25L * 1024 * 1024) /* of one */
#define ATTACHMENTS_MAX      200                 /* of a row */

#define ATTACHMENT_ERASED "attachment.erased"

extern const struct resource attachment;

/*
 * Erases files with their bytes and all that names them, in the log of changes too, and tells that they were removed: those
 * that a statement before touched for ATTACHMENT_ERASED (base.touch). Nobody can tell what of a person is in one.
 */
void attachments_add_erase(const struct app *app, struct pg_batch *batch);

/* The routes of all that take attachments in these tables; ends with a NULL path. */
const struct route *attachment_routes(struct arena *arena, const struct route *const tables[]);

#endif
