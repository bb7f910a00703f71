/* copies: what calls keeps of other services: assets (inventory) and technicians (scheduling), fed by their events. */
#ifndef AFTERCARE_CALLS_COPIES_H
#define AFTERCARE_CALLS_COPIES_H

#include "inbox.h"

extern const struct inbox_handler copies_consumed[]; /* ends with a NULL topic; their context is the app */

#endif
