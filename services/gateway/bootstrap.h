/* bootstrap: what must be there before anybody can log in: the platform's tenant, its first account, a signing key. */
#ifndef AFTERCARE_GATEWAY_BOOTSTRAP_H
#define AFTERCARE_GATEWAY_BOOTSTRAP_H

#include "app.h"

/* The hook `migrated`: makes what isn't there, changes nothing that is. */
enum fault bootstrap(struct app *app, const char **problem);

#endif
