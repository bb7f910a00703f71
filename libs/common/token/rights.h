/*
 * rights: roles and the scopes they give, in one table (design: "Rights"). A scope is a bit; a caller holds a mask.
 */
#ifndef AFTERCARE_RIGHTS_H
#define AFTERCARE_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum scope {
	SCOPE_NONE = 0, /* any signed-in caller */
	SCOPE_CUSTOMERS_LOOKUP,
	SCOPE_CUSTOMERS_READ,
	SCOPE_CUSTOMERS_WRITE,
	SCOPE_CUSTOMERS_MERGE,
	SCOPE_CUSTOMERS_BULK,
	SCOPE_CONTACTS_WRITE,
	SCOPE_CALLS_READ,
	SCOPE_CALLS_QUICK,
	SCOPE_CALLS_CREATE,
	SCOPE_CALLS_WRITE,
	SCOPE_CALLS_TRIAGE,
	SCOPE_CALLS_WORK, /* start, suspend, resume, resolve */
	SCOPE_CALLS_ASSIGN,
	SCOPE_CALLS_TAKE, /* assign an unassigned one to oneself */
	SCOPE_CALLS_CLOSE,
	SCOPE_CALLS_REOPEN,
	SCOPE_CALLS_MANAGE, /* change the opening, reopen old ones, act long back */
	SCOPE_CALLS_BULK,
	SCOPE_ACTIVITIES_READ,
	SCOPE_ACTIVITIES_WRITE,
	SCOPE_CHARGES_READ,
	SCOPE_CHARGES_WRITE,
	SCOPE_CHARGES_APPROVE,
	SCOPE_ARTICLES_READ,
	SCOPE_ARTICLES_WRITE,
	SCOPE_ARTICLES_BULK,
	SCOPE_STOCK_READ,
	SCOPE_STOCK_WRITE, /* movements by hand; a technician: of his own van */
	SCOPE_STOCK_BULK,
	SCOPE_STOCK_MANAGE, /* post counts, rebuild stock */
	SCOPE_WAREHOUSES_WRITE,
	SCOPE_RESERVATIONS_READ,
	SCOPE_RESERVATIONS_WRITE,
	SCOPE_RESERVATIONS_ISSUE,
	SCOPE_TRANSFERS_READ, /* transfers, counts, transport documents */
	SCOPE_TRANSFERS_WRITE,
	SCOPE_TRANSFERS_RECEIVE, /* into his own van */
	SCOPE_ASSETS_READ,
	SCOPE_ASSETS_WRITE,
	SCOPE_ASSETS_MOVE, /* install, move, attach: what a visit does to a machine */
	SCOPE_ASSETS_BULK,
	SCOPE_METERS_WRITE,
	SCOPE_RMAS_READ,
	SCOPE_RMAS_REQUEST, /* enter one that others authorise */
	SCOPE_RMAS_AUTHORISE,
	SCOPE_RMAS_RECEIVE, /* receive, ship, return */
	SCOPE_RMAS_REPAIR,  /* diagnose, repair */
	SCOPE_RMAS_CREDIT,
	SCOPE_ATTACHMENTS_WRITE, /* attach files to what one sees */
	SCOPE_COSTS_READ,
	SCOPE_SETUP_READ, /* types, codes, tags, settings, series */
	SCOPE_SETUP_WRITE,
	SCOPE_AUDIT_READ,
	SCOPE_EVENTS_SNAPSHOT,
	SCOPE_DEAD_LETTERS,
	SCOPE_FILTERS_WRITE, /* own saved filters */
	SCOPE_FILTERS_SHARE,
	SCOPE_ACCOUNTS_READ,
	SCOPE_ACCOUNTS_WRITE,
	SCOPE_TENANTS_WRITE,
	SCOPE_COUNT
};

enum role {
	ROLE_CALLCENTER,
	ROLE_OPERATOR,
	ROLE_DISPATCHER,
	ROLE_TECHNICIAN,
	ROLE_STOREKEEPER,
	ROLE_SALES,
	ROLE_BILLING,
	ROLE_MANAGER,
	ROLE_ADMIN,
	ROLE_INTEGRATION,
	ROLE_PORTAL,
	ROLE_PLATFORM,
	ROLE_COUNT
};

/* Those that accounts of a tenant can have: all but the platform's. */
#define ROLES_OF_TENANTS                                                                                               \
	"callcenter operator dispatcher technician storekeeper sales billing manager admin integration portal"

/* Of scopes there are to be more than 64 once all services are there; a wider integer keeps |, & and == as they are. */
__extension__ typedef unsigned __int128 scope_mask;
typedef uint32_t role_mask;

_Static_assert(SCOPE_COUNT <= 128, "a scope is a bit of scope_mask");

#define SCOPE_BIT(scope) ((scope_mask)1 << (scope))
#define ROLE_BIT(role)   ((role_mask)1 << (role))

const char *scope_name(enum scope scope); /* "calls:read"; "" for SCOPE_NONE */
const char *role_name(enum role role);    /* "operator" */

/* The bit of a role's name; 0 when it is none. */
role_mask role_parse(const char *name);

/*
 * The bits of names separated by spaces; NULL has none. A name that we don't know gives nothing: a newer service may have
 * made it. *unknown, unless it is NULL, tells of such.
 */
role_mask roles_parse(const char *names);
scope_mask scopes_parse(const char *names, bool *unknown);

/* What the roles of a mask may do together. */
scope_mask role_scopes(role_mask roles);

/* The roles of a mask, separated by spaces. */
const char *role_list(struct arena *arena, role_mask roles);

/* The scopes of a mask, separated by spaces (RFC 6749 section 3.3). */
const char *scope_list(struct arena *arena, scope_mask scopes);

#endif
