/* docs: the API reference for people: Swagger UI, served from a directory on this machine, and a page that logs in. */
#ifndef AFTERCARE_GATEWAY_DOCS_H
#define AFTERCARE_GATEWAY_DOCS_H

#include "request.h"

/* A file of ours, made part of the program. */
struct page {
	const char *name; /* NULL ends the table */
	const char *content_type;
	const char *text;
};

extern const struct page docs_pages[];

/* Whether a path is "/", /docs or below it. */
bool docs_path(const char *path);

/* Answers it: "/" leads to /docs. */
enum fault docs_get(struct request *request);

#endif
