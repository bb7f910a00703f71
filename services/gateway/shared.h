/*
 * shared: what every service has under the same paths: /v1/uploads and /v1/jobs. The ids of their rows tell the service
 * (uuid_of), so that nothing has to be asked or remembered; an upload is made where the collection is that it is for; a list
 * is all services' lists, joined.
 */
#ifndef AFTERCARE_GATEWAY_SHARED_H
#define AFTERCARE_GATEWAY_SHARED_H

#include "request.h"

/* Answers a request to a SHARED route that is not about a row of the gateway's own. */
enum fault shared_answer(struct request *request);

#endif
