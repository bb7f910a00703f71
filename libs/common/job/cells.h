/* cells: values of rows as a print shows them: as people write them in Italian or English. */
#ifndef AFTERCARE_CELLS_H
#define AFTERCARE_CELLS_H

#include "field.h"

/* How PostgreSQL writes a moment: to_char. */
const char *cells_time_format(bool italian);

/*
 * A value as text: `text` is what PostgreSQL shows, JSON where the field is an object or a list. Times are given as they are
 * to be shown. Objects are told by what names them.
 */
const char *cell_text(struct arena *arena, const struct field *field, const char *text, bool italian);

/* The share of the width that a column of the field takes, and whether it stands to the right. */
double cell_share(const struct field *field);
bool cell_right(const struct field *field);

#endif
