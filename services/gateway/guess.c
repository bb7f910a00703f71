#include "guess.h"

#include "arena.h"
#include "bucket.h"
#include "clock.h"
#include "config.h"
#include "gateway.h"
#include "gateway_service_sql.h"
#include "limit.h"
#include "secret.h"
#include "text.h"

#include <stdlib.h>

struct guess guess_of(struct request *request, const char *tenant, const char *name)
{
	const char *both = arena_printf(request->arena, "%s\n%s", tenant ? tenant : "", name);

	return (struct guess){ .digest = secret_sha256_hex(request->arena, text_lower(request->arena, both)) };
}

static enum fault refuse(struct request *request, int seconds)
{
	request_fail(request, FAULT_TOO_MANY_REQUESTS, "Too many wrong guesses: wait %d seconds.", seconds);
	response_header(request, "Retry-After", arena_printf(request->arena, "%d", seconds));
	return FAULT_TOO_MANY_REQUESTS;
}

enum fault guess_begin(struct request *request, struct pg_batch *batch, struct guess *guess)
{
	const struct config *config = request->app->config;
	int wait = bucket_peek(gateway_of(request)->guesses, limit_address(request), clock_monotonic_us());
	const char *allowed = arena_printf(request->arena, "%ld", config_integer(config, "AFTERCARE_LOGIN_FAILURES"));

	if (wait)
		return refuse(request, wait);
	guess->index = pg_add(batch, &sql_guess_begin, PG_VALUES(guess->digest, allowed));
	return FAULT_NONE;
}

enum fault guess_admitted(struct request *request, const struct pg_batch *batch, const struct guess *guess)
{
	const char *seconds = pg_value(batch, guess->index, 0);
	int wait = seconds ? atoi(seconds) : 0;

	return wait ? refuse(request, wait) : FAULT_NONE;
}

enum fault guess_password(struct request *request, struct pg_batch *batch, const struct guess *guess, size_t found,
	const char *password, bool *matches)
{
	enum fault fault = request_execute(request, batch);

	if (!fault)
		fault = guess_admitted(request, batch, guess);
	if (fault)
		return fault;
	return secret_password_verify(pg_named(batch, found, "password"), password, matches);
}

void guess_wrong(struct request *request)
{
	(void)bucket_take(gateway_of(request)->guesses, limit_address(request), clock_monotonic_us());
}

void guess_right(struct pg_batch *batch, const struct guess *guess)
{
	pg_add(batch, &sql_guess_end, PG_VALUES(guess->digest));
}
