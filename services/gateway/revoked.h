/* revoked: access tokens over before their time, by their ids (jti) or those of their clients, in memory. Thread safe. */
#ifndef AFTERCARE_GATEWAY_REVOKED_H
#define AFTERCARE_GATEWAY_REVOKED_H

#include "app.h"

struct revoked;

struct revoked *revoked_new(void);
void revoked_free(struct revoked *revoked);

/* Reads the table again, when it has changed. */
enum fault revoked_load(struct revoked *revoked, struct app *app) __attribute__((warn_unused_result));

/* When what has that id was revoked, in Unix seconds; 0 when it was not. id may be NULL. */
int64_t revoked_at(struct revoked *revoked, const char *id);

#endif
