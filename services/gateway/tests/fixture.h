/* fixture: what the gateway's tests share: a configuration, and a request that came with some headers. */
#ifndef AFTERCARE_GATEWAY_FIXTURE_H
#define AFTERCARE_GATEWAY_FIXTURE_H

#include "app.h"
#include "arena.h"
#include "config.h"
#include "options.h"
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define FIXTURE_HEADERS_MAX 8

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

struct fixture {
	struct arena *arena;
	struct app app;
	struct request request;
	struct header headers[FIXTURE_HEADERS_MAX + 1]; /* of the request; ends with a NULL name */
};

static inline const char *fixture_header(const struct request *request, const char *name)
{
	const struct header *headers = request->raw;

	for (; headers->name; headers++)
		if (strcasecmp(headers->name, name) == 0)
			return headers->value;
	return NULL;
}

static inline int fixture_set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	fixture->request = (struct request){
		.arena = fixture->arena,
		.app = &fixture->app,
		.method = METHOD_GET,
		.method_name = "GET",
		.path = "/v1/calls",
		.query_text = "",
		.client = "192.0.2.1",
		.id = "test",
		.header = fixture_header,
		.raw = fixture->headers,
	};
	*state = fixture;
	return 0;
}

static inline int fixture_tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

/* The configuration is the gateway's with these variables, NAME=value, up to NULL; what it needs besides is given. */
static inline void fixture_configure(struct fixture *fixture, const char *const variables[])
{
	static const struct option *const tables[] = { gateway_options, NULL };
	char *arguments[] = { NULL };
	char *environment[16] = { "AFTERCARE_KEY_ENCRYPTION=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct fault_list faults = { .arena = fixture->arena };
	struct config *config;

	for (size_t i = 0; variables[i]; i++)
		environment[i + 1] = arena_strdup(fixture->arena, variables[i]);
	assert_int_equal(config_load(fixture->arena, tables, 0, arguments, environment, &config, &faults), FAULT_NONE);
	fixture->app.config = config;
}

static inline void fixture_header_set(struct fixture *fixture, const char *name, const char *value)
{
	struct header *header = fixture->headers;

	while (header->name && strcasecmp(header->name, name) != 0)
		header++;
	assert_true(header < fixture->headers + FIXTURE_HEADERS_MAX);
	*header = (struct header){ name, value };
}

/* The value of a header of the answer, or NULL. */
static inline const char *fixture_answered(const struct fixture *fixture, const char *name)
{
	const struct response *response = &fixture->request.response;

	for (size_t i = 0; i < response->header_count; i++)
		if (strcasecmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	return NULL;
}

#endif
