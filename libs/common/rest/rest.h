/*
 * rest: HTTP/1.1 requests to other servers, on libcurl: small JSON calls (rest_get, rest_call), and exchanges whose
 * answer is read piece by piece (rest_begin, rest_read, rest_end), as a gateway needs to pass on what it never holds.
 *
 * A client keeps connections alive in one LIFO an origin, so that few of them stay warm. No redirects, no cookies, no
 * retries on other addresses, paths as they are; http:// only to this machine unless the request allows it; proxies of
 * the environment are used for https:// only. Header values are checked: libcurl would send a CRLF inside one as a new
 * header. A client is shared by all threads; an exchange belongs to one thread at a time.
 *
 * libcurl sends a request again by itself when a kept connection turns out dead. Here it does so only for requests said
 * to be `repeatable`. What remains for others: the answer REST_UNANSWERED, where nobody knows whether the server acted;
 * whoever repeats such a request sends an Idempotency-Key with it.
 */
#ifndef AFTERCARE_REST_H
#define AFTERCARE_REST_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define REST_CONNECT_MS   1000 /* defaults of a request's deadlines */
#define REST_ANSWER_MS    30000
#define REST_IDLE_MS      30000
#define REST_BODY_MAX     ((size_t)1024 * 1024) /* of an answer to rest_get and rest_call */
#define REST_HEAD_MAX     ((size_t)64 * 1024)   /* bytes of an answer's headers */
#define REST_HEADERS_MAX  128                   /* of an answer */
#define REST_URL_MAX      9216                  /* the longest address that we take, behind an origin */
#define REST_IDLE_HANDLES 32                    /* kept alive for each origin */
#define REST_ORIGINS_MAX  64                    /* with kept connections; others connect anew */
#define REST_KEPT_SECONDS 20 /* idle connections older than this aren't used: our servers close at 30 */

struct rest_header {
	const char *name;
	const char *value;
};

struct rest_request {
	const char *method; /* NULL: GET */
	const char *url;
	const struct rest_header *headers; /* ends with a NULL name; or NULL. Not for framing: that is libcurl's */
	const void *body;                  /* borrowed until rest_end; or NULL */
	size_t body_length;
	bool plain;      /* http:// to other machines is allowed */
	bool repeatable; /* may be sent twice: GET, HEAD, PUT, DELETE, or with an idempotency key */
	int connect_ms;  /* deadlines; 0: the defaults above */
	int answer_ms;   /* until status and headers have come, connecting included */
	int idle_ms;     /* between two pieces of the body */
	int total_ms;    /* of the whole exchange; 0: none */
};

/* How far an exchange got when it failed: what tells whether it may be tried elsewhere. */
enum rest_stage {
	REST_UNSENT,     /* nothing reached a server (bad request, no address, refused, no connection in time) */
	REST_UNANSWERED, /* it may have been received; no status came. Repeat only what is idempotent */
	REST_ANSWERING,  /* broken in the middle of the body */
};

struct rest_failure {
	enum rest_stage stage;
	bool timed_out;
	const char *detail; /* a sentence for the log, constant; not for clients */
};

struct rest_exchange;

struct rest_client;

struct rest_client *rest_client_new(void);

/* Closes every connection. No exchange may be open. NULL is fine. */
void rest_client_free(struct rest_client *client);

/*
 * Sends the request and waits for status and headers. The exchange lives in the arena and is ended with it at the
 * latest. Faults: FAULT_BAD_HEADER and FAULT_MALFORMED for a request that can't be sent, FAULT_UNAVAILABLE when no
 * connection came about, FAULT_GATEWAY_TIMEOUT, FAULT_BAD_GATEWAY for all else; *failure (if not NULL) tells more.
 */
enum fault rest_begin(struct rest_client *client, struct arena *arena, const struct rest_request *request,
	struct rest_exchange **exchange, struct rest_failure *failure) __attribute__((warn_unused_result));

/* Status and headers of the answer. *headers ends with a NULL name; names are as sent, values trimmed. */
int rest_status(const struct rest_exchange *exchange);
const struct rest_header *rest_headers(const struct rest_exchange *exchange);

/* The value of a header by its name in any case; NULL when absent. The first of several. */
const char *rest_header(const struct rest_exchange *exchange, const char *name);

/*
 * The next bytes of the body, at most size; *length 0 at its end. Blocks until some have come. At most
 * REST_WINDOW bytes are held; the sender is slowed down by not reading.
 */
#define REST_WINDOW ((size_t)32 * 1024)
enum fault rest_read(struct rest_exchange *exchange, void *buffer, size_t size, size_t *length)
	__attribute__((warn_unused_result));

/* Why rest_read failed. */
const struct rest_failure *rest_failed(const struct rest_exchange *exchange);

/* Ends it: the connection is kept when the body was read to its end, else closed. NULL, and twice, are fine. */
void rest_end(struct rest_exchange *exchange);

struct rest_answer {
	int status;
	const char *body; /* with a zero byte behind it; "" when empty */
	size_t length;
	const struct rest_header *headers;
};

/* A whole exchange, for small answers. Faults as rest_begin; FAULT_TOO_LARGE for a body over REST_BODY_MAX. */
enum fault rest_call(struct rest_client *client, struct arena *arena, const struct rest_request *request,
	struct rest_answer *answer) __attribute__((warn_unused_result));

/* GET within so many milliseconds in all. Any status is an answer. headers may be NULL. */
enum fault rest_get(struct rest_client *client, struct arena *arena, const char *url, const struct rest_header *headers,
	int total_ms, struct rest_answer *answer) __attribute__((warn_unused_result));

#endif
