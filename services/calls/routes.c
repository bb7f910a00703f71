#include "routes.h"

#include "activity.h"
#include "call.h"
#include "call_timer.h"
#include "calls_migrations.h"
#include "calls_service_sql.h"
#include "charge.h"
#include "copies.h"
#include "customer.h"
#include "customer_action.h"
#include "customer_erasure.h"
#include "lookup.h"
#include "reach.h"
#include "saved_filter.h"
#include "seed.h"
#include "settings.h"
#include "store.h"
#include "vocabulary.h"

/* clang-format off */
static const struct route customer_routes[] = {
	{ STORE, .path = "/v1/customers", .resource = &customer, .read = SCOPE_CUSTOMERS_READ, .write = SCOPE_CUSTOMERS_WRITE,
		.bulk = SCOPE_CUSTOMERS_BULK, .attaches = SCOPE_CUSTOMERS_WRITE },
	{ STORE, .path = "/v1/sites",     .resource = &site,     .read = SCOPE_CUSTOMERS_READ, .write = SCOPE_CUSTOMERS_WRITE,
		.bulk = SCOPE_CUSTOMERS_BULK },
	{ STORE, .path = "/v1/contacts",  .resource = &contact,  .read = SCOPE_CUSTOMERS_READ, .write = SCOPE_CONTACTS_WRITE,
		.bulk = SCOPE_CUSTOMERS_BULK },
	{ LIST,  .path = "/v1/customers/{id}/sites",    .resource = &site,    .read = SCOPE_CUSTOMERS_READ, .via = "customer_id",
		.flags = EXPANDS, .summary = "List the sites of a customer" },
	{ LIST,  .path = "/v1/customers/{id}/contacts", .resource = &contact, .read = SCOPE_CUSTOMERS_READ, .via = "customer_id",
		.flags = EXPANDS, .summary = "List the contacts of a customer" },
	{ .path = "/v1/customers/lookup", .handle = customer_lookup, .write = SCOPE_CUSTOMERS_LOOKUP, .query = lookup_query,
		.answer = lookup_answer, .summary = "Look a customer up by phone, e-mail, serial or name" },
	{ .method = METHOD_POST, .path = "/v1/customers/{id}/actions/convert", .resource = &customer, .handle = customer_convert,
		.write = SCOPE_CUSTOMERS_WRITE, .body = customer_convert_fields, .flags = BODY_OPTIONAL,
		.summary = "Make a prospect an acquired customer" },
	{ .method = METHOD_POST, .path = "/v1/customers/{id}/actions/merge", .resource = &customer, .handle = customer_merge,
		.write = SCOPE_CUSTOMERS_MERGE, .body = customer_merge_fields, .summary = "Merge a customer into another",
		.help = "Its sites, contacts, calls and activities move to the other, which takes over its numbers and addresses." },
	{ .method = METHOD_POST, .path = "/v1/customers/{id}/actions/anonymise", .resource = &customer,
		.handle = customer_anonymise, .write = SCOPE_CUSTOMERS_MERGE, .body = customer_anonymise_fields,
		.flags = BODY_OPTIONAL, .summary = "Erase what is personal of a customer",
		.help = "Of the customer and those that were merged into it, their sites and contacts, the callers of their calls, and the "
			"past of all these; of calls that are another's by now, while they were theirs. Free texts stay." },
	{ 0 },
};

static const struct route call_routes[] = {
	{ STORE,   .path = "/v1/calls", .resource = &call, .read = SCOPE_CALLS_READ, .write = SCOPE_CALLS_WRITE, .handle = call_post,
		.create = SCOPE_CALLS_CREATE, .bulk = SCOPE_CALLS_BULK, .attaches = SCOPE_ATTACHMENTS_WRITE, .flags = NO_DELETE },
	{ ACTIONS, .path = "/v1/calls/{id}/actions/", .resource = &call, .read = SCOPE_CALLS_READ },
	{ .method = METHOD_POST, .path = "/v1/calls/quick", .resource = &call, .handle = call_quick, .write = SCOPE_CALLS_QUICK,
		.body = call_quick_fields, .status = 201, .summary = "Enter a call without technical knowledge" },
	{ .method = METHOD_POST, .path = "/v1/calls/{id}/actions/follow-up", .resource = &call, .handle = call_follow_up,
		.write = SCOPE_CALLS_CREATE, .body = call_follow_up_fields, .flags = BODY_OPTIONAL, .status = 201,
		.summary = "Open a new call that follows a resolved or closed one" },
	{ LIST,    .path = "/v1/calls/{id}/derived", .resource = &call_derived, .read = SCOPE_CHARGES_READ, .via = "source_id",
		.summary = "List what was made of a call elsewhere",
		.help = "Reservations, issues and returns, of its charges or of the whole. None follows what they were made of." },
	{ LIST,    .path = "/v1/calls/{id}/timeline", .resource = &call_timeline, .read = SCOPE_ACTIVITIES_READ, .via = "call_id",
		.summary = "List everything that happened to a call",
		.help = "Its passages, activities and the time spent on them, charges, files, and what other services made of it." },
	{ LIST,    .path = "/v1/calls/{id}/children", .resource = &call, .read = SCOPE_CALLS_READ, .via = "parent_id",
		.summary = "List the calls grouped under one" },
	{ LIST,    .path = "/v1/customers/{id}/calls", .resource = &call, .read = SCOPE_CALLS_READ, .via = "customer_id",
		.summary = "List the calls of a customer" },
	{ 0 },
};

static const struct route activity_routes[] = {
	{ STORE,   .path = "/v1/activities", .resource = &activity, .read = SCOPE_ACTIVITIES_READ, .write = SCOPE_ACTIVITIES_WRITE,
		.attaches = SCOPE_ACTIVITIES_WRITE, .flags = NO_DELETE },
	{ ACTIONS, .path = "/v1/activities/{id}/actions/", .resource = &activity, .read = SCOPE_ACTIVITIES_READ },
	{ LIST,    .path = "/v1/calls/{id}/activities",     .resource = &activity, .read = SCOPE_ACTIVITIES_READ, .via = "call_id",
		.flags = EXPANDS, .summary = "List the activities of a call" },
	{ LIST,    .path = "/v1/customers/{id}/activities", .resource = &activity, .read = SCOPE_ACTIVITIES_READ, .via = "customer_id",
		.summary = "List the activities of a customer" },
	{ STORE,   .path = "/v1/activities/{id}/sessions",  .resource = &activity_session, .read = SCOPE_ACTIVITIES_READ,
		.write = SCOPE_ACTIVITIES_WRITE, .via = "activity_id", .flags = EXPANDS },
	{ STORE,   .path = "/v1/charges", .resource = &charge, .read = SCOPE_CHARGES_READ, .write = SCOPE_CHARGES_WRITE },
	{ ACTIONS, .path = "/v1/charges/{id}/actions/", .resource = &charge },
	{ LIST,    .path = "/v1/calls/{id}/charges", .resource = &charge, .read = SCOPE_CHARGES_READ, .via = "call_id",
		.flags = EXPANDS, .summary = "List the charges of a call" },
	{ 0 },
};

static const struct route setup_routes[] = {
	{ STORE, .path = "/v1/call-types",     .resource = &call_type,     .read = SCOPE_SETUP_READ, .write = SCOPE_SETUP_WRITE },
	{ STORE, .path = "/v1/substates",      .resource = &substate,      .read = SCOPE_SETUP_READ, .write = SCOPE_SETUP_WRITE },
	{ STORE, .path = "/v1/call-codes",     .resource = &call_code,     .read = SCOPE_SETUP_READ, .write = SCOPE_SETUP_WRITE },
	{ STORE, .path = "/v1/tags",           .resource = &tag,           .read = SCOPE_SETUP_READ, .write = SCOPE_SETUP_WRITE },
	{ STORE, .path = "/v1/activity-types", .resource = &activity_type, .read = SCOPE_SETUP_READ, .write = SCOPE_SETUP_WRITE },
	{ STORE, .path = "/v1/saved-filters",  .resource = &saved_filter,  .read = SCOPE_FILTERS_WRITE,
		.write = SCOPE_FILTERS_WRITE, .flags = NO_BULK },
	{ 0 },
};
/* clang-format on */

static const struct route *const routes[] = { customer_routes, call_routes, activity_routes, setup_routes, NULL };

static const struct event events[] = {
	{ "call.received", &call, "It was entered by a customer or as quick entry, and waits to be examined." },
	{ "call.derived_changed", &call,
		"What was made of it elsewhere came to be, changed or ended: `derived_open_count`." },
	{ "charge.derived_changed", &charge,
		"What was made of it elsewhere came to be or changed: `stock`, `derived`." },
	{ "customer.converted", &customer, "A prospect became an acquired customer." },
	{ "customer.merged", &customer,
		"It was merged into another: `merged_into`; what it had belongs to that one now." },
	{ "customer.anonymised", &customer, "What was personal of it was erased: erase it too." },
	{ 0 },
};

/* What an ERP owns. */
static const struct feed feeds[] = {
	{ "customer", &customer, NULL,
		"A customer, found by its key, account or code; with an account it is acquired." },
	{ "site", &site, NULL, "A place of a customer." },
	{ "contact", &contact, NULL, "A person of a customer." },
	{ 0 },
};

const struct service calls_service = {
	.name = "calls",
	.title = "Aftercare calls",
	.help = "Customers, their sites and contacts, calls, activities and charges.",
	.routes = routes,
	.statements = calls_service_statements,
	.migrations = &calls_migrations,
	.settings = settings_fields,
	.settings_guards = settings_guards,
	.copies = copies,
	.consumes = copies_beside,
	.feeds = feeds,
	.tenant_seed = seed_add,
	.events = events,
	.timers = call_timers,
	.start = reach_start,
};
