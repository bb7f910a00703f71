/*
 * request: one HTTP request on its way through the router to a handler, and the answer being made.
 *
 * Everything hangs on the request's arena: handlers allocate there and free nothing. A handler fills `response` and
 * returns FAULT_NONE, or returns a fault with request_fail and the list of details; the problem (RFC 9457) is written
 * in one place. A request belongs to one thread.
 */
#ifndef AFTERCARE_REQUEST_H
#define AFTERCARE_REQUEST_H

#include "fault.h"
#include "json.h"
#include "pg.h"
#include "token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct app;
struct arena;
struct endpoint;
struct free_fields;
struct query;
struct text;

#define REQUEST_BODY_MAX       ((size_t)1024 * 1024) /* 413 above */
#define REQUEST_URI_MAX        ((size_t)8 * 1024)    /* 414 above */
#define REQUEST_HEADERS_MAX    ((size_t)16 * 1024)   /* 431 above: all names and values together */
#define REQUEST_LINES_MAX      100                   /* 431 above: headers */
#define REQUEST_PARAMETERS_MAX 4                     /* {…} of one path */
#define REQUEST_ID_MAX         64
#define IDEMPOTENCY_KEY_MAX    128
#define REFUSE_ON_CODES_MAX    16 /* codes of refuse_on */
#define REFUSE_ON_CODE_MAX     31 /* characters of one */
#define RESPONSE_HEADERS_MAX   24
#define RESPONSE_BODY_MAX      ((size_t)16 * 1024 * 1024)

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE, METHOD_COUNT };

struct header {
	const char *name;
	const char *value;
};

/* A body made while it is sent. read fills at most size bytes; 0 ends it, -1 breaks the connection. */
struct stream {
	ssize_t (*read)(void *context, char *buffer, size_t size);
	void (*end)(void *context); /* called once, in any case */
	void *context;
};

struct response {
	int status;
	const char *content_type; /* NULL: application/json */
	const char *body;
	size_t length;
	struct stream stream; /* used when read is set */
	struct header headers[RESPONSE_HEADERS_MAX];
	size_t header_count;
	bool close; /* end the connection after this answer */
};

/* What the tenant's copy says; cached by the service. */
struct tenant {
	char id[37];
	char code[32];
	char name[128];
	char time_zone[48];
	char currency[4];
	char language[6];
	char country[3];
	bool active;
};

/* Whose rows a caller sees: all of the tenant's, or what the fragments of each resource say. */
enum sight { SIGHT_ALL, SIGHT_TECHNICIAN, SIGHT_PORTAL, SIGHT_CALLCENTER, SIGHT_COUNT };

struct request {
	struct arena *arena;
	struct app *app;
	const struct endpoint *endpoint; /* the route that matched, or NULL */
	enum method method;
	bool head; /* HEAD: as GET, without the body */
	const char *method_name;
	const char *path; /* decoded only where a parameter is taken from it */
	const char *query_text;
	const char *client; /* address of the peer */
	const char *id;     /* X-Request-ID */
	const char *traceparent;
	const char *parameters[REQUEST_PARAMETERS_MAX];
	const char *(*header)(const struct request *request, const char *name); /* or NULL; case does not matter */
	const void *raw;                                                        /* the server's own */
	const char *body;
	size_t body_length;
	json_t *json;                          /* the body, checked against the route's fields */
	const char *refuse_on;                 /* codes of warnings that refuse the request, space separated; or NULL */
	const struct query *query;             /* parsed query string */
	const struct free_fields *free_fields; /* definitions read so far (free_field.h) */
	struct caller caller;                  /* empty for public routes */
	struct tenant tenant;
	enum sight sight;
	const char *idempotency_key;  /* or NULL */
	const char *idempotency_hash; /* of method, path, subject and body */
	const char *if_match;         /* valid lists of tags (etag.h), or NULL */
	const char *if_none_match;
	bool italian;       /* what people read of the answer: titles and details of problems, warnings */
	enum fault refused; /* by the server, before routing: framing or sizes */
	struct fault_list faults;
	const char *detail;           /* of the problem */
	const char *possible_actions; /* of a refused action, a JSON list: what the state allows; or NULL */
	struct response response;
	int64_t started_us;
};

/* Notes what went wrong and returns the fault, so that a handler can `return request_fail(…)`. */
enum fault request_fail(struct request *request, enum fault fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Turns what PostgreSQL said into details of the problem; logs what the client must not see. Returns the fault. */
enum fault request_database_fault(struct request *request, enum fault fault, const struct pg_error *error);

/* Whether the body is of a media type, as "text/csv". */
bool request_carries(const struct request *request, const char *type);

/* Whether the caller holds a scope. */
bool request_may(const struct request *request, enum scope scope);

/* Sets the answer. The body is borrowed and must live as long as the arena. */
void response_json(struct request *request, int status, const char *body);

/* The same of a text that was written; FAULT_INTERNAL when it was cut, for it is no JSON then. */
enum fault response_text(struct request *request, int status, const struct text *body)
	__attribute__((warn_unused_result));

void response_empty(struct request *request);
void response_header(struct request *request, const char *name, const char *value);

/* What a header of the answer was set to, by its name in any case; NULL when it was not. */
const char *response_header_value(const struct request *request, const char *name);

/*
 * The answer is a file of that name (RFC 6266, RFC 8187). `shown`: it may open where it is, as a page that we made; else it
 * is kept, for what others sent in must not run as ours.
 */
void response_file(struct request *request, const char *media_type, const char *name, bool shown);

/* Says that the answer depends on a header of the request, beside what it depends on already. */
void response_vary(struct request *request, const char *name);

/* Says what language people read the answer in, and that it was theirs to choose. */
void response_language(struct request *request);

/* The last parameter of the path: the id of what the request is about. Checked to be a UUID where the route says …id}. */
static inline const char *request_id_parameter(const struct request *request)
{
	int last = 0;

	while (last + 1 < REQUEST_PARAMETERS_MAX && request->parameters[last + 1])
		last++;
	return request->parameters[last];
}

/* An empty batch whose first statement tells PostgreSQL who calls; every batch of a handler starts so. */
struct pg_batch *request_batch(struct request *request);

/* That first statement, added to a batch of another's. */
void request_add_caller(struct request *request, struct pg_batch *batch);

/* A request that nobody sent, for what a worker does with the parts of handlers: the caller is to be filled in. */
void request_open(struct request *request, struct app *app, struct arena *arena);

/* The same request on another arena: what is read for it there, and what goes wrong with that, goes with that arena. */
struct request request_on(const struct request *request, struct arena *arena);

/* Runs it on the service's pool and turns an error into the problem. */
enum fault request_execute(struct request *request, struct pg_batch *batch) __attribute__((warn_unused_result));

#define PROBLEM_TYPE_BASE "https://aftercare.dev/problems/" /* and the fault's code: `type` of a problem */

/* The member "errors" that names every fault, behind others of an open object; nothing when there is none. */
void problem_details_add(struct text *out, const struct fault_list *faults);

/* What a fault is called, in the caller's language. */
const char *problem_title(const struct request *request, enum fault fault);

/* Turns what is told of the request's fault, its detail and its list, into the caller's language. Before it is written. */
void problem_translate(struct request *request);

/* What base.warn said, a JSON list, in the caller's language. */
const char *problem_warnings(const struct request *request, const char *warnings);

/* Writes the problem of a fault into the response (RFC 9457). */
void problem_write(struct request *request, enum fault fault);

#endif
