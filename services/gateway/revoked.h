/* revoked: the ids (jti) of access tokens that are over before their time, as a set in memory. Thread safe. */
#ifndef AFTERCARE_GATEWAY_REVOKED_H
#define AFTERCARE_GATEWAY_REVOKED_H

#include "app.h"

struct revoked;

struct revoked *revoked_new(void);
void revoked_free(struct revoked *revoked);

/* Reads the table again, when it has changed. */
enum fault revoked_load(struct revoked *revoked, struct app *app) __attribute__((warn_unused_result));

/* Whether a token is in the set; id may be NULL. */
bool revoked_has(struct revoked *revoked, const char *id);

#endif
