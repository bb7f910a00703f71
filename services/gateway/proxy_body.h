/* proxy_body: the body of a service's answer: a short one whole, a long one piece by piece. */
#ifndef AFTERCARE_GATEWAY_PROXY_BODY_H
#define AFTERCARE_GATEWAY_PROXY_BODY_H

#include "request.h"

struct rest_exchange;

/* Makes the body of the response. A fault when it breaks before anything was sent. */
enum fault proxy_body(struct request *request, struct rest_exchange *exchange) __attribute__((warn_unused_result));

#endif
