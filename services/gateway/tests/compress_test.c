#include "compress.h"
#include "fixture.h"

#include <zlib.h>

#define ROOM ((size_t)1024 * 1024)

static void text_gains_and_what_is_compressed_does_not(void **state)
{
	(void)state;
	assert_true(compress_gains("application/json"));
	assert_true(compress_gains("application/problem+json"));
	assert_true(compress_gains("application/x-ndjson; charset=utf-8"));
	assert_true(compress_gains("text/csv; charset=utf-8"));
	assert_true(compress_gains("image/svg+xml"));
	assert_false(compress_gains("image/png"));
	assert_false(compress_gains("application/pdf"));
	assert_false(compress_gains("application/octet-stream"));
}

/* What a client reads who decompresses. */
static void assert_unzips(const char *body, size_t length, const char *expected)
{
	static char out[ROOM];
	z_stream zip = {
		.next_in = (Bytef *)body, .avail_in = (uInt)length, .next_out = (Bytef *)out, .avail_out = ROOM
	};

	assert_int_equal(inflateInit2(&zip, 15 + 16), Z_OK);
	assert_int_equal(inflate(&zip, Z_FINISH), Z_STREAM_END);
	assert_int_equal(zip.avail_in, 0);
	assert_int_equal(zip.total_out, strlen(expected));
	assert_memory_equal(out, expected, strlen(expected));
	inflateEnd(&zip);
}

static const char *filled(struct fixture *fixture, size_t length)
{
	char *body = arena_alloc(fixture->arena, length + 1);

	for (size_t i = 0; i < length; i++)
		body[i] = "{\"name\":\"Cave del Nord\"}"[i % 24];
	body[length] = '\0';
	return body;
}

static void a_body_shrinks_and_its_headers_say_so(void **state)
{
	struct fixture *fixture = *state;
	struct response *response = &fixture->request.response;
	const char *body = filled(fixture, 5000);

	fixture_header_set(fixture, "Accept-Encoding", "gzip");
	response_json(&fixture->request, 200, body);
	compress_answer(&fixture->request);
	assert_string_equal(fixture_answered(fixture, "Content-Encoding"), "gzip");
	assert_string_equal(fixture_answered(fixture, "Vary"), "Accept-Encoding");
	assert_true(response->length < 500);
	assert_unzips(response->body, response->length, body);
}

static void a_client_without_gzip_gets_it_as_it_is(void **state)
{
	struct fixture *fixture = *state;

	response_json(&fixture->request, 200, filled(fixture, 5000));
	compress_answer(&fixture->request);
	assert_null(fixture_answered(fixture, "Content-Encoding"));
	assert_string_equal(fixture_answered(fixture, "Vary"), "Accept-Encoding"); /* another client's would differ */
	assert_int_equal(fixture->request.response.length, 5000);
}

static void assert_left(struct fixture *fixture, size_t length)
{
	fixture_header_set(fixture, "Accept-Encoding", "gzip");
	compress_answer(&fixture->request);
	assert_int_equal(fixture->request.response.length, length);
	assert_string_not_equal(fixture_answered(fixture, "Content-Encoding") ? "coded" : "", "coded");
}

static void a_short_body_is_left(void **state)
{
	struct fixture *fixture = *state;

	response_json(&fixture->request, 200, filled(fixture, COMPRESS_MIN - 1));
	assert_left(fixture, COMPRESS_MIN - 1);
	assert_null(fixture_answered(fixture, "Vary"));
}

static void noise_that_would_grow_is_left(void **state)
{
	struct fixture *fixture = *state;
	char *noise = arena_alloc(fixture->arena, 2001);
	uint32_t seed = 1;

	for (int i = 0; i < 2000; i++) {
		seed = seed * 1664525u + 1013904223u;
		noise[i] = (char)(1 + (seed >> 24) % 255);
	}
	noise[2000] = '\0';
	response_json(&fixture->request, 200, noise);
	assert_left(fixture, 2000);
}

static void another_medium_is_left(void **state)
{
	struct fixture *fixture = *state;

	response_json(&fixture->request, 200, filled(fixture, 5000));
	fixture->request.response.content_type = "image/png";
	assert_left(fixture, 5000);
}

/* A stream of pieces, as an export comes. */
struct pieces {
	const char *rest;
	size_t piece;
	bool broken; /* fails at its end */
	bool ended;
};

static ssize_t pieces_read(void *context, char *buffer, size_t size)
{
	struct pieces *pieces = context;
	size_t length = strlen(pieces->rest);

	length = length > pieces->piece ? pieces->piece : length;
	length = length > size ? size : length;
	if (length == 0 && pieces->broken)
		return -1;
	memcpy(buffer, pieces->rest, length);
	pieces->rest += length;
	return (ssize_t)length;
}

static void pieces_end(void *context)
{
	((struct pieces *)context)->ended = true;
}

/* Reads the answer to its end in small pieces; the last status is what the last read gave. */
static size_t stream_read(struct fixture *fixture, char *out, ssize_t *status)
{
	struct stream *stream = &fixture->request.response.stream;
	size_t length = 0;

	while ((*status = stream->read(stream->context, out + length, 100)) > 0)
		length += (size_t)*status;
	stream->end(stream->context);
	return length;
}

static void a_stream_shrinks_piece_by_piece(void **state)
{
	static char out[ROOM];
	struct fixture *fixture = *state;
	const char *body = filled(fixture, 300000);
	struct pieces pieces = { .rest = body, .piece = 7 };
	ssize_t status;
	size_t length;

	fixture_header_set(fixture, "Accept-Encoding", "gzip");
	fixture->request.response.content_type = "application/x-ndjson";
	fixture->request.response.stream = (struct stream){ pieces_read, pieces_end, &pieces };
	compress_answer(&fixture->request);
	assert_string_equal(fixture_answered(fixture, "Content-Encoding"), "gzip");
	length = stream_read(fixture, out, &status);
	assert_int_equal(status, 0);
	assert_true(pieces.ended);
	assert_true(length < 10000);
	assert_unzips(out, length, body);
}

/* What is cut off must not look whole: no end of the format, and the server is told. */
static void a_stream_that_breaks_stays_broken(void **state)
{
	static char out[ROOM];
	struct fixture *fixture = *state;
	struct pieces pieces = { .rest = filled(fixture, 50000), .piece = 4096, .broken = true };
	ssize_t status;

	fixture_header_set(fixture, "Accept-Encoding", "gzip");
	fixture->request.response.content_type = "text/csv";
	fixture->request.response.stream = (struct stream){ pieces_read, pieces_end, &pieces };
	compress_answer(&fixture->request);
	stream_read(fixture, out, &status);
	assert_int_equal(status, -1);
	assert_true(pieces.ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_gains_and_what_is_compressed_does_not),
		TEST(a_body_shrinks_and_its_headers_say_so),
		TEST(a_client_without_gzip_gets_it_as_it_is),
		TEST(a_short_body_is_left),
		TEST(noise_that_would_grow_is_left),
		TEST(another_medium_is_left),
		TEST(a_stream_shrinks_piece_by_piece),
		TEST(a_stream_that_breaks_stays_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
