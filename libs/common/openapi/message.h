/* message: what the messages that a service sends and those that it receives have in common in AsyncAPI. Internal to openapi. */
#ifndef AFTERCARE_MESSAGE_H
#define AFTERCARE_MESSAGE_H

#include "writer.h"

#define SCHEMA_DRAFT "https://json-schema.org/draft/2020-12/schema"
#define SCHEMA_BASE  "https://aftercare.dev/events/"

/* A message as AsyncAPI describes it; its data are said by its schema, "./TITLE.v1.json". */
struct message {
	const char *title;   /* "call.opened", by which references find it */
	const char *type;    /* "aftercare.call.opened.v1" */
	const char *help;    /* or NULL */
	const char *headers; /* the schema of all headers but the type's value */
};

/* Opens it in an object of messages, up to its payload; what is its own and the end are the caller's. */
void message_begin(struct writer *writer, const struct message *message);

#endif
