#include "docs.h"
#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

static enum fault get(struct fixture *fixture, const char *path)
{
	fixture->request.path = path;
	fixture->request.response = (struct response){ 0 };
	return docs_get(&fixture->request);
}

static void configure(struct fixture *fixture, const char *directory)
{
	const char *variables[] = {
		directory ? arena_printf(fixture->arena, "AFTERCARE_SWAGGER_UI=%s", directory) : NULL, NULL
	};

	fixture_configure(fixture, variables);
}

static void the_root_and_docs_are_for_people(void **state)
{
	(void)state;
	assert_true(docs_path("/"));
	assert_true(docs_path("/docs"));
	assert_true(docs_path("/docs/"));
	assert_true(docs_path("/docs/page.css"));
	assert_false(docs_path("/docsx"));
	assert_false(docs_path("/v1/docs"));
	assert_false(docs_path("/doc"));
}

static void the_root_leads_to_docs(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, NULL);
	assert_int_equal(get(fixture, "/"), FAULT_NONE);
	assert_int_equal(fixture->request.response.status, 302);
	assert_string_equal(fixture_answered(fixture, "Location"), "/docs");
}

static void pages_are_part_of_the_program(void **state)
{
	static const char *const indexes[] = { "/docs", "/docs/", "/docs/index.html" };
	struct fixture *fixture = *state;

	configure(fixture, NULL);
	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		assert_int_equal(get(fixture, indexes[i]), FAULT_NONE);
		assert_string_equal(fixture->request.response.content_type, "text/html; charset=utf-8");
		assert_non_null(strstr(fixture->request.response.body, "<title>Aftercare API</title>"));
		assert_non_null(strstr(fixture_answered(fixture, "Content-Security-Policy"), "default-src 'none'"));
	}
	assert_int_equal(get(fixture, "/docs/page.js"), FAULT_NONE);
	assert_string_equal(fixture->request.response.content_type, "text/javascript; charset=utf-8");
	assert_int_equal(get(fixture, "/docs/icon.svg"), FAULT_NONE);
	assert_string_equal(fixture->request.response.content_type, "image/svg+xml");
}

/* A directory with Swagger UI's style and a file that is nobody's business. */
static void of_a_directory_only_what_is_listed_is_shown(void **state)
{
	static const char *const others[] = { "/docs/secret", "/docs/../swagger-ui.css", "/docs/./swagger-ui.css",
		"/docs//swagger-ui.css", "/docs/swagger-ui.css/", "/docs/swagger-ui.js.map", "/docs/%2e%2e/x" };
	struct fixture *fixture = *state;
	char directory[] = "/tmp/docs_test.XXXXXX";
	struct stream *stream;
	char buffer[16];
	FILE *file;

	assert_non_null(mkdtemp(directory));
	configure(fixture, directory);
	file = fopen(arena_printf(fixture->arena, "%s/swagger-ui.css", directory), "w");
	fputs("a { }", file);
	fclose(file);
	file = fopen(arena_printf(fixture->arena, "%s/secret", directory), "w");
	fclose(file);
	assert_int_equal(get(fixture, "/docs/swagger-ui.css"), FAULT_NONE);
	assert_string_equal(fixture->request.response.content_type, "text/css; charset=utf-8");
	stream = &fixture->request.response.stream;
	assert_int_equal(stream->read(stream->context, buffer, sizeof(buffer)), 5);
	assert_int_equal(stream->read(stream->context, buffer, sizeof(buffer)), 0);
	stream->end(stream->context);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(get(fixture, others[i]), FAULT_NOT_FOUND);
	unlink(arena_printf(fixture->arena, "%s/swagger-ui.css", directory));
	unlink(arena_printf(fixture->arena, "%s/secret", directory));
	rmdir(directory);
}

static void without_swagger_ui_the_reason_is_told(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, NULL);
	assert_int_equal(get(fixture, "/docs/swagger-ui.css"), FAULT_UNAVAILABLE);
	assert_non_null(strstr(fixture->request.detail, "AFTERCARE_SWAGGER_UI"));
	configure(fixture, "/tmp/there is no such directory");
	assert_int_equal(get(fixture, "/docs/swagger-ui.css"), FAULT_UNAVAILABLE);
	assert_non_null(strstr(fixture->request.detail, "AFTERCARE_SWAGGER_UI"));
}

static void other_methods_are_refused(void **state)
{
	struct fixture *fixture = *state;

	configure(fixture, NULL);
	fixture->request.method = METHOD_POST;
	assert_int_equal(get(fixture, "/docs"), FAULT_METHOD);
	assert_string_equal(fixture_answered(fixture, "Allow"), "GET, HEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_and_docs_are_for_people),
		TEST(the_root_leads_to_docs),
		TEST(pages_are_part_of_the_program),
		TEST(of_a_directory_only_what_is_listed_is_shown),
		TEST(without_swagger_ui_the_reason_is_told),
		TEST(other_methods_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
