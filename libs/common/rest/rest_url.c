#include "rest_url.h"

#include "rest.h"
#include "text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 253

static const char host_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
static const char digits[] = "0123456789";

/* Whether a host name or IPv4 address is this machine's own: what libcurl resolves without asking anybody. */
static bool name_is_loopback(const char *host, size_t length)
{
	char copy[HOST_MAX + 1];
	unsigned char ipv4[4];

	memcpy(copy, host, length);
	copy[length] = '\0';
	return strcasecmp(copy, "localhost") == 0 || (inet_pton(AF_INET, copy, ipv4) == 1 && ipv4[0] == 127);
}

/* The bytes of "[IPv6]" at host; 0 when it isn't one. */
static size_t bracketed_read(const char *host, bool *loopback)
{
	static const unsigned char one[16] = { [15] = 1 };
	char copy[INET6_ADDRSTRLEN];
	unsigned char ipv6[16];
	size_t length = strcspn(host, "]");

	if (host[length] != ']' || length - 1 >= sizeof(copy))
		return 0;
	memcpy(copy, host + 1, length - 1);
	copy[length - 1] = '\0';
	if (inet_pton(AF_INET6, copy, ipv6) != 1)
		return 0;
	*loopback = memcmp(ipv6, one, sizeof(one)) == 0;
	return length + 1;
}

/* The bytes of the host at text; 0 when there is none. */
static size_t host_read(const char *text, bool *loopback)
{
	size_t length;

	if (text[0] == '[')
		return bracketed_read(text, loopback);
	length = strspn(text, host_characters);
	if (length == 0 || length > HOST_MAX)
		return 0;
	*loopback = name_is_loopback(text, length);
	return length;
}

static bool visible(const char *text)
{
	size_t length = 0;

	for (; text[length]; length++)
		if (text[length] <= ' ' || text[length] >= 0x7F || text[length] == '#' || length == REST_URL_MAX)
			return false;
	return true;
}

bool rest_url_read(const char *text, struct rest_url *url)
{
	bool secure = text_starts(text, "https://");
	const char *at = text + (secure ? strlen("https://") : strlen("http://"));
	bool loopback;
	size_t length;

	if (!visible(text) || (!secure && !text_starts(text, "http://")))
		return false;
	length = host_read(at, &loopback);
	if (length == 0)
		return false;
	at += length;
	if (*at == ':') {
		length = strspn(at + 1, digits);
		if (length == 0 || length > 5)
			return false;
		at += 1 + length;
	}
	if (*at != '\0' && *at != '/' && *at != '?')
		return false;
	*url = (struct rest_url){ .secure = secure, .loopback = loopback, .origin_length = (size_t)(at - text) };
	return true;
}
