/*
 * description: the OpenAPI document of the whole installation: the gateway's own and those of all services it knows,
 * fetched again when somebody asks and DESCRIPTION_FRESH_MS have passed, made anew only when one has changed. Thread safe.
 */
#ifndef AFTERCARE_GATEWAY_DESCRIPTION_H
#define AFTERCARE_GATEWAY_DESCRIPTION_H

#include "request.h"

#define DESCRIPTION_FRESH_MS 5000
#define DESCRIPTION_FETCH_MS 3000                       /* longest wait for one service */
#define DESCRIPTION_MAX      ((size_t)16 * 1024 * 1024) /* bytes of one document */

struct description;

struct description *description_new(void);
void description_free(struct description *description);

/* The hook `describe`: GET /openapi.json. A service that can't be reached is told of as it last was. */
enum fault description_get(struct request *request);

/* Adds paths, components and tags of `more` to `all`; what is there already stays. For tests. */
void description_merge(json_t *all, const json_t *more);

#endif
