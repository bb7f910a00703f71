#include "framing.h"

#include "arena.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum framing_found head(struct framing *framing, const char *text)
{
	return framing_head(framing, text, strlen(text));
}

static void a_head_tells_where_its_request_ends(void **state)
{
	static const char get[] = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\n";
	struct framing framing;

	(void)state;
	assert_int_equal(head(&framing, get), FRAMING_WHOLE);
	assert_int_equal(framing.head, strstr(get, "GET /c") - get);
	assert_int_equal(framing.method, 3);
	assert_int_equal(framing.target, 4);
	assert_int_equal(framing.left, 0);
	assert_false(framing.chunked);
	assert_int_equal(head(&framing, "POST / HTTP/1.0\r\nhOST:x\r\ncontent-LENGTH:\t 0012\r\n\r\n"), FRAMING_WHOLE);
	assert_int_equal(framing.left, 12);
	assert_int_equal(head(&framing, "POST / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: CHUNKED\r\n\r\n"),
		FRAMING_WHOLE);
	assert_true(framing.chunked);
}

/* However far it has come, the beginning of a good head is no fault, and of a bad one no whole. */
static void every_beginning_of_a_head_waits(void **state)
{
	static const char good[] = "POST http://x:1/a HTTP/1.1\r\nHost: x:1\r\nA:\r\nContent-Length: 3\r\n\r\n";
	static const char bad[] = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n";
	struct framing framing;

	(void)state;
	for (size_t length = 0; length < sizeof(good) - 1; length++)
		assert_int_equal(framing_head(&framing, good, length), FRAMING_PART);
	assert_int_equal(head(&framing, good), FRAMING_WHOLE);
	for (size_t length = 0; length < sizeof(bad) - 1; length++)
		assert_int_not_equal(framing_head(&framing, bad, length), FRAMING_WHOLE);
	assert_int_equal(head(&framing, bad), FRAMING_REFUSED);
	assert_int_equal(framing.refused, FAULT_BAD_HEADER);
	assert_int_equal(framing.target, 2); /* what could be read of the request line is told */
}

static void limits_are_told_before_the_end(void **state)
{
	struct arena *arena = arena_new();
	struct text text = text_new(arena, FRAMING_HEAD_MAX * 2);
	struct framing framing;

	(void)state;
	text_add(&text, "GET /");
	while (text.length <= REQUEST_URI_MAX + FRAMING_METHOD_MAX)
		text_add_char(&text, 'x');
	assert_int_equal(head(&framing, text_c(&text)), FRAMING_REFUSED);
	assert_int_equal(framing.refused, FAULT_URI_TOO_LONG);
	text_clear(&text);
	text_add(&text, "GET / HTTP/1.1\r\nX: ");
	while (text.length < FRAMING_HEAD_MAX)
		text_add_char(&text, 'x');
	assert_int_equal(head(&framing, text_c(&text)), FRAMING_REFUSED);
	assert_int_equal(framing.refused, FAULT_HEADERS_TOO_LARGE);
	assert_int_equal(framing.method, 3);
	arena_free(arena);
}

/* Gives a body in pieces of `step` bytes; returns how much of it was taken. */
static size_t body_give(struct framing *framing, const char *body, size_t step)
{
	size_t length = strlen(body);
	size_t seen = 0;
	size_t taken = 0;

	while (framing->chunked && !framing->refused && seen < length) {
		seen = seen + step < length ? seen + step : length;
		taken += framing_body(framing, body + taken, seen - taken);
	}
	return taken;
}

static void a_chunked_body_ends_at_the_same_byte_however_it_comes(void **state)
{
	static const char body[] = "5;a=\"b\"\r\nhello\r\nA\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\nX: y\r\n\r\n";
	static const char behind[] = "GET / HTTP/1.1\r\n";
	char all[sizeof(body) + sizeof(behind)];

	(void)state;
	strcpy(all, body);
	strcat(all, behind);
	for (size_t step = 1; step < sizeof(all); step++) {
		struct framing framing = { .chunked = true };

		assert_int_equal(body_give(&framing, all, step), strlen(body));
		assert_false(framing.chunked);
		assert_int_equal(framing.refused, FAULT_NONE);
		assert_int_equal(framing.left, 0);
		assert_int_equal(framing.body, 15);
	}
}

/* What was let through of a bad body, and the ending, are a good one. */
static void a_refused_body_can_be_ended(void **state)
{
	static const char *const bodies[] = { "x\r\n", "5\r\nhelloX", "5\r\nhello\r\nx\r\n",
		"5\r\nhello\r\n0\r\nbad\r\n\r\n", "5\nhello", "fffffffffffffffff\r\n", "200000\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		for (size_t step = 1; step <= strlen(bodies[i]); step++) {
			struct framing framing = { .chunked = true };
			struct framing again = { .chunked = true };
			size_t taken = body_give(&framing, bodies[i], step);
			char ended[64];

			assert_int_not_equal(framing.refused, FAULT_NONE);
			memcpy(ended, bodies[i], taken);
			strcpy(ended + taken, framing_ending(&framing));
			assert_int_equal(body_give(&again, ended, 64), strlen(ended));
			assert_int_equal(again.refused, FAULT_NONE);
			assert_false(again.chunked);
		}
	}
}

static void a_length_counts_down(void **state)
{
	struct framing framing;

	(void)state;
	assert_int_equal(head(&framing, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"), FRAMING_WHOLE);
	assert_int_equal(framing_body(&framing, "abc", 3), 3);
	assert_int_equal(framing_body(&framing, "deGET", 5), 2);
	assert_int_equal(framing.left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_tells_where_its_request_ends),
		cmocka_unit_test(every_beginning_of_a_head_waits),
		cmocka_unit_test(limits_are_told_before_the_end),
		cmocka_unit_test(a_chunked_body_ends_at_the_same_byte_however_it_comes),
		cmocka_unit_test(a_refused_body_can_be_ended),
		cmocka_unit_test(a_length_counts_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
