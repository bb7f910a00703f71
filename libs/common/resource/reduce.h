/* reduce: what of an object is news to a row that holds it already, or part of it. Internal to resource. */
#ifndef AFTERCARE_REDUCE_H
#define AFTERCARE_REDUCE_H

#include "field.h"

/*
 * Takes out of an object what the row says as well, as values and not as spellings: times by instant, decimals without their
 * last zeros, objects as far as the other says something (RFC 7396), free fields slot by slot.
 */
void reduce_object(const struct field *fields, const json_t *row, json_t *object);

#endif
