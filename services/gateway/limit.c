#include "limit.h"

#include "app.h"
#include "arena.h"
#include "bucket.h"
#include "clock.h"
#include "config.h"
#include "gateway.h"
#include "text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define FORWARDED_MAX 1000 /* bytes of X-Forwarded-For that are looked at */

/* Whether an address is in the space separated list. */
static bool listed(const char *list, const char *address)
{
	size_t length = strlen(address);

	for (const char *at = list; at && *at;) {
		size_t word = strcspn(at, " ,");

		if (word == length && strncmp(at, address, length) == 0)
			return true;
		at += word + strspn(at + word, " ,");
	}
	return false;
}

bool limit_peer_trusted(const struct request *request)
{
	return listed(config_text(request->app->config, "AFTERCARE_TRUSTED_PROXIES"), request->client);
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

const char *limit_client(struct request *request)
{
	const char *forwarded = request->header(request, "X-Forwarded-For");
	char *list;

	if (!forwarded || strlen(forwarded) > FORWARDED_MAX || !limit_peer_trusted(request))
		return request->client;
	/* From the right: each proxy adds who spoke to it; the first that isn't trusted is the client. */
	list = arena_strdup(request->arena, forwarded);
	for (char *comma; (comma = strrchr(list, ',')) != NULL; *comma = '\0') {
		const char *one = comma + 1 + strspn(comma + 1, " \t");

		if (!listed(config_text(request->app->config, "AFTERCARE_TRUSTED_PROXIES"), one))
			return is_address(one) ? one : request->client;
	}
	list += strspn(list, " \t");
	return is_address(list) ? list : request->client;
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
