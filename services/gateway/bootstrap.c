#include "bootstrap.h"

#include "account.h"
#include "arena.h"
#include "config.h"
#include "gateway_service_sql.h"
#include "keys.h"
#include "log.h"
#include "pg.h"
#include "secret.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

static enum fault account_known(
	struct app *app, struct arena *arena, const char *email, bool *known, struct pg_error *error)
{
	struct pg_batch *batch = pg_batch_new(arena);
	size_t index;
	enum fault fault;

	pg_add(batch, &sql_bootstrap_enter, 0, NULL);
	pg_add(batch, &sql_bootstrap_tenant, 0, NULL);
	index = pg_add(batch, &sql_bootstrap_account_find, PG_VALUES(email));
	fault = pg_execute(app->pool, batch, error);
	if (!fault)
		*known = pg_value(batch, index, 0) != NULL;
	return fault;
}

static enum fault account_make(
	struct app *app, struct arena *arena, const char *email, const char *password, struct pg_error *error)
{
	struct pg_batch *batch = pg_batch_new(arena);
	struct uuid id = uuid_new();
	const char *hash;
	enum fault fault = secret_password_hash(arena, password, &hash);

	if (fault)
		return fault;
	pg_add(batch, &sql_bootstrap_enter, 0, NULL);
	pg_add(batch, &sql_bootstrap_account, PG_VALUES(id.text, email, hash));
	return pg_execute(app->pool, batch, error);
}

static enum fault bootstrap_in(struct app *app, struct arena *arena, const char **problem)
{
	const char *email = config_text(app->config, "AFTERCARE_BOOTSTRAP_EMAIL");
	const char *password = config_text(app->config, "AFTERCARE_BOOTSTRAP_PASSWORD");
	struct pg_error error = { 0 };
	bool known = false;
	enum fault fault;

	if (!email)
		return FAULT_NONE;
	if (!password || strlen(password) < ACCOUNT_PASSWORD_MIN) {
		*problem = "AFTERCARE_BOOTSTRAP_PASSWORD needs at least 8 characters";
		return FAULT_INVALID;
	}
	fault = account_known(app, arena, email, &known, &error);
	if (!fault && !known)
		fault = account_make(app, arena, email, password, &error);
	if (fault) {
		*problem = "the platform's account can't be made";
		log_write(LOG_ERROR, *problem, "sqlstate", error.sqlstate, "detail", error.message, NULL);
	}
	return fault;
}

enum fault bootstrap(struct app *app, const char **problem)
{
	struct arena *arena = arena_new();
	enum fault fault = bootstrap_in(app, arena, problem);

	arena_free(arena);
	return fault;
}
