/* door: what happens to every request before it is routed, and to every answer before it is sent. */
#ifndef AFTERCARE_GATEWAY_DOOR_H
#define AFTERCARE_GATEWAY_DOOR_H

#include "request.h"

/* The hook `enter`: counts the request against its address. */
enum fault door_enter(struct request *request);

/* The hook `leave`: headers for browsers (security, CORS), compression. */
void door_leave(struct request *request);

/* Whether an origin is in the space separated list of the configuration ("*": all). */
bool door_origin_listed(const char *list, const char *origin);

#endif
