#include "rights.h"

#include "arena.h"
#include "text.h"

#include <string.h>

#define SCOPE_LIST_MAX 4096
#define ROLE_LIST_MAX  256

static const char *const scope_names[SCOPE_COUNT] = {
	[SCOPE_NONE] = "",
	[SCOPE_CUSTOMERS_LOOKUP] = "customers:lookup",
	[SCOPE_CUSTOMERS_READ] = "customers:read",
	[SCOPE_CUSTOMERS_WRITE] = "customers:write",
	[SCOPE_CUSTOMERS_MERGE] = "customers:merge",
	[SCOPE_CUSTOMERS_BULK] = "customers:bulk",
	[SCOPE_CONTACTS_WRITE] = "contacts:write",
	[SCOPE_CALLS_READ] = "calls:read",
	[SCOPE_CALLS_QUICK] = "calls:quick",
	[SCOPE_CALLS_CREATE] = "calls:create",
	[SCOPE_CALLS_WRITE] = "calls:write",
	[SCOPE_CALLS_TRIAGE] = "calls:triage",
	[SCOPE_CALLS_WORK] = "calls:work",
	[SCOPE_CALLS_ASSIGN] = "calls:assign",
	[SCOPE_CALLS_TAKE] = "calls:take",
	[SCOPE_CALLS_CLOSE] = "calls:close",
	[SCOPE_CALLS_REOPEN] = "calls:reopen",
	[SCOPE_CALLS_MANAGE] = "calls:manage",
	[SCOPE_CALLS_BULK] = "calls:bulk",
	[SCOPE_ACTIVITIES_READ] = "activities:read",
	[SCOPE_ACTIVITIES_WRITE] = "activities:write",
	[SCOPE_CHARGES_READ] = "charges:read",
	[SCOPE_CHARGES_WRITE] = "charges:write",
	[SCOPE_CHARGES_APPROVE] = "charges:approve",
	[SCOPE_ARTICLES_READ] = "articles:read",
	[SCOPE_ARTICLES_WRITE] = "articles:write",
	[SCOPE_ARTICLES_BULK] = "articles:bulk",
	[SCOPE_STOCK_READ] = "stock:read",
	[SCOPE_STOCK_WRITE] = "stock:write",
	[SCOPE_STOCK_BULK] = "stock:bulk",
	[SCOPE_STOCK_MANAGE] = "stock:manage",
	[SCOPE_WAREHOUSES_WRITE] = "warehouses:write",
	[SCOPE_RESERVATIONS_READ] = "reservations:read",
	[SCOPE_RESERVATIONS_WRITE] = "reservations:write",
	[SCOPE_RESERVATIONS_ISSUE] = "reservations:issue",
	[SCOPE_TRANSFERS_READ] = "transfers:read",
	[SCOPE_TRANSFERS_WRITE] = "transfers:write",
	[SCOPE_TRANSFERS_RECEIVE] = "transfers:receive",
	[SCOPE_ASSETS_READ] = "assets:read",
	[SCOPE_ASSETS_WRITE] = "assets:write",
	[SCOPE_ASSETS_MOVE] = "assets:move",
	[SCOPE_ASSETS_BULK] = "assets:bulk",
	[SCOPE_METERS_WRITE] = "meters:write",
	[SCOPE_RMAS_READ] = "rmas:read",
	[SCOPE_RMAS_REQUEST] = "rmas:request",
	[SCOPE_RMAS_AUTHORISE] = "rmas:authorise",
	[SCOPE_RMAS_RECEIVE] = "rmas:receive",
	[SCOPE_RMAS_REPAIR] = "rmas:repair",
	[SCOPE_RMAS_CREDIT] = "rmas:credit",
	[SCOPE_ATTACHMENTS_WRITE] = "attachments:write",
	[SCOPE_COSTS_READ] = "costs:read",
	[SCOPE_SETUP_READ] = "setup:read",
	[SCOPE_SETUP_WRITE] = "setup:write",
	[SCOPE_AUDIT_READ] = "audit:read",
	[SCOPE_EVENTS_SNAPSHOT] = "events:snapshot",
	[SCOPE_DEAD_LETTERS] = "events:dead-letters",
	[SCOPE_FILTERS_WRITE] = "filters:write",
	[SCOPE_FILTERS_SHARE] = "filters:share",
	[SCOPE_ACCOUNTS_READ] = "accounts:read",
	[SCOPE_ACCOUNTS_WRITE] = "accounts:write",
	[SCOPE_TENANTS_WRITE] = "tenants:write",
};

#define S(name) SCOPE_BIT(SCOPE_##name)

#define CUSTOMERS_RW  (S(CUSTOMERS_LOOKUP) | S(CUSTOMERS_READ) | S(CUSTOMERS_WRITE) | S(CONTACTS_WRITE))
#define CALLS_RW      (S(CALLS_READ) | S(CALLS_QUICK) | S(CALLS_CREATE) | S(CALLS_WRITE) | S(CALLS_TRIAGE) | S(CALLS_WORK))
#define CALLS_STEER   (S(CALLS_ASSIGN) | S(CALLS_TAKE) | S(CALLS_CLOSE) | S(CALLS_REOPEN))
#define ACTIVITIES_RW (S(ACTIVITIES_READ) | S(ACTIVITIES_WRITE))
#define CHARGES_RW    (S(CHARGES_READ) | S(CHARGES_WRITE))
#define OFFICE        (S(SETUP_READ) | S(FILTERS_WRITE))
#define PARTS_READ    (S(ARTICLES_READ) | S(STOCK_READ) | S(ASSETS_READ))
#define STORE_READ    (PARTS_READ | S(RESERVATIONS_READ) | S(TRANSFERS_READ) | S(RMAS_READ))
#define STORE_RW                                                                                                       \
	(STORE_READ | S(ARTICLES_WRITE) | S(STOCK_WRITE) | S(STOCK_BULK) | S(WAREHOUSES_WRITE) |                       \
		S(RESERVATIONS_WRITE) | S(RESERVATIONS_ISSUE) | S(TRANSFERS_WRITE) | S(TRANSFERS_RECEIVE) |            \
		S(ASSETS_WRITE) | S(ASSETS_MOVE) | S(METERS_WRITE) | S(RMAS_RECEIVE) | S(ATTACHMENTS_WRITE))
#define RMAS_ALL                                                                                                       \
	(S(RMAS_READ) | S(RMAS_REQUEST) | S(RMAS_AUTHORISE) | S(RMAS_RECEIVE) | S(RMAS_REPAIR) | S(RMAS_CREDIT))
#define INVENTORY_ALL (STORE_RW | RMAS_ALL | S(ARTICLES_BULK) | S(STOCK_MANAGE) | S(ASSETS_BULK))

/* Each role, and what it may do: the table "Rights" of the design, one line a role. */
static const struct {
	const char *name;
	scope_mask scopes;
} roles[ROLE_COUNT] = {
	[ROLE_CALLCENTER] = { "callcenter", S(CUSTOMERS_LOOKUP) | S(CALLS_QUICK) | S(CALLS_READ) },
	[ROLE_OPERATOR] = { "operator",
		CUSTOMERS_RW | CALLS_RW | S(CALLS_CLOSE) | S(CALLS_REOPEN) | ACTIVITIES_RW | CHARGES_RW | OFFICE |
			STORE_READ | S(RESERVATIONS_WRITE) | S(ASSETS_WRITE) | S(ASSETS_MOVE) | S(METERS_WRITE) |
			S(RMAS_REQUEST) | S(RMAS_AUTHORISE) | S(ATTACHMENTS_WRITE) },
	[ROLE_DISPATCHER] = { "dispatcher",
		CUSTOMERS_RW | CALLS_RW | CALLS_STEER | ACTIVITIES_RW | CHARGES_RW | OFFICE | STORE_READ |
			S(RESERVATIONS_WRITE) | S(RMAS_REQUEST) | S(RMAS_AUTHORISE) | S(ATTACHMENTS_WRITE) },
	[ROLE_TECHNICIAN] = { "technician",
		S(CUSTOMERS_LOOKUP) | S(CUSTOMERS_READ) | S(CONTACTS_WRITE) | S(CALLS_READ) | S(CALLS_QUICK) |
			S(CALLS_CREATE) | S(CALLS_WORK) | S(CALLS_TAKE) | S(CALLS_TRIAGE) | ACTIVITIES_RW | CHARGES_RW |
			OFFICE | STORE_READ | S(STOCK_WRITE) | S(RESERVATIONS_WRITE) | S(RESERVATIONS_ISSUE) |
			S(TRANSFERS_RECEIVE) | S(ASSETS_MOVE) | S(METERS_WRITE) | S(RMAS_REPAIR) |
			S(ATTACHMENTS_WRITE) },
	[ROLE_STOREKEEPER] = { "storekeeper",
		S(CUSTOMERS_LOOKUP) | S(CUSTOMERS_READ) | S(CALLS_READ) | CHARGES_RW | OFFICE | STORE_RW },
	[ROLE_SALES] = { "sales",
		CUSTOMERS_RW | S(CALLS_READ) | S(CALLS_CREATE) | S(CALLS_QUICK) | ACTIVITIES_RW | S(CHARGES_READ) |
			OFFICE | PARTS_READ | S(RMAS_READ) },
	[ROLE_BILLING] = { "billing",
		CUSTOMERS_RW | S(CALLS_READ) | S(ACTIVITIES_READ) | CHARGES_RW | S(CHARGES_APPROVE) | S(COSTS_READ) |
			OFFICE | PARTS_READ | S(TRANSFERS_READ) | S(RMAS_READ) | S(RMAS_CREDIT) },
	[ROLE_MANAGER] = { "manager",
		CUSTOMERS_RW | S(CUSTOMERS_MERGE) | S(CUSTOMERS_BULK) | CALLS_RW | CALLS_STEER | S(CALLS_MANAGE) |
			S(CALLS_BULK) | ACTIVITIES_RW | CHARGES_RW | S(CHARGES_APPROVE) | S(COSTS_READ) | OFFICE |
			S(SETUP_WRITE) | S(AUDIT_READ) | S(FILTERS_SHARE) | S(ACCOUNTS_READ) | INVENTORY_ALL },
	[ROLE_ADMIN] = { "admin",
		CUSTOMERS_RW | S(CUSTOMERS_MERGE) | S(CUSTOMERS_BULK) | CALLS_RW | CALLS_STEER | S(CALLS_MANAGE) |
			S(CALLS_BULK) | ACTIVITIES_RW | CHARGES_RW | S(CHARGES_APPROVE) | S(COSTS_READ) | OFFICE |
			S(SETUP_WRITE) | S(AUDIT_READ) | S(FILTERS_SHARE) | S(ACCOUNTS_READ) | S(ACCOUNTS_WRITE) |
			S(EVENTS_SNAPSHOT) | S(DEAD_LETTERS) | INVENTORY_ALL },
	[ROLE_INTEGRATION] = { "integration",
		CUSTOMERS_RW | S(CUSTOMERS_BULK) | CALLS_RW | CALLS_STEER | S(CALLS_MANAGE) | S(CALLS_BULK) |
			ACTIVITIES_RW | S(CHARGES_READ) | S(COSTS_READ) | OFFICE | S(EVENTS_SNAPSHOT) | STORE_READ |
			S(ARTICLES_WRITE) | S(ARTICLES_BULK) | S(STOCK_WRITE) | S(STOCK_BULK) | S(WAREHOUSES_WRITE) |
			S(ASSETS_WRITE) | S(ASSETS_MOVE) | S(ASSETS_BULK) | S(METERS_WRITE) | S(ATTACHMENTS_WRITE) },
	[ROLE_PORTAL] = { "portal",
		S(CUSTOMERS_READ) | S(CALLS_READ) | S(CALLS_CREATE) | S(CALLS_REOPEN) | S(ACTIVITIES_READ) |
			S(ASSETS_READ) | S(METERS_WRITE) | S(RMAS_READ) | S(RMAS_REQUEST) | S(ATTACHMENTS_WRITE) },
	[ROLE_PLATFORM] = { "platform", S(TENANTS_WRITE) },
};

const char *scope_name(enum scope scope)
{
	return scope_names[scope];
}

const char *role_name(enum role role)
{
	return roles[role].name;
}

static bool word_is(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(word, name, length) == 0;
}

static scope_mask scope_bit(const char *word, size_t length)
{
	for (int i = 1; i < SCOPE_COUNT; i++)
		if (word_is(word, length, scope_names[i]))
			return SCOPE_BIT(i);
	return 0;
}

static role_mask role_bit(const char *word, size_t length)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (word_is(word, length, roles[i].name))
			return ROLE_BIT(i);
	return 0;
}

/* The word at *at, which moves behind it; its length, 0 at the end. */
static size_t word_next(const char **at, const char **word)
{
	*word = *at + strspn(*at, " ");
	*at = *word + strcspn(*word, " ");
	return (size_t)(*at - *word);
}

role_mask role_parse(const char *name)
{
	return role_bit(name, strlen(name));
}

role_mask roles_parse(const char *names)
{
	const char *at = names ? names : "";
	role_mask mask = 0;
	const char *word;
	size_t length;

	while ((length = word_next(&at, &word)) > 0)
		mask |= role_bit(word, length);
	return mask;
}

scope_mask scopes_parse(const char *names, bool *unknown)
{
	const char *at = names ? names : "";
	scope_mask mask = 0;
	bool strange = false;
	const char *word;
	size_t length;

	while ((length = word_next(&at, &word)) > 0) {
		scope_mask bit = scope_bit(word, length);

		strange = strange || !bit;
		mask |= bit;
	}
	if (unknown)
		*unknown = strange;
	return mask;
}

scope_mask role_scopes(role_mask mask)
{
	scope_mask scopes = 0;

	for (int i = 0; i < ROLE_COUNT; i++)
		if (mask & ROLE_BIT(i))
			scopes |= roles[i].scopes;
	return scopes;
}

const char *role_list(struct arena *arena, role_mask mask)
{
	struct text list = text_new(arena, ROLE_LIST_MAX);

	for (int i = 0; i < ROLE_COUNT; i++)
		if (mask & ROLE_BIT(i))
			text_addf(&list, "%s%s", list.length ? " " : "", roles[i].name);
	return text_c(&list);
}

const char *scope_list(struct arena *arena, scope_mask scopes)
{
	struct text list = text_new(arena, SCOPE_LIST_MAX);

	for (int i = 1; i < SCOPE_COUNT; i++)
		if (scopes & SCOPE_BIT(i))
			text_addf(&list, "%s%s", list.length ? " " : "", scope_names[i]);
	return text_c(&list);
}
