/*
 * keys: the keys that sign access tokens. They live sealed in the database; every gateway reads them again every few
 * seconds, so a key added by one is published by all (KEYS_LEAD_SECONDS) before any signs with it. The newest whose time
 * has come signs; older ones stay published until nothing they signed is valid. Thread safe.
 */
#ifndef AFTERCARE_GATEWAY_KEYS_H
#define AFTERCARE_GATEWAY_KEYS_H

#include "app.h"
#include "sign.h"

#define KEYS_MAX          16 /* published at once */
#define KEYS_LEAD_SECONDS 15 /* from the first publication to the first signature; see KEEPER_PERIOD_MS */
#define KEYS_JWKS_MAX     ((size_t)32 * 1024)

struct keys;

/* sealing is the text of AFTERCARE_KEY_ENCRYPTION. NULL when it isn't 32 bytes in base64url. */
struct keys *keys_new(const char *sealing);
void keys_free(struct keys *keys);

/* Reads the table again. A key that can't be opened is left out and told in the log. */
enum fault keys_load(struct keys *keys, struct app *app) __attribute__((warn_unused_result));

/* Adds a key that signs from `lead` seconds on, unless one was added in the last `gap` seconds. */
enum fault keys_add(struct keys *keys, struct app *app, int lead, int gap) __attribute__((warn_unused_result));

/* Signs claims (JSON) with the key of the day. FAULT_UNAVAILABLE while there is none. */
enum fault keys_sign(struct keys *keys, struct arena *arena, const char *claims, const char **compact)
	__attribute__((warn_unused_result));

/* The JWKS (RFC 7517) of all published keys, in the arena. */
const char *keys_jwks(struct keys *keys, struct arena *arena);

/* SECRET_KEY_BYTES made of the sealing key, for what tells repeated requests (app->request_key). */
const unsigned char *keys_of_requests(const struct keys *keys);

/* Seconds since the newest key began to sign; -1 when there is none. */
long keys_age(struct keys *keys);

#endif
