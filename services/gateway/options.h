/* options: the gateway's configuration beside that of every service. */
#ifndef AFTERCARE_GATEWAY_OPTIONS_H
#define AFTERCARE_GATEWAY_OPTIONS_H

#include "config.h"

extern const struct option gateway_options[];

#endif
