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

bool limit_peer_trusted(const struct request *request)
{
	return forwarded_trusts(config_text(request->app->config, "AFTERCARE_TRUSTED_PROXIES"), request->client);
}

const char *limit_client(struct request *request)
{
	return forwarded_client(request->arena, request->header(request, "X-Forwarded-For"),
		config_text(request->app->config, "AFTERCARE_TRUSTED_PROXIES"), request->client);
}

const char *limit_address(struct request *request)
{
	const char *client = limit_client(request);
	unsigned char bytes[16];

	if (inet_pton(AF_INET6, client, bytes) != 1)
		return client;
	return text_hex(request->arena, bytes, 8);
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
