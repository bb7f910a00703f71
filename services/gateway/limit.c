#include "limit.h"

#include "app.h"
#include "arena.h"
#include "bucket.h"
#include "clock.h"
#include "config.h"
#include "forwarded.h"
#include "gateway.h"
#include "text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define NETWORK_BYTES 8 /* of an IPv6 address: what one customer of a provider has */

/* Only the header that the proxies write is looked at: they may pass on the other one as the client sent it. */
static bool is_standard(const struct request *request)
{
	return text_same(config_text(request->app->config, "AFTERCARE_PROXY_HEADERS"), "forwarded");
}

static struct forwarded said(const struct request *request)
{
	const char *trusted = config_text(request->app->config, "AFTERCARE_TRUSTED_PROXIES");
	bool standard = is_standard(request);

	return forwarded_read(request->arena, request->header(request, standard ? "Forwarded" : "X-Forwarded-For"),
		standard ? FORWARDED_ELEMENTS : FORWARDED_ADDRESSES, trusted, request->client);
}

bool limit_https(const struct request *request)
{
	const char *protocol = NULL;

	if (is_standard(request))
		protocol = said(request).protocol;
	else if (forwarded_trusts(config_text(request->app->config, "AFTERCARE_TRUSTED_PROXIES"), request->client))
		protocol = request->header(request, "X-Forwarded-Proto");
	return protocol && strcasecmp(protocol, "https") == 0;
}

const char *limit_client(const struct request *request)
{
	return said(request).client;
}

const char *limit_address(struct request *request)
{
	const char *client = limit_client(request);
	struct in6_addr address;

	if (inet_pton(AF_INET6, client, &address) != 1)
		return client;
	if (IN6_IS_ADDR_V4MAPPED(&address)) {
		const unsigned char *v4 = address.s6_addr + 12;

		return arena_printf(request->arena, "%d.%d.%d.%d", v4[0], v4[1], v4[2], v4[3]);
	}
	return text_hex(request->arena, address.s6_addr, NETWORK_BYTES);
}

static enum fault refuse(struct request *request, int seconds, const char *whose)
{
	request_fail(request, FAULT_TOO_MANY_REQUESTS, "Too many requests %s: wait %d second%s.", whose, seconds,
		seconds == 1 ? "" : "s");
	response_header(request, "Retry-After", arena_printf(request->arena, "%d", seconds));
	return FAULT_TOO_MANY_REQUESTS;
}

enum fault limit_take_address(struct request *request)
{
	int wait = bucket_take(gateway_of(request)->addresses, limit_address(request), clock_monotonic_us());

	return wait ? refuse(request, wait, "from this address") : FAULT_NONE;
}

enum fault limit_take_account(struct request *request)
{
	int wait = bucket_take(gateway_of(request)->accounts, request->caller.subject, clock_monotonic_us());

	return wait ? refuse(request, wait, "of this account") : FAULT_NONE;
}
