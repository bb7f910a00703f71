#include "compress.h"

#include "accept.h"
#include "arena.h"
#include "text.h"

#include <stdlib.h>
#include <zlib.h>

#define WINDOW_GZIP  (15 + 16) /* zlib's way to ask for the gzip format */
#define MEMORY_LEVEL 8
#define PIECE_BYTES  ((size_t)16 * 1024)

bool compress_gains(const char *content_type)
{
	static const char *const types[] = { "application/json", "application/problem+json", "application/x-ndjson",
		"application/jwk-set+json", "text/csv", "text/html", "text/css", "text/plain", "text/javascript",
		"image/svg+xml" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (text_starts(content_type, types[i]))
			return true;
	return false;
}

/* A stream on its way through zlib. */
struct squeeze {
	struct stream from;
	z_stream zip;
	char piece[PIECE_BYTES];
	bool ended; /* nothing more comes from `from` */
	bool done;
};

static ssize_t squeeze_read(void *context, char *buffer, size_t size)
{
	struct squeeze *squeeze = context;
	z_stream *zip = &squeeze->zip;

	zip->next_out = (Bytef *)buffer;
	zip->avail_out = (uInt)size;
	/* 0 would end the stream: go on until there are bytes to send. */
	while (!squeeze->done && zip->avail_out == size) {
		int status;

		if (zip->avail_in == 0 && !squeeze->ended) {
			ssize_t got = squeeze->from.read(squeeze->from.context, squeeze->piece, PIECE_BYTES);

			if (got < 0)
				return -1;
			squeeze->ended = got == 0;
			zip->next_in = (Bytef *)squeeze->piece;
			zip->avail_in = (uInt)got;
		}
		status = deflate(zip, squeeze->ended ? Z_FINISH : Z_NO_FLUSH);
		if (status == Z_STREAM_ERROR)
			return -1;
		squeeze->done = status == Z_STREAM_END;
	}
	return (ssize_t)(size - zip->avail_out);
}

static void squeeze_end(void *context)
{
	struct squeeze *squeeze = context;

	deflateEnd(&squeeze->zip);
	squeeze->from.end(squeeze->from.context);
}

static bool zip_begin(z_stream *zip)
{
	return deflateInit2(zip, COMPRESS_LEVEL, Z_DEFLATED, WINDOW_GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
}

static bool whole_squeeze(struct request *request)
{
	struct response *response = &request->response;
	z_stream zip = { 0 };
	char *out;
	bool done;

	if (!zip_begin(&zip))
		return false;
	/* Room for the body as it is: what doesn't get smaller is left alone. */
	out = arena_alloc(request->arena, response->length);
	zip.next_in = (Bytef *)response->body;
	zip.avail_in = (uInt)response->length;
	zip.next_out = (Bytef *)out;
	zip.avail_out = (uInt)response->length;
	done = deflate(&zip, Z_FINISH) == Z_STREAM_END;
	if (done) {
		response->body = out;
		response->length = zip.total_out;
	}
	deflateEnd(&zip);
	return done;
}

static bool stream_squeeze(struct request *request)
{
	struct squeeze *squeeze = arena_alloc(request->arena, sizeof(*squeeze));

	if (!zip_begin(&squeeze->zip))
		return false;
	squeeze->from = request->response.stream;
	request->response.stream = (struct stream){ squeeze_read, squeeze_end, squeeze };
	return true;
}

void compress_answer(struct request *request)
{
	struct response *response = &request->response;
	const char *type = response->content_type ? response->content_type : "application/json";
	bool streamed = response->stream.read != NULL;

	if ((!streamed && response->length < COMPRESS_MIN) || !compress_gains(type) ||
		response_header_value(request, "Content-Encoding"))
		return;
	response_vary(request, "Accept-Encoding");
	if (!accept_coding(request->header(request, "Accept-Encoding"), "gzip"))
		return;
	if (streamed ? stream_squeeze(request) : whole_squeeze(request))
		response_header(request, "Content-Encoding", "gzip");
}
