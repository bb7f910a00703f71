/* site: the places of a customer where machines stand; contact: its people. Both are parts of the customer. */
#include "calls_service_sql.h"
#include "customer.h"
#include "place.h"
#include "reach.h"

#define PART_OF_CUSTOMER                                                                                               \
	.part_of = &customer, .part_by = "customer_id",                                                                \
	.audience = "jsonb_build_object('customers', jsonb_build_array(r.customer_id))"

static const struct field site_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "customer_id", FIELD_ID, REQUIRED | FIXED | FILTER, .refers = "customer", .coded = "customer",
		.help = "The customer whose place this is." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields,
		.column = CUSTOMER_BRIEF("s.customer_id") },
	{ "code", FIELD_TEXT, FILTER, .max = 20, .help = "Unique within its customer." },
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .max = 200, .example = "\"Cava di Bergamo\"" },
	{ "address", FIELD_OBJECT, 0, .fields = address_fields },
	{ "position", FIELD_OBJECT, 0, .fields = position_fields, .help = "WGS 84, degrees." },
	{ "time_zone", FIELD_TIME_ZONE, 0, .help = "The tenant's when absent.", .example = "\"Europe/Rome\"" },
	{ "phones", FIELD_LIST, 0, .max = 20, .fields = phone_fields },
	{ "access_notes", FIELD_TEXT, 0, .max = 1000 },
	{ "visit_calendar_code", FIELD_TEXT, 0, .max = 20 },
	{ "bill_to_id", FIELD_ID, 0, .refers = "customer", .help = "The customer who pays for work here." },
	{ "sla_policy_code", FIELD_TEXT, 0, .max = 20 },
	{ "territory", FIELD_TEXT, FILTER | CODE | INTERNAL, .max = 30 },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct filter site_filters[] = {
	{ "city", FIELD_TEXT, .column = "s.city", .flags = CODE, .help = "City of the address." },
	{ "province", FIELD_TEXT, .column = "s.province", .flags = CODE, .help = "Province of the address." },
	{ 0 },
};

static const struct free_filter site_free[] = { { "customer.x", "customer", "s.customer_id" }, { 0 } };

static const struct sort site_sorts[] = {
	{ "name", "s.name", "text" },
	{ "created_at", "s.created_at", "timestamptz" },
	{ 0 },
};

static const struct statement *const site_parts[] = { &sql_reach_forget, &sql_site_reach, NULL };
static const struct statement *const site_forgets[] = { &sql_place_unused, &sql_reach_forget, NULL };

const struct resource site = {
	.name = "site",
	.plural = "sites",
	.table = "site",
	.alias = "s",
	.fields = site_fields,
	.filters = site_filters,
	.free = site_free,
	.sorts = site_sorts,
	.search = "s.search",
	.sees = { .technician = "s.customer_id in (select customer_id from own_work)",
		.portal = "s.customer_id = base.customer()",
		.callcenter = "false" },
	PART_OF_CUSTOMER,
	.prepare = reach_prepare,
	.parts = site_parts,
	.forgets = site_forgets,
	.help = "A place of a customer where machines stand.",
};

static const struct field privacy_fields[] = {
	{ "basis", FIELD_TEXT, 0, .max = 80, .help = "Legal basis of keeping this person's data." },
	{ "at", FIELD_TIME, 0, .help = "When it was given." },
	{ 0 },
};

static const struct field contact_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "customer_id", FIELD_ID, REQUIRED | FIXED | FILTER, .refers = "customer", .coded = "customer",
		.help = "The customer this person belongs to." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_brief_fields,
		.column = CUSTOMER_BRIEF("k.customer_id") },
	{ "site_id", FIELD_ID, FILTER, .refers = "site",
		.help = "The site where to find this person; of the same customer." },
	{ "first_name", FIELD_TEXT, PERSONAL, .max = 80 },
	{ "last_name", FIELD_TEXT, REQUIRED | FILTER | PERSONAL, .max = 80, .example = "\"Bianchi\"" },
	{ "role", FIELD_TEXT, 0, .max = 80, .example = "\"site manager\"" },
	{ "language", FIELD_LANGUAGE, 0 },
	{ "phones", FIELD_LIST, 0, .max = 20, .fields = phone_fields },
	{ "emails", FIELD_LIST, 0, .max = 20, .fields = email_fields },
	{ "preferred", FIELD_CHOICE, 0, .choices = "phone email none", .help = "How this person wants to be reached." },
	{ "portal_subject", FIELD_TEXT, INTERNAL, .max = 80, .help = "Subject of this person's portal account." },
	{ "privacy", FIELD_OBJECT, INTERNAL, .fields = privacy_fields },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct filter contact_filters[] = {
	{ "phone", FIELD_TEXT, .sql = "k.id in (select r.owner_id from reach r where r.kind = 'phone' and r.value = $)",
		.help = "E.164 number." },
	{ "email", FIELD_TEXT,
		.sql = "k.id in (select r.owner_id from reach r where r.kind = 'email' and r.value = lower($))",
		.help = "E-mail address." },
	{ 0 },
};

static const struct free_filter contact_free[] = { { "customer.x", "customer", "k.customer_id" }, { 0 } };

static const struct sort contact_sorts[] = {
	{ "last_name", "k.last_name", "text" },
	{ "created_at", "k.created_at", "timestamptz" },
	{ 0 },
};

static const struct statement *const contact_guards[] = { &sql_contact_site_guard, NULL };
static const struct statement *const contact_parts[] = { &sql_reach_forget, &sql_contact_reach, NULL };

const struct resource contact = {
	.name = "contact",
	.plural = "contacts",
	.table = "contact",
	.alias = "k",
	.fields = contact_fields,
	.filters = contact_filters,
	.free = contact_free,
	.sorts = contact_sorts,
	.search = "k.search",
	.sees = { .technician = "k.customer_id in (select customer_id from own_work)",
		.portal = "k.customer_id = base.customer()",
		.callcenter = "false" },
	PART_OF_CUSTOMER,
	.prepare = reach_prepare,
	.guards = contact_guards,
	.parts = contact_parts,
	.forgets = reach_forgets,
	.help = "A person of a customer, with e-mails and phones.",
};
