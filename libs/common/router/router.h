/*
 * router: finds the endpoint of a path and method in a trie of path segments, so that the cost does not grow with the
 * number of routes. Built at start, then read only and shared by all threads.
 */
#ifndef AFTERCARE_ROUTER_H
#define AFTERCARE_ROUTER_H

#include "route.h"

struct arena;
struct router;

#define ROUTER_SEGMENTS_MAX 12

enum router_found {
	ROUTER_FOUND,
	ROUTER_NO_PATH,
	ROUTER_NO_METHOD, /* the path is known; `allow` tells its methods */
};

/* Two routes with the same method and path, or an ill-formed path, are defects: it aborts and says which. */
struct router *router_new(struct arena *arena, const struct endpoints *endpoints);

/*
 * Finds the endpoint. Parameters, percent-decoded, go to parameters[] in the arena. *allow gets the methods of the path
 * as an Allow header lists them.
 */
enum router_found router_find(const struct router *router, struct arena *arena, enum method method, const char *path,
	const struct endpoint **endpoint, const char *parameters[REQUEST_PARAMETERS_MAX], const char **allow);

#endif
