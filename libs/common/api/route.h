/*
 * route: the tables that are the API of a service.
 *
 * A route table is read on one screen. STORE stands for the whole set of a resource that only stores: list, get,
 * create, change, remove, bulk; of one that is read only, list and get; with `via`, of the rows below another. ACTIONS
 * stands for one POST …/actions/NAME for each row of the resource's machine, and the list of its transitions. LIST is
 * the list of a resource below another, which the caller must see. The rest name their handler.
 */
#ifndef AFTERCARE_ROUTE_H
#define AFTERCARE_ROUTE_H

#include "field.h"
#include "request.h"

struct resource;
struct transition;

typedef enum fault (*handler)(struct request *request);

enum route_kind {
	ROUTE_HANDLER = 0,
	STORE,   /* path is the collection */
	LIST,    /* path has {id}; `via` names the filter that it fills */
	ACTIONS, /* path ends with /actions/; `read` is for …/transitions */
};

enum route_flag {
	PUBLIC = 1 << 0,    /* no token */
	NO_TENANT = 1 << 1, /* needs no tenant's copy */
	NO_DELETE = 1 << 2, /* STORE: what has a number is cancelled, never deleted */
	NO_BULK = 1 << 3,
	NO_CREATE = 1 << 4,
	NO_CHANGE = 1 << 5,
	RAW_BODY = 1 << 6,    /* the handler reads request->body itself: any media type */
	FORM_BODY = 1 << 7,   /* application/x-www-form-urlencoded, turned into the object `fields` describe (OAuth) */
	NEEDS_MATCH = 1 << 8, /* If-Match required */
	BODY_OPTIONAL = 1 << 9,
	EXPANDS = 1 << 10,       /* LIST: is also shown beside the row above it, when expand= names it */
	LISTS = 1 << 11,         /* set by the engine: reads the query by filters, not by `query` alone */
	SHARED = 1 << 12,        /* of every service: the gateway answers for all of them */
	TAKES_UPLOADS = 1 << 13, /* `context` is what for (upload.h) */
	MAY_CONFLICT = 1 << 14,  /* a GET that may be refused with 409: what it would make is too long */
};

#define ANY_MEDIA "*/*"

struct route {
	enum route_kind kind;
	enum method method;
	const char *path;
	handler handle;
	enum scope read; /* STORE, LIST, ACTIONS: of lists and gets; others: of the route itself is `write` */
	enum scope write;
	enum scope create;   /* STORE: of creating, when it is another than `write` */
	enum scope bulk;     /* STORE: of bulk upserts, likewise */
	enum scope attaches; /* STORE: of attaching files to its rows; none: they take none */
	unsigned flags;
	const struct resource *resource; /* what it is about; shapes the answer in OpenAPI */
	const struct field *body;        /* fields of the request body; NULL: none */
	const struct field *query;       /* query parameters beyond a list's own */
	const struct field *answer;      /* shape of the answer when it isn't the resource */
	const char *media;               /* of that answer, when it is not application/json; ANY_MEDIA: what is there */
	const char *via; /* LIST and STORE below a row: the filter (and field FROM_PATH) that {id} of the path fills */
	const char *where;                   /* of a list: a condition over the aliases of its rows, or NULL */
	const struct transition *transition; /* of an action: its row; set by ACTIONS */
	const void *context;                 /* for the handler */
	int status;                          /* of success; 0: 200 */
	const char *summary;
	const char *help;
};

/* A route as it is served: STORE, LIST and ACTIONS taken apart. */
struct endpoint {
	struct route route;
	const struct store *store;  /* of route.resource, or NULL */
	const struct store *parent; /* of what is below a row: whose row {id} is, or NULL */
	enum scope parent_read;     /* and what reading that takes */
	const char *beside;         /* the name by which expand= shows it beside that row, or NULL */
	size_t index;               /* its place, for metrics */
};

struct endpoints {
	const struct endpoint *items;
	size_t count;
};

/* What a collection is called where its path is named by it: what stands behind /v1/. Lives as long as the path. */
const char *route_collection(const struct route *route);

const char *method_name(enum method method);

#endif
