/* options: the configuration every service has. Internal to service. */
#ifndef AFTERCARE_SERVICE_OPTIONS_H
#define AFTERCARE_SERVICE_OPTIONS_H

#include "config.h"

extern const struct option service_options[];

#endif
