#include "keys.h"

#include "arena.h"
#include "gateway_service_sql.h"
#include "log.h"
#include "pg.h"
#include "secret.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS "requests" /* what the key of requests is for */

struct key {
	struct token_key *private;
	const char *public; /* JWK */
	bool signs;         /* its time has come */
};

/* What one reading of the table found; replaced as a whole. */
struct ring {
	struct arena *arena;
	struct key keys[KEYS_MAX]; /* newest first */
	size_t count;
	long age;
};

struct keys {
	unsigned char sealing[SECRET_KEY_BYTES];
	unsigned char requests[SECRET_SHA256_BYTES]; /* made of it */
	pthread_rwlock_t lock;
	struct ring *ring;
};

static const char *purpose(struct arena *arena, const char *id)
{
	return arena_printf(arena, "signing-key:%s", id);
}

static void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->count; i++)
		token_key_free(ring->keys[i].private);
	arena_free(ring->arena);
}

struct keys *keys_new(const char *sealing)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (!keys)
		abort();
	if (!sealing || !secret_key_read(sealing, keys->sealing)) {
		free(keys);
		return NULL;
	}
	secret_sha256_keyed(keys->sealing, REQUESTS, strlen(REQUESTS), keys->requests);
	pthread_rwlock_init(&keys->lock, NULL);
	return keys;
}

void keys_free(struct keys *keys)
{
	if (!keys)
		return;
	ring_free(keys->ring);
	pthread_rwlock_destroy(&keys->lock);
	explicit_bzero(keys->sealing, sizeof(keys->sealing));
	explicit_bzero(keys->requests, sizeof(keys->requests));
	free(keys);
}

const unsigned char *keys_of_requests(const struct keys *keys)
{
	return keys->requests;
}

static bool key_open(const struct keys *keys, struct ring *ring, const PGresult *result, int row)
{
	const char *id = PQgetvalue(result, row, 0);
	struct key *key = &ring->keys[ring->count];
	size_t length;
	char *pem =
		secret_open(ring->arena, keys->sealing, purpose(ring->arena, id), PQgetvalue(result, row, 1), &length);
	enum fault fault = pem ? token_key_read(pem, &key->private) : FAULT_INVALID;

	if (pem)
		explicit_bzero(pem, length);
	if (fault) {
		log_write(LOG_ERROR,
			"a signing key can't be opened: is AFTERCARE_KEY_ENCRYPTION the one it was sealed with?", "kid",
			id, NULL);
		return false;
	}
	key->public = arena_strdup(ring->arena, PQgetvalue(result, row, 2));
	key->signs = PQgetvalue(result, row, 4)[0] == 't';
	if (key->signs && ring->age < 0)
		ring->age = atol(PQgetvalue(result, row, 5));
	ring->count++;
	return true;
}

enum fault keys_load(struct keys *keys, struct app *app)
{
	struct arena *arena = arena_new();
	struct ring *ring = arena_alloc(arena, sizeof(*ring));
	struct pg_batch *batch = pg_batch_new(arena);
	size_t index = pg_add(batch, &sql_key_list, 0, NULL);
	struct pg_error error;
	enum fault fault = pg_execute(app->worker, batch, &error);
	struct ring *old;

	ring->arena = arena;
	ring->age = -1;
	if (fault) {
		arena_free(arena);
		return fault;
	}
	for (int row = 0; row < PQntuples(pg_result(batch, index)) && ring->count < KEYS_MAX; row++)
		(void)key_open(keys, ring, pg_result(batch, index), row);
	pthread_rwlock_wrlock(&keys->lock);
	old = keys->ring;
	keys->ring = ring;
	pthread_rwlock_unlock(&keys->lock);
	ring_free(old);
	return FAULT_NONE;
}

enum fault keys_add(struct keys *keys, struct app *app, int lead, int gap)
{
	struct arena *arena = arena_new();
	struct token_key *key = token_key_new();
	const char *id = token_key_id(key);
	char *pem = token_key_pem(arena, key);
	const char *sealed = secret_seal(arena, keys->sealing, purpose(arena, id), pem, strlen(pem));
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error;
	enum fault fault;

	explicit_bzero(pem, strlen(pem));
	pg_add(batch, &sql_key_add,
		PG_VALUES(id, sealed, token_key_public(arena, key), arena_printf(arena, "%d", lead),
			arena_printf(arena, "%d", gap)));
	fault = pg_execute(app->worker, batch, &error);
	token_key_free(key);
	arena_free(arena);
	return fault ? fault : keys_load(keys, app);
}

enum fault keys_sign(struct keys *keys, struct arena *arena, const char *claims, const char **compact)
{
	enum fault fault = FAULT_UNAVAILABLE;

	pthread_rwlock_rdlock(&keys->lock);
	for (size_t i = 0; keys->ring && i < keys->ring->count; i++) {
		if (keys->ring->keys[i].signs) {
			fault = token_sign(arena, keys->ring->keys[i].private, claims, compact);
			break;
		}
	}
	pthread_rwlock_unlock(&keys->lock);
	return fault;
}

const char *keys_jwks(struct keys *keys, struct arena *arena)
{
	struct text out = text_new(arena, KEYS_JWKS_MAX);

	text_add(&out, "{\"keys\":[");
	pthread_rwlock_rdlock(&keys->lock);
	for (size_t i = 0; keys->ring && i < keys->ring->count; i++)
		text_addf(&out, "%s%s", i ? "," : "", keys->ring->keys[i].public);
	pthread_rwlock_unlock(&keys->lock);
	text_add(&out, "]}");
	return text_c(&out);
}

long keys_age(struct keys *keys)
{
	long age;

	pthread_rwlock_rdlock(&keys->lock);
	age = keys->ring ? keys->ring->age : -1;
	pthread_rwlock_unlock(&keys->lock);
	return age;
}
