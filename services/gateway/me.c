/* me: who the caller is, and his own password. */
#include "account.h"
#include "app.h"
#include "arena.h"
#include "clock.h"
#include "gateway_service_sql.h"
#include "guess.h"
#include "secret.h"
#include "text.h"
#include "uuid.h"

#define ME_MAX ((size_t)16 * 1024)

const struct field me_fields[] = {
	{ "subject", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "Id of the account or client." },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "email", FIELD_EMAIL, READ_ONLY, .help = "Of an account of this installation." },
	{ "issuer", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "Who issued the token." },
	{ "tenant", FIELD_JSON, READ_ONLY, .help = "id, code, name, time_zone, currency, language, country." },
	{ "roles", FIELD_TEXTS, READ_ONLY | NEVER_NULL },
	{ "scopes", FIELD_TEXTS, READ_ONLY | NEVER_NULL,
		.help = "What the roles allow, or the token narrows them to." },
	{ "technician_id", FIELD_ID, READ_ONLY },
	{ "customer_id", FIELD_ID, READ_ONLY },
	{ "expires_at", FIELD_TIME, READ_ONLY | NEVER_NULL, .help = "When the token ends." },
	{ 0 },
};

const struct field me_password_fields[] = {
	{ "old_password", FIELD_TEXT, REQUIRED | WRITE_ONLY, .max = ACCOUNT_PASSWORD_MAX },
	{ "new_password", FIELD_TEXT, REQUIRED | WRITE_ONLY, .min = ACCOUNT_PASSWORD_MIN, .max = ACCOUNT_PASSWORD_MAX },
	{ 0 },
};

static void member(struct text *out, const char *name, const char *value)
{
	text_addf(out, ",\"%s\":", name);
	text_add_json(out, value);
}

static void roles_add(struct text *out, role_mask roles)
{
	const char *comma = "";

	text_add(out, ",\"roles\":[");
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (roles & ROLE_BIT(i)) {
			text_addf(out, "%s\"%s\"", comma, role_name((enum role)i));
			comma = ",";
		}
	}
	text_add(out, "],\"scopes\":[");
}

static void scopes_add(struct text *out, scope_mask scopes)
{
	const char *comma = "";

	for (int i = 1; i < SCOPE_COUNT; i++) {
		if (scopes & SCOPE_BIT(i)) {
			text_addf(out, "%s\"%s\"", comma, scope_name((enum scope)i));
			comma = ",";
		}
	}
	text_add_char(out, ']');
}

static void tenant_add(struct text *out, struct request *request)
{
	const char *id = request->caller.tenant;
	struct tenant tenant = { 0 };

	text_add(out, ",\"tenant\":");
	if (!id || request->app->tenant_find(request->app, id, &tenant)) {
		text_add(out, "null");
		return;
	}
	text_add(out, "{\"id\":");
	text_add_json(out, tenant.id);
	member(out, "code", tenant.code);
	member(out, "name", tenant.name);
	member(out, "time_zone", tenant.time_zone);
	member(out, "currency", tenant.currency);
	member(out, "language", tenant.language);
	member(out, "country", tenant.country);
	text_add_char(out, '}');
}

/* Programs have none, nor have people of other issuers here. */
static enum fault email_read(struct request *request, const char **email)
{
	struct pg_batch *batch = request_batch(request);
	size_t index;
	enum fault fault;

	*email = NULL;
	if (!request->caller.tenant || !uuid_valid(request->caller.subject))
		return FAULT_NONE;
	index = pg_add(batch, &sql_account_email, PG_VALUES(request->caller.subject));
	fault = request_execute(request, batch);
	if (!fault)
		*email = pg_value(batch, index, 0);
	return fault;
}

enum fault me_get(struct request *request)
{
	const struct caller *caller = &request->caller;
	struct text out = text_new(request->arena, ME_MAX);
	const char *email;
	enum fault fault = email_read(request, &email);
	char at[CLOCK_TEXT];

	if (fault)
		return fault;
	text_add(&out, "{\"subject\":");
	text_add_json(&out, caller->subject);
	member(&out, "name", caller->name);
	member(&out, "email", email);
	member(&out, "issuer", caller->issuer);
	tenant_add(&out, request);
	roles_add(&out, caller->roles);
	scopes_add(&out, caller->scopes);
	member(&out, "technician_id", caller->technician_id);
	member(&out, "customer_id", caller->customer_id);
	member(&out, "expires_at", clock_format(caller->expires * 1000, at));
	text_add_char(&out, '}');
	response_header(request, "Cache-Control", "no-store");
	return response_text(request, 200, &out);
}

/* Whether the old password is the caller's; counted as a guess like a login. */
static enum fault old_password_check(struct request *request, struct guess *guess)
{
	const struct caller *caller = &request->caller;
	struct pg_batch *batch = request_batch(request);
	bool matches = false;
	size_t found;
	enum fault fault;

	*guess = guess_of(request, caller->tenant, caller->subject);
	fault = guess_begin(request, batch, guess);
	if (fault)
		return fault;
	found = pg_add(batch, &sql_account_by_id, PG_VALUES(caller->subject));
	fault = guess_password(request, batch, guess, found, json_string_at(request->json, "old_password"), &matches);
	if (fault || matches)
		return fault;
	guess_wrong(request);
	fault_add(&request->faults, "/old_password", "wrong", "is not the password");
	return request_fail(request, FAULT_INVALID, "The old password is wrong.");
}

enum fault me_change_password(struct request *request)
{
	struct pg_batch *batch = request_batch(request);
	struct guess guess;
	const char *hash;
	enum fault fault;

	if (!uuid_valid(request->caller.subject))
		return request_fail(request, FAULT_FORBIDDEN, "Only an account of this installation has a password.");
	fault = old_password_check(request, &guess);
	if (!fault)
		fault = secret_password_hash(request->arena, json_string_at(request->json, "new_password"), &hash);
	if (fault)
		return fault;
	pg_add(batch, &sql_account_password_set, PG_VALUES(request->caller.subject, hash));
	pg_add(batch, &sql_session_end_all, PG_VALUES(request->caller.subject, "password changed"));
	guess_right(batch, &guess);
	fault = request_execute(request, batch);
	if (!fault)
		response_empty(request);
	return fault;
}
