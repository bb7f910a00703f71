/* compress: gzip (RFC 1952) for answers that gain by it, when the client takes it. */
#ifndef AFTERCARE_GATEWAY_COMPRESS_H
#define AFTERCARE_GATEWAY_COMPRESS_H

#include "request.h"

#define COMPRESS_MIN   ((size_t)1024) /* a shorter body is sent as it is */
#define COMPRESS_LEVEL 3              /* beyond it time grows faster than bytes shrink, for JSON */

/* Whether a media type gains. */
bool compress_gains(const char *content_type);

/* Compresses the answer, whole or streamed, and says so in its headers; or leaves it. */
void compress_answer(struct request *request);

#endif
