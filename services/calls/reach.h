/* reach: phones and e-mails: E.164 beside what was typed, and the lookup of who a number belongs to. */
#ifndef AFTERCARE_CALLS_REACH_H
#define AFTERCARE_CALLS_REACH_H

#include "app.h"
#include "request.h"
#include "statement.h"

/* What a customer, site or contact drops before it is removed; ends with NULL. */
extern const struct statement *const reach_forgets[];

/* Before the first request: a service that can't read numbers does not start. */
enum fault reach_start(struct app *app, const char **problem);

/* Fills e164 of each item of `phones` in a checked body; null when it is no valid number of the tenant's country. */
enum fault reach_prepare(struct request *request, json_t *body, const char *id);

/* The E.164 form of one number as typed, in the request's arena; NULL when it is none. */
const char *reach_e164(struct request *request, const char *raw);

#endif
