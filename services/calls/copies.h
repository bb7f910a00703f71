/*
 * copies: what calls keeps of other services, fed by their events: articles, kits, assets and the definitions of their free
 * fields, and what was made of calls (inventory); technicians (scheduling).
 */
#ifndef AFTERCARE_CALLS_COPIES_H
#define AFTERCARE_CALLS_COPIES_H

#include "copy.h"

extern const struct copy copies[];                 /* ends with a NULL topic */
extern const struct inbox_handler copies_beside[]; /* likewise: what is more than one upsert */

#endif
