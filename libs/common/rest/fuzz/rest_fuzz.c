/* Addresses and header lines of others: a URL that is taken is read alike by libcurl; lines hold no control
 * characters. */
#include "rest.h"

#include "arena.h"
#include "fuzz.h"
#include "rest_lines.h"
#include "rest_url.h"

#include <string.h>
#include <strings.h>

static void read_url(const char *text)
{
	CURLU *parsed = curl_url();
	struct rest_url url;
	char *host = NULL;
	char *user = NULL;

	if (rest_url_read(text, &url) && curl_url_set(parsed, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK) {
		if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK)
			abort();
		if (curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK)
			abort();
		if (url.loopback && strcasecmp(host, "localhost") != 0 && strncmp(host, "127.", 4) != 0 &&
			host[0] != '[')
			abort();
	}
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(parsed);
}

static void read_line(struct arena *arena, const char *line, size_t length)
{
	struct rest_header header[2] = { { NULL, NULL }, { NULL, NULL } };
	struct curl_slist *lines;

	if (!rest_line_read(arena, line, length, &header[0]))
		return;
	if (strpbrk(header[0].name, "\r\n: ") || strpbrk(header[0].value, "\r\n"))
		abort();
	if (rest_lines_make(arena, header, &lines) == FAULT_NONE && strpbrk(lines->data, "\r\n"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	read_url(arena_strndup(arena, (const char *)data, size));
	read_line(arena, (const char *)data, size);
	arena_free(arena);
	return 0;
}
