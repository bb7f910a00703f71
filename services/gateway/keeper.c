#include "keeper.h"

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "gateway.h"
#include "gateway_service_sql.h"
#include "issuer.h"
#include "keys.h"
#include "log.h"
#include "pg.h"
#include "revoked.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define DAY_SECONDS       86400L
#define KEY_SPARE_SECONDS 60 /* a key stays published for a token's life and this */

struct keeper {
	struct app *app;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_cond_t done;
	unsigned asked;  /* rounds asked for */
	unsigned rounds; /* the last request that a finished round has seen */
	bool stopping;
	int64_t swept;
};

static void sweep(struct app *app)
{
	struct arena *arena = arena_new();
	struct pg_batch *batch = pg_batch_new(arena);
	long life = config_integer(app->config, "AFTERCARE_ACCESS_SECONDS");
	struct pg_error error;

	pg_add(batch, &sql_revoked_purge, 0, NULL);
	pg_add(batch, &sql_guess_purge, 0, NULL);
	pg_add(batch, &sql_session_purge, 0, NULL);
	pg_add(batch, &sql_key_purge, PG_VALUES(arena_printf(arena, "%ld", life + KEY_SPARE_SECONDS)));
	if (pg_execute(app->worker, batch, &error))
		log_write(LOG_WARNING, "the sweep failed", "problem", error.message, NULL);
	arena_free(arena);
}

static void round_run(struct keeper *keeper)
{
	struct app *app = keeper->app;
	struct gateway *gateway = app->own;
	long days = config_integer(app->config, "AFTERCARE_KEY_DAYS");
	int64_t now = clock_monotonic();

	if (keys_load(gateway->keys, app) || revoked_load(gateway->revoked, app) || issuers_load(gateway->others, app))
		log_write(LOG_WARNING, "keys, revocations and issuers can't be read now", NULL);
	if (days && keys_age(gateway->keys) > days * DAY_SECONDS &&
		keys_add(gateway->keys, app, KEYS_LEAD_SECONDS, (int)DAY_SECONDS))
		log_write(LOG_WARNING, "the signing key can't be rotated now", NULL);
	if (now - keeper->swept > KEEPER_SWEEP_MS) {
		keeper->swept = now;
		sweep(app);
	}
}

static void wait_ms(pthread_cond_t *condition, pthread_mutex_t *lock, int milliseconds)
{
	struct timespec until = clock_after(milliseconds);

	pthread_cond_clockwait(condition, lock, CLOCK_MONOTONIC, &until);
}

static void *keeper_run(void *context)
{
	struct keeper *keeper = context;

	pthread_mutex_lock(&keeper->lock);
	while (!keeper->stopping) {
		unsigned asked = keeper->asked;

		pthread_mutex_unlock(&keeper->lock);
		round_run(keeper);
		pthread_mutex_lock(&keeper->lock);
		keeper->rounds = asked;
		pthread_cond_broadcast(&keeper->done);
		if (keeper->asked == asked && !keeper->stopping)
			wait_ms(&keeper->wake, &keeper->lock, KEEPER_PERIOD_MS);
	}
	pthread_mutex_unlock(&keeper->lock);
	return NULL;
}

struct keeper *keeper_start(struct app *app)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		abort();
	keeper->app = app;
	keeper->swept = clock_monotonic();
	pthread_mutex_init(&keeper->lock, NULL);
	pthread_cond_init(&keeper->wake, NULL);
	pthread_cond_init(&keeper->done, NULL);
	if (pthread_create(&keeper->thread, NULL, keeper_run, keeper) != 0)
		abort();
	return keeper;
}

void keeper_stop(struct keeper *keeper)
{
	if (!keeper)
		return;
	pthread_mutex_lock(&keeper->lock);
	keeper->stopping = true;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
	pthread_join(keeper->thread, NULL);
	pthread_cond_destroy(&keeper->wake);
	pthread_cond_destroy(&keeper->done);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}

void keeper_now(struct keeper *keeper)
{
	int64_t deadline = clock_monotonic() + KEEPER_NOW_MS;
	unsigned wanted;

	pthread_mutex_lock(&keeper->lock);
	wanted = ++keeper->asked;
	pthread_cond_signal(&keeper->wake);
	while ((int)(keeper->rounds - wanted) < 0 && clock_monotonic() < deadline)
		wait_ms(&keeper->done, &keeper->lock, KEEPER_NOW_MS);
	pthread_mutex_unlock(&keeper->lock);
}
