/*
 * received: what a service takes of ERPs (feed.h), as a part of the catalogue of its events: channel, operation, headers,
 * messages and their schemas. Internal to openapi. Each writes into the open object of its kind, and nothing where a service
 * takes nothing.
 */
#ifndef AFTERCARE_RECEIVED_H
#define AFTERCARE_RECEIVED_H

#include "operation.h"

void received_channel(struct description *description);
void received_operation(struct description *description);
void received_headers(struct description *description);
void received_messages(struct description *description);
void received_schemas(struct description *description);

#endif
