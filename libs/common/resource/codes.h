/*
 * codes: rows that a bulk line names by their code, article_code instead of article_id, where the field table says so
 * (`coded`). Internal to resource.
 */
#ifndef AFTERCARE_CODES_H
#define AFTERCARE_CODES_H

#include "upsert.h"

/* The field that may stand for an id. */
struct field codes_field(struct arena *arena, const struct field *id);

/* Puts the ids in lines from..to that give codes, and fails those whose codes no row has. */
enum fault codes_resolve(struct upsert *upsert, size_t from, size_t to) __attribute__((warn_unused_result));

/* Whether a new line names what it must; notes what it doesn't. */
bool codes_complete(const struct field *fields, const json_t *line, struct fault_list *faults);

#endif
