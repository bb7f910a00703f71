#include "router.h"

#include "arena.h"
#include "query.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOW_MAX 128

struct node {
	const char *segment;   /* NULL: a parameter */
	struct node *children; /* constant segments */
	struct node *next;
	struct node **table; /* the children by hash, open addressing, a power of two; made when all are there */
	size_t slots;
	struct node *parameter;
	const struct endpoint *endpoints[METHOD_COUNT];
};

struct router {
	struct node root;
};

static size_t segment_hash(const char *segment, size_t length)
{
	uint64_t hash = text_hash(TEXT_HASH, segment, length);

	return (size_t)(hash ^ hash >> 32);
}

static bool segment_is(const struct node *node, const char *segment, size_t length)
{
	return strncmp(node->segment, segment, length) == 0 && node->segment[length] == '\0';
}

/* While building: in the list. */
static struct node *child_known(const struct node *node, const char *segment, size_t length)
{
	for (struct node *child = node->children; child; child = child->next)
		if (segment_is(child, segment, length))
			return child;
	return NULL;
}

static struct node *child_find(const struct node *node, const char *segment, size_t length)
{
	size_t slot = segment_hash(segment, length) & (node->slots - 1);

	while (node->table[slot] && !segment_is(node->table[slot], segment, length))
		slot = (slot + 1) & (node->slots - 1);
	return node->table[slot];
}

/* Makes the tables of a node and all below it. */
static void node_freeze(struct arena *arena, struct node *node)
{
	size_t count = 0;

	for (struct node *child = node->children; child; child = child->next)
		count++;
	node->slots = 2;
	while (node->slots < count * 2)
		node->slots *= 2;
	node->table = arena_array(arena, node->slots, sizeof(*node->table));
	for (struct node *child = node->children; child; child = child->next) {
		size_t slot = segment_hash(child->segment, strlen(child->segment)) & (node->slots - 1);

		while (node->table[slot])
			slot = (slot + 1) & (node->slots - 1);
		node->table[slot] = child;
		node_freeze(arena, child);
	}
	if (node->parameter)
		node_freeze(arena, node->parameter);
}

static struct node *child_make(struct arena *arena, struct node *node, const char *segment, size_t length)
{
	struct node *child;

	if (segment[0] == '{') {
		if (!node->parameter)
			node->parameter = arena_alloc(arena, sizeof(*node->parameter));
		return node->parameter;
	}
	child = child_known(node, segment, length);
	if (child)
		return child;
	child = arena_alloc(arena, sizeof(*child));
	child->segment = arena_strndup(arena, segment, length);
	child->next = node->children;
	node->children = child;
	return child;
}

static _Noreturn void defect(const struct route *route, const char *what)
{
	fprintf(stderr, "route %s %s: %s\n", method_name(route->method), route->path, what);
	abort();
}

static void route_insert(struct arena *arena, struct router *router, const struct endpoint *endpoint)
{
	struct node *node = &router->root;
	const char *at = endpoint->route.path;

	if (*at != '/')
		defect(&endpoint->route, "must begin with /");
	for (at++; *at;) {
		size_t length = strcspn(at, "/");

		node = child_make(arena, node, at, length);
		at += length + (at[length] == '/');
	}
	if (node->endpoints[endpoint->route.method])
		defect(&endpoint->route, "is there twice");
	node->endpoints[endpoint->route.method] = endpoint;
}

struct router *router_new(struct arena *arena, const struct endpoints *endpoints)
{
	struct router *router = arena_alloc(arena, sizeof(*router));

	for (size_t i = 0; i < endpoints->count; i++)
		route_insert(arena, router, &endpoints->items[i]);
	node_freeze(arena, &router->root);
	return router;
}

static const char *allow_list(struct arena *arena, const struct node *node)
{
	struct text allow = text_new(arena, ALLOW_MAX);

	for (int i = 0; i < METHOD_COUNT; i++) {
		if (!node->endpoints[i])
			continue;
		text_addf(&allow, "%s%s", allow.length ? ", " : "", method_name((enum method)i));
		if (i == METHOD_GET)
			text_add(&allow, ", HEAD");
	}
	text_add(&allow, ", OPTIONS");
	return text_c(&allow);
}

static bool node_serves(const struct node *node)
{
	for (int i = 0; i < METHOD_COUNT; i++)
		if (node->endpoints[i])
			return true;
	return false;
}

/* Walks the path; constant segments win over parameters, and there is no way back, so tables must not be ambiguous. */
static const struct node *walk(const struct router *router, struct arena *arena, const char *path,
	const char *parameters[REQUEST_PARAMETERS_MAX])
{
	const struct node *node = &router->root;
	int count = 0;
	int segments = 0;

	for (const char *at = path + 1; *at;) {
		size_t length = strcspn(at, "/");
		const struct node *child = child_find(node, at, length);

		if (length == 0 || ++segments > ROUTER_SEGMENTS_MAX)
			return NULL; /* // or a path longer than any of ours */
		if (!child) {
			child = node->parameter;
			if (!child || count == REQUEST_PARAMETERS_MAX)
				return NULL;
			parameters[count] = percent_decode(arena, at, length, false);
			if (!parameters[count++])
				return NULL;
		}
		node = child;
		if (at[length] == '/' && at[length + 1] == '\0')
			return NULL; /* a trailing slash is another path */
		at += length + (at[length] == '/');
	}
	return node_serves(node) ? node : NULL;
}

enum router_found router_find(const struct router *router, struct arena *arena, enum method method, const char *path,
	const struct endpoint **endpoint, const char *parameters[REQUEST_PARAMETERS_MAX], const char **allow)
{
	const struct node *node = path[0] == '/' ? walk(router, arena, path, parameters) : NULL;

	if (!node)
		return ROUTER_NO_PATH;
	if (method < METHOD_COUNT && node->endpoints[method]) {
		*endpoint = node->endpoints[method];
		return ROUTER_FOUND;
	}
	*allow = allow_list(arena, node);
	return ROUTER_NO_METHOD;
}
