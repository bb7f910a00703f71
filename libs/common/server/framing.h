/*
 * framing: where a request ends, read strictly (RFC 9112). What two readers could take for two different requests is
 * refused, never mended: line ends other than CRLF, folded lines, blanks before a colon, two lengths, a length beside a
 * coding, codings other than chunked, two hosts. Also the limits of REQUEST_….
 *
 * Pure: bytes in, verdict out; nothing is kept of the bytes. One a connection, one thread. Internal to server.
 */
#ifndef AFTERCARE_SERVER_FRAMING_H
#define AFTERCARE_SERVER_FRAMING_H

#include "fault.h"
#include "request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMING_METHOD_MAX 32
#define FRAMING_HEAD_MAX   (REQUEST_URI_MAX + REQUEST_HEADERS_MAX + (size_t)4 * REQUEST_LINES_MAX + 64)
#define FRAMING_SIZE_MAX   ((size_t)256)      /* line with the size of a chunk, extensions and all */
#define FRAMING_TAIL_MAX   ((size_t)4 * 1024) /* trailers of a chunked body */

enum framing_found {
	FRAMING_PART, /* the end is not there yet */
	FRAMING_WHOLE,
	FRAMING_REFUSED,
};

/* Where in a chunked body. */
enum framing_chunk { FRAMING_CHUNK_SIZE, FRAMING_CHUNK_DATA, FRAMING_CHUNK_END };

struct framing {
	enum fault refused; /* with `why`, a constant sentence; NULL when the fault is a limit */
	const char *why;
	size_t method; /* lengths of the words of the request line; 0: it was not understood */
	size_t target;
	size_t head;   /* bytes of the head */
	uint64_t left; /* bytes of the body, or of the chunk, still to come */
	bool chunked;
	enum framing_chunk chunk;
	uint64_t body; /* bytes of all chunks so far */
};

/* Looks at a head from its first byte on; WHOLE tells its size and how its body is framed. */
enum framing_found framing_head(struct framing *framing, const char *bytes, size_t length);

/*
 * Looks at what comes behind the head. Returns how many of the bytes belong to the body and may go on; 0 when more are
 * needed first, or when it was refused. At the end of the body, `left` is 0 and `chunked` false.
 */
size_t framing_body(struct framing *framing, const char *bytes, size_t length);

/* What ends a refused chunked body here, for a reader that got everything that framing_body let go on. */
const char *framing_ending(const struct framing *framing);

#endif
