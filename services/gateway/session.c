#include "session.h"

#include "account.h"
#include "app.h"
#include "arena.h"
#include "field.h"
#include "gateway_service_sql.h"
#include "grant.h"
#include "guess.h"
#include "text.h"

const struct field session_fields[] = {
	{ "tenant", FIELD_TEXT, REQUIRED, .max = 40, .example = "\"demo\"", .help = "Code of the tenant." },
	{ "email", FIELD_TEXT, REQUIRED | PERSONAL, .max = 254, .example = "\"dispatcher@demo.local\"" },
	{ "password", FIELD_TEXT, REQUIRED | WRITE_ONLY, .max = ACCOUNT_PASSWORD_MAX,
		.example = "\"correct horse battery\"" },
	{ "scope", FIELD_TEXT, 0, .max = 1000, .help = "Narrows what the tokens allow, names separated by spaces." },
	{ 0 },
};

static enum fault refuse(struct request *request)
{
	guess_wrong(request);
	response_header(request, "WWW-Authenticate", "Bearer realm=\"aftercare\"");
	return request_fail(request, FAULT_UNAUTHENTICATED, "Tenant, e-mail or password is wrong.");
}

/* The account, once its password is proved; the guess is counted whatever comes out. */
static enum fault account_prove(struct request *request, struct guess *guess, struct grant *grant)
{
	const char *code = json_string_at(request->json, "tenant");
	const char *email = json_string_at(request->json, "email");
	struct pg_batch *batch = request_batch(request);
	bool matches = false;
	size_t found;
	enum fault fault;

	*guess = guess_of(request, code, email);
	fault = guess_begin(request, batch, guess);
	if (fault)
		return fault;
	pg_add(batch, &sql_tenant_enter_by_code, PG_VALUES(code));
	found = pg_add(batch, &sql_account_by_email, PG_VALUES(email));
	fault = guess_password(request, batch, guess, found, json_string_at(request->json, "password"), &matches);
	if (fault)
		return fault;
	if (!matches)
		return refuse(request);
	*grant = (struct grant){
		.id = grant_id(request),
		.tenant = pg_named(batch, found, "tenant"),
		.subject = pg_named(batch, found, "id"),
		.name = pg_named(batch, found, "name"),
		.roles = pg_named(batch, found, "roles"),
		.technician_id = pg_named(batch, found, "technician_id"),
		.customer_id = pg_named(batch, found, "customer_id"),
		.scope = json_string_at(request->json, "scope"),
	};
	return FAULT_NONE;
}

enum fault session_create(struct request *request)
{
	const char *access_seconds = grant_access_seconds(request);
	struct guess guess = { 0 };
	struct grant grant = { 0 };
	const char *session = grant_id(request);
	const char *refresh;
	const char *digest;
	struct pg_batch *batch;
	enum fault fault = account_prove(request, &guess, &grant);

	if (fault)
		return fault;
	if (!grant_scope(request, grant.roles, grant.scope)) {
		fault_add(&request->faults, "/scope", "choice", "names a scope that the account does not have");
		return request_fail(request, FAULT_INVALID, "The account does not have that scope.");
	}
	refresh = grant_refresh(request, grant.tenant, &digest);
	request->caller.tenant = grant.tenant;
	request->caller.subject = grant.subject;
	batch = request_batch(request);
	guess_right(batch, &guess);
	pg_add(batch, &sql_session_start,
		PG_VALUES(session, grant.subject, grant.scope, grant_session_seconds(request)));
	pg_add(batch, &sql_session_first_token,
		PG_VALUES(digest, session, grant.id, access_seconds, grant_refresh_seconds(request)));
	fault = request_execute(request, batch);
	return fault ? fault : grant_answer(request, &grant, refresh, 201);
}
