#include "segments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PATH_BYTES 128

static enum upstream_service find(const char *format, const char *segment)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), format, segment);
	return segments_find(path);
}

static void every_segment_leads_to_its_service(void **state)
{
	(void)state;
	for (int i = 0; i < SERVICE_COUNT; i++) {
		enum upstream_service service = (enum upstream_service)i;
		size_t count = 0;

		for (const char *segment; (segment = segments_at(service, count)) != NULL; count++) {
			assert_int_equal(find("/v1/%s", segment), service);
			assert_int_equal(find("/v1/%s/", segment), service);
			assert_int_equal(find("/v1/%s/0190/actions/close", segment), service);
			assert_int_equal(find("/v1/%sx", segment), SERVICE_NONE);
		}
		assert_true(count > 0);
	}
}

/* The search needs the table in order; a path has one owner. */
static void the_table_is_sorted_and_says_nothing_twice(void **state)
{
	const char *seen[512];
	size_t count = 0;

	(void)state;
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const char *before = "";
		const char *segment;

		for (size_t j = 0; (segment = segments_at((enum upstream_service)i, j)) != NULL; j++) {
			assert_true(strcmp(before, segment) < 0);
			before = segment;
			for (size_t k = 0; k < count; k++)
				assert_string_not_equal(seen[k], segment);
			assert_true(count < sizeof(seen) / sizeof(seen[0]));
			seen[count++] = segment;
		}
	}
}

static void what_every_service_has_is_found_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const char *name = segments_service_name((enum upstream_service)i);

		assert_int_equal(find("/v1/services/%s", name), i);
		assert_int_equal(find("/v1/services/%s/settings", name), i);
		assert_int_equal(find("/v1/services/%sx/settings", name), SERVICE_NONE);
	}
	assert_string_equal(segments_service_name(SERVICE_NONE), "");
}

static void all_else_is_nobodys(void **state)
{
	static const char *const paths[] = { "", "/", "/v1", "/v1/", "/v1//", "/v1//calls", "/v2/calls", "/calls",
		"v1/calls", "/v1/Calls", "/v1/call", "/v1/callss", "/v1/%63alls", "/v1/./calls", "/v1/../v1/calls",
		"/v1/services", "/v1/services/", "/v1/services//settings", "/v1/services/call", "/v1/services/Calls",
		"/v1/services/gateway/audit", "/v1/accounts", "/v1/zzz", "/v1/a", "/openapi.json" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(segments_find(paths[i]), SERVICE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_segment_leads_to_its_service),
		cmocka_unit_test(the_table_is_sorted_and_says_nothing_twice),
		cmocka_unit_test(what_every_service_has_is_found_by_its_name),
		cmocka_unit_test(all_else_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
