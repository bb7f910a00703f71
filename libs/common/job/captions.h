/* captions: what a print of a list says of itself: names of columns, which rows were asked for. Internal to job. */
#ifndef AFTERCARE_CAPTIONS_H
#define AFTERCARE_CAPTIONS_H

#include "field.h"
#include "json.h"
#include "query.h"

/* What a field is called: as `labels` ([{field, label}], or NULL) say, else by its name: "Opened at", "Aperto il". */
const char *caption_of(struct arena *arena, const json_t *labels, const char *name, bool italian);

/* "Filters: State = open · Opened at ≥ 2026-01-01"; and what the rows, which have those fields, are sorted by. */
const char *captions_filters(
	struct arena *arena, const json_t *labels, const struct field *fields, const struct query *query, bool italian);

#endif
