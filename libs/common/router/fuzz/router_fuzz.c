/* Paths of anybody: what is found is the route that the path spells, segment by segment. */
#include "router.h"

#include "arena.h"
#include "fuzz.h"
#include "query.h"

#include <string.h>

static const struct endpoint endpoints[] = {
	{ .route = { .method = METHOD_GET, .path = "/v1/calls" } },
	{ .route = { .method = METHOD_POST, .path = "/v1/calls" } },
	{ .route = { .method = METHOD_POST, .path = "/v1/calls/quick" } },
	{ .route = { .method = METHOD_GET, .path = "/v1/calls/{id}" } },
	{ .route = { .method = METHOD_POST, .path = "/v1/calls/{id}/actions/close" } },
	{ .route = { .method = METHOD_GET, .path = "/v1/a/{a}/b/{b}/c/{c}/d/{d}" } },
	{ .route = { .method = METHOD_GET, .path = "/" } },
};

static struct arena *kept;
static struct router *router;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct endpoints all = { endpoints, sizeof(endpoints) / sizeof(endpoints[0]) };

	(void)argc;
	(void)argv;
	kept = arena_new();
	router = router_new(kept, &all);
	return 0;
}

static void spells(struct arena *arena, const char *route, const char *path, const char *const parameters[])
{
	int number = 0;

	while (*route && *path) {
		size_t wanted = strcspn(route + 1, "/");
		size_t length = strcspn(path + 1, "/");

		if (route[1] == '{') {
			const char *decoded = percent_decode(arena, path + 1, length, false);

			hold(decoded && parameters[number] && strcmp(decoded, parameters[number]) == 0);
			number++;
		} else {
			hold(length == wanted && strncmp(route + 1, path + 1, length) == 0);
		}
		route += wanted + 1;
		path += length + 1;
	}
	hold(!*route && !*path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *path = arena_strndup(arena, (const char *)data, size);

	for (int method = 0; method <= METHOD_COUNT; method++) {
		const char *parameters[REQUEST_PARAMETERS_MAX] = { NULL };
		const struct endpoint *endpoint = NULL;
		const char *allow = NULL;
		enum router_found found =
			router_find(router, arena, (enum method)method, path, &endpoint, parameters, &allow);

		hold((found == ROUTER_FOUND) == (endpoint != NULL));
		hold((found == ROUTER_NO_METHOD) == (allow && strstr(allow, "OPTIONS")));
		if (endpoint) {
			hold(endpoint->route.method == (enum method)method);
			spells(arena, endpoint->route.path, path, parameters);
		}
	}
	arena_free(arena);
	return 0;
}
