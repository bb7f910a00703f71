#include "rest_url.h"

#include "rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void origins(void **state)
{
	static const struct {
		const char *text;
		size_t origin;
		bool secure;
		bool loopback;
	} good[] = {
		{ "http://localhost", 16, false, true },
		{ "http://LocalHost:7101/v1?x", 21, false, true },
		{ "http://127.0.0.1/", 16, false, true },
		{ "http://127.255.0.9?x", 18, false, true },
		{ "http://[::1]:80/x", 15, false, true },
		{ "https://id.example.org/a", 22, true, false },
		{ "http://128.0.0.1/", 16, false, false },
		{ "http://localhost.example.org/", 28, false, false },
		{ "http://127.1/", 12, false, false },
		{ "http://[2001:db8::1]/", 20, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct rest_url url;

		if (!rest_url_read(good[i].text, &url))
			fail_msg("refused: %s", good[i].text);
		assert_int_equal(url.origin_length, good[i].origin);
		assert_int_equal(url.secure, good[i].secure);
		assert_int_equal(url.loopback, good[i].loopback);
	}
}

static void too_long(void **state)
{
	static char text[REST_URL_MAX + 2];
	struct rest_url url = { .origin_length = 7 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "http://h/", 9);
	assert_false(rest_url_read(text, &url));
	assert_int_equal(url.origin_length, 7);
	text[REST_URL_MAX] = '\0';
	assert_true(rest_url_read(text, &url));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(origins), cmocka_unit_test(too_long) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
