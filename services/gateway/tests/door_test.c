#include "door.h"
#include "fixture.h"

#define ORIGIN "https://desk.example.com"

static void leave(struct fixture *fixture, const char *variable)
{
	const char *variables[] = { variable, NULL };

	fixture_configure(fixture, variables);
	door_leave(&fixture->request);
}

static void origins_are_listed_whole(void **state)
{
	(void)state;
	assert_true(door_origin_listed(ORIGIN, ORIGIN));
	assert_true(door_origin_listed("https://a.example " ORIGIN, ORIGIN));
	assert_true(door_origin_listed(" https://a.example, " ORIGIN ",", ORIGIN));
	assert_true(door_origin_listed("https://DESK.example.com", ORIGIN));
	assert_true(door_origin_listed("*", ORIGIN));
	assert_true(door_origin_listed("https://a.example *", "null"));
	assert_false(door_origin_listed("https://a.example", ORIGIN));
	assert_false(door_origin_listed(ORIGIN ".evil.example", ORIGIN));
	assert_false(door_origin_listed("https://desk.example", ORIGIN));
	assert_false(door_origin_listed("**", ORIGIN));
	assert_false(door_origin_listed("", ORIGIN));
	assert_false(door_origin_listed(NULL, ORIGIN));
	assert_false(door_origin_listed(ORIGIN, ""));
}

static void answers_are_safe_to_show_unless_a_page_says_more(void **state)
{
	struct fixture *fixture = *state;

	response_header(&fixture->request, "Content-Security-Policy", "default-src 'self'");
	leave(fixture, NULL);
	assert_string_equal(fixture_answered(fixture, "Content-Security-Policy"), "default-src 'self'");
	assert_string_equal(fixture_answered(fixture, "X-Content-Type-Options"), "nosniff");
	assert_string_equal(fixture_answered(fixture, "Referrer-Policy"), "no-referrer");
	assert_string_equal(fixture_answered(fixture, "Cache-Control"), "no-store");
	assert_null(fixture_answered(fixture, "Strict-Transport-Security"));
	assert_null(fixture_answered(fixture, "Access-Control-Allow-Origin"));
	assert_null(fixture_answered(fixture, "Vary"));
}

static void an_answer_to_a_token_is_kept_by_nobody_else(void **state)
{
	struct fixture *fixture = *state;

	fixture->request.caller.token = "a.b.c";
	leave(fixture, "AFTERCARE_HSTS=true");
	assert_string_equal(fixture_answered(fixture, "Cache-Control"), "private, no-cache");
	assert_string_equal(
		fixture_answered(fixture, "Strict-Transport-Security"), "max-age=31536000; includeSubDomains");
}

static void a_listed_origin_may_read_the_answer(void **state)
{
	struct fixture *fixture = *state;

	fixture_header_set(fixture, "Origin", ORIGIN);
	leave(fixture, "AFTERCARE_CORS_ORIGINS=https://a.example " ORIGIN);
	assert_string_equal(fixture_answered(fixture, "Access-Control-Allow-Origin"), ORIGIN);
	assert_non_null(strstr(fixture_answered(fixture, "Access-Control-Expose-Headers"), "ETag"));
	assert_null(fixture_answered(fixture, "Access-Control-Allow-Methods"));
	assert_null(fixture_answered(fixture, "Access-Control-Allow-Credentials"));
	assert_string_equal(fixture_answered(fixture, "Vary"), "Origin");
}

/* A cache must not show one origin what it kept of another. */
static void where_origins_matter_every_answer_varies(void **state)
{
	struct fixture *fixture = *state;

	leave(fixture, "AFTERCARE_CORS_ORIGINS=" ORIGIN);
	assert_string_equal(fixture_answered(fixture, "Vary"), "Origin");
	fixture_header_set(fixture, "Origin", "https://evil.example");
	door_leave(&fixture->request);
	assert_null(fixture_answered(fixture, "Access-Control-Allow-Origin"));
	assert_string_equal(fixture_answered(fixture, "Vary"), "Origin");
}

static void what_is_compressed_varies_by_both(void **state)
{
	struct fixture *fixture = *state;
	char *body = arena_alloc(fixture->arena, 5001);

	memset(body, 'a', 5000);
	body[5000] = '\0';
	response_json(&fixture->request, 200, body);
	fixture_header_set(fixture, "Accept-Encoding", "gzip");
	leave(fixture, "AFTERCARE_CORS_ORIGINS=" ORIGIN);
	assert_string_equal(fixture_answered(fixture, "Vary"), "Origin, Accept-Encoding");
	assert_string_equal(fixture_answered(fixture, "Content-Encoding"), "gzip");
}

static void a_browser_that_asks_first_is_told_what_goes(void **state)
{
	struct fixture *fixture = *state;

	fixture_header_set(fixture, "Origin", ORIGIN);
	fixture_header_set(fixture, "Access-Control-Request-Method", "PATCH");
	fixture->request.method_name = "OPTIONS";
	leave(fixture, "AFTERCARE_CORS_ORIGINS=*");
	assert_string_equal(fixture_answered(fixture, "Access-Control-Allow-Origin"), ORIGIN);
	assert_non_null(strstr(fixture_answered(fixture, "Access-Control-Allow-Methods"), "PATCH"));
	assert_non_null(strstr(fixture_answered(fixture, "Access-Control-Allow-Headers"), "If-Match"));
	assert_null(fixture_answered(fixture, "Access-Control-Expose-Headers"));
}

static void an_origin_that_is_no_header_is_ignored(void **state)
{
	struct fixture *fixture = *state;

	fixture_header_set(fixture, "Origin", "https://a.example\r\nSet-Cookie: a=b");
	leave(fixture, "AFTERCARE_CORS_ORIGINS=*");
	assert_null(fixture_answered(fixture, "Access-Control-Allow-Origin"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins_are_listed_whole),
		TEST(answers_are_safe_to_show_unless_a_page_says_more),
		TEST(an_answer_to_a_token_is_kept_by_nobody_else),
		TEST(a_listed_origin_may_read_the_answer),
		TEST(where_origins_matter_every_answer_varies),
		TEST(what_is_compressed_varies_by_both),
		TEST(a_browser_that_asks_first_is_told_what_goes),
		TEST(an_origin_that_is_no_header_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
