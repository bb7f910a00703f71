#include "headers.h"

#include <string.h>
#include <strings.h>

const char *const headers_forwarded[] = {
	"Accept",
	"Accept-Language",
	"Content-Digest",
	"Content-Type",
	"Idempotency-Key",
	"If-Match",
	"If-Modified-Since",
	"If-None-Match",
	"Prefer",
	"Range",
	"User-Agent",
	"tracestate",
	NULL,
};

/* Of one hop, or said by the gateway itself. */
static const char *const kept_back[] = {
	"Connection",
	"Content-Length",
	"Content-Type", /* has its own place in our answers */
	"Date",
	"Keep-Alive",
	"Proxy-Authenticate",
	"Proxy-Authentication-Info",
	"Proxy-Connection",
	"Server",
	"TE",
	"Trailer",
	"Transfer-Encoding",
	"Upgrade",
	"Via",
	"X-Request-ID",
	NULL,
};

bool headers_nominated(const char *connection, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = connection; at && *at;) {
		size_t word;

		at += strspn(at, " \t,");
		word = strcspn(at, " \t,");
		if (word == length && strncasecmp(at, name, length) == 0)
			return true;
		at += word;
	}
	return false;
}

bool headers_go_back(const char *name, const char *connection)
{
	for (size_t i = 0; kept_back[i]; i++)
		if (strcasecmp(kept_back[i], name) == 0)
			return false;
	return !headers_nominated(connection, name);
}

bool headers_value_ok(const char *value)
{
	for (; *value; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7F)
			return false;
	return true;
}
