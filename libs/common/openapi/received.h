/*
 * received: what a service takes of ERPs (feed.h), as a part of the catalogue of its events: channel, operation, headers,
 * messages and their schemas. Internal to openapi. Each writes into the open object of its kind, and nothing where a service
 * takes nothing.
 */
#ifndef AFTERCARE_RECEIVED_H
#define AFTERCARE_RECEIVED_H

#include "operation.h"

#define SCHEMA_DRAFT "https://json-schema.org/draft/2020-12/schema"
#define SCHEMA_BASE  "https://aftercare.dev/events/"

/* Tools of AsyncAPI know no newer draft; our schemas use only words that mean the same in both. */
#define SCHEMA_FORMAT "application/schema+json;version=draft-07"

void received_channel(struct description *description);
void received_operation(struct description *description);
void received_headers(struct description *description);
void received_messages(struct description *description);
void received_schemas(struct description *description);

#endif
