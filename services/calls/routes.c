#include "routes.h"

#include "calls_migrations.h"
#include "calls_service_sql.h"
#include "customer.h"

/* clang-format off */
static const struct route customer_routes[] = {
	{ STORE, .path = "/v1/customers", .resource = &customer, .read = SCOPE_CUSTOMERS_READ, .write = SCOPE_CUSTOMERS_WRITE },
	{ STORE, .path = "/v1/sites",     .resource = &site,     .read = SCOPE_CUSTOMERS_READ, .write = SCOPE_CUSTOMERS_WRITE },
	{ STORE, .path = "/v1/contacts",  .resource = &contact,  .read = SCOPE_CUSTOMERS_READ, .write = SCOPE_CONTACTS_WRITE },
	{ LIST,  .path = "/v1/customers/{id}/sites",    .resource = &site,    .read = SCOPE_CUSTOMERS_READ, .via = "customer_id",
		.summary = "List the sites of a customer" },
	{ LIST,  .path = "/v1/customers/{id}/contacts", .resource = &contact, .read = SCOPE_CUSTOMERS_READ, .via = "customer_id",
		.summary = "List the contacts of a customer" },
	{ 0 },
};
/* clang-format on */

static const struct route *const routes[] = { customer_routes, NULL };

static const struct resource *const resources[] = { &customer, &site, &contact, NULL };

const struct service calls_service = {
	.name = "calls",
	.title = "Aftercare calls",
	.help = "Customers, their sites and contacts, calls, activities and charges.",
	.routes = routes,
	.resources = resources,
	.statements = calls_service_statements,
	.migrations = calls_migrations,
};
