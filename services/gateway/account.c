#include "account.h"

#include "arena.h"
#include "gateway_service_sql.h"
#include "secret.h"
#include "tenant.h"
#include "text.h"

static const struct field account_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of the account." },
	{ "email", FIELD_EMAIL, REQUIRED | FILTER | PERSONAL, .example = "\"anna@example.com\"",
		.help = "What it logs in with; unique in the tenant, whatever the case of its letters." },
	{ "name", FIELD_TEXT, REQUIRED | FILTER | PERSONAL, .max = 120, .example = "\"Anna Bianchi\"" },
	{ "roles", FIELD_TEXTS, REQUIRED, .choices = ROLES_OF_TENANTS, .example = "[\"dispatcher\"]",
		.help = "What it may do." },
	{ "technician_id", FIELD_ID, FILTER, .help = "The technician it is, for the role technician." },
	{ "customer_id", FIELD_ID, FILTER, .help = "The customer it speaks for, for the role portal." },
	{ "password", FIELD_TEXT, WRITE_ONLY, .min = ACCOUNT_PASSWORD_MIN, .max = ACCOUNT_PASSWORD_MAX,
		.example = "\"correct horse battery\"", .help = "Kept as argon2id; null: it can't log in with one." },
	{ "has_password", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "Whether it has a password." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

const struct field account_admin_fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED, .example = "\"admin@example.com\"" },
	{ "name", FIELD_TEXT, 0, .max = 120 },
	{ "password", FIELD_TEXT, REQUIRED, .min = ACCOUNT_PASSWORD_MIN, .max = ACCOUNT_PASSWORD_MAX,
		.example = "\"correct horse battery\"" },
	{ 0 },
};

static const struct filter account_filters[] = {
	{ "role", FIELD_TEXT, .sql = "a.roles @> array[$]", .help = "Has this role." },
	{ 0 },
};

static const struct sort account_sorts[] = {
	{ "name", "a.name", "text" },
	{ "email", "a.email", "text" },
	{ "created_at", "a.created_at", "timestamptz" },
	{ 0 },
};

/* The password leaves the body as its hash. */
static enum fault account_prepare(struct request *request, json_t *body, const char *id)
{
	const char *password = json_string_at(body, "password");
	const char *hash;
	enum fault fault;

	(void)id;
	if (!password || request->faults.count)
		return FAULT_NONE;
	fault = secret_password_hash(request->arena, password, &hash);
	if (fault)
		return request_fail(request, fault, "The password can't be hashed now.");
	json_object_set_new(body, "password", json_string(hash));
	return FAULT_NONE;
}

static const struct statement *const account_guards[] = { &sql_account_guard_admins, &sql_account_guard_last_admin,
	&sql_account_guard_log_out, NULL };
static const struct statement *const account_forgets[] = { &sql_account_forget_admins, &sql_account_forget_guard,
	NULL };

const struct resource account = {
	.name = "account",
	.plural = "accounts",
	.table = "account",
	.alias = "a",
	.rows = &sql_account_rows,
	.fields = account_fields,
	.filters = account_filters,
	.sorts = account_sorts,
	.prepare = account_prepare,
	.guards = account_guards,
	.forgets = account_forgets,
	.help = "A person who logs in. What changes its rights ends its sessions.",
};
