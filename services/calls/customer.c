#include "customer.h"

#include "calls_service_sql.h"
#include "free_field.h"
#include "place.h"
#include "reach.h"

const struct field phone_fields[] = {
	{ "raw", FIELD_TEXT, REQUIRED | PERSONAL, .max = 40, .help = "As typed.", .example = "\"02 1234567\"" },
	{ "e164", FIELD_TEXT, READ_ONLY, .help = "The same in E.164, null when it is no valid number.",
		.example = "\"+39021234567\"" },
	{ "label", FIELD_TEXT, 0, .max = 40, .example = "\"office\"" },
	{ 0 },
};

const struct field email_fields[] = {
	{ "address", FIELD_EMAIL, REQUIRED | PERSONAL, .example = "\"assistenza@example.com\"" },
	{ "label", FIELD_TEXT, 0, .max = 40 },
	{ 0 },
};

const struct field customer_brief_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field customer_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of the customer, its sites or contacts." },
	{ "code", FIELD_TEXT, FIXED | FILTER, .max = 20, .help = "Unique; the next of its series when absent.",
		.example = "\"C000012\"" },
	{ "kind", FIELD_CHOICE, REQUIRED | FILTER, .choices = "prospect acquired",
		.help = "A prospect can be assisted and quoted, only an acquired one invoiced; actions/convert makes it so, or what "
			"an integration says." },
	{ "person", FIELD_BOOLEAN, 0, .fallback = "false", .help = "A natural person." },
	{ "name", FIELD_TEXT, REQUIRED | FILTER | PERSONAL, .max = 200, .example = "\"Cave del Nord S.p.A.\"" },
	{ "name2", FIELD_TEXT, PERSONAL, .max = 200 },
	{ "vat_number", FIELD_TEXT, FILTER, .max = 20, .help = "Unique.", .example = "\"IT01234567890\"" },
	{ "tax_code", FIELD_TEXT, FILTER | PERSONAL, .max = 20 },
	{ "sdi_code", FIELD_TEXT, 0, .min = 6, .max = 7, .help = "Address of electronic invoices in Italy." },
	{ "pec", FIELD_EMAIL, PERSONAL, .help = "Certified e-mail." },
	{ "language", FIELD_LANGUAGE, 0, .example = "\"it\"" },
	{ "address", FIELD_OBJECT, 0, .fields = address_fields },
	{ "phones", FIELD_LIST, 0, .max = 20, .fields = phone_fields },
	{ "emails", FIELD_LIST, 0, .max = 20, .fields = email_fields },
	{ "payment_notes", FIELD_TEXT, INTERNAL, .max = 500 },
	{ "credit", FIELD_CHOICE, FILTER | INTERNAL, .choices = "ok warn blocked", .fallback = "\"ok\"" },
	{ "bill_to_id", FIELD_ID, 0, .refers = "customer", .help = "The customer who pays, when it is another." },
	{ "erp_account", FIELD_TEXT, FILTER | KEY | INTERNAL, .max = 30, .help = "Unique; only invoicing needs it." },
	{ "price_list_code", FIELD_TEXT, INTERNAL, .max = 20 },
	{ "sla_policy_code", FIELD_TEXT, 0, .max = 20 },
	{ "territory", FIELD_TEXT, FILTER | CODE | INTERNAL, .max = 30 },
	{ "job_code", FIELD_TEXT, INTERNAL, .max = 40 },
	{ "tags", FIELD_TEXTS, INTERNAL, .max = 30, .help = "Any words; those of /v1/tags have a label and a colour." },
	{ "notes", FIELD_TEXT, INTERNAL, .max = 5000 },
	FIELD_OF_FREE_FIELDS("c", "customer"),
	{ "acquired_at", FIELD_TIME, READ_ONLY },
	{ "merged_into", FIELD_ID, READ_ONLY, .help = "The customer that took this one's place." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct filter customer_filters[] = {
	{ "city", FIELD_TEXT, .column = "c.city", .flags = CODE, .help = "City of the address." },
	{ "province", FIELD_TEXT, .column = "c.province", .flags = CODE, .help = "Province of the address." },
	{ "country", FIELD_COUNTRY, .column = "c.country", .flags = CODE, .help = "Country of the address." },
	{ "tag", FIELD_TEXT, .sql = "c.tags @> array[$]", .flags = INTERNAL, .help = "Carries this tag." },
	{ "phone", FIELD_TEXT,
		.sql = "c.id in (select r.customer_id from reach r where r.kind = 'phone' and r.value = $)",
		.help = "E.164 number of the customer or of any of its sites and contacts." },
	{ "email", FIELD_TEXT,
		.sql = "c.id in (select r.customer_id from reach r where r.kind = 'email' and r.value = lower($))",
		.help = "E-mail of the customer or of any of its contacts." },
	{ 0 },
};

static const struct free_filter customer_free[] = { { "x", "customer", "c.id" }, { 0 } };

static const struct sort customer_sorts[] = {
	{ "code", "c.code", "text" },
	{ "name", "c.name", "text" },
	{ "created_at", "c.created_at", "timestamptz" },
	{ 0 },
};

/* What the ERP itself sends is marked, for the guard of the fields it may own; clients can't name the mark. */
static enum fault customer_prepare(struct request *request, json_t *body, const char *id)
{
	if (request->caller.roles & ROLE_BIT(ROLE_INTEGRATION))
		json_object_set_new(body, "by_integration", json_true());
	return reach_prepare(request, body, id);
}

static const struct statement *const customer_guards[] = { &sql_customer_erp_guard, &sql_customer_kind_guard, NULL };
static const struct statement *const customer_parts[] = { &sql_customer_code, &sql_customer_acquired, &sql_reach_forget,
	&sql_customer_reach, &sql_customer_phone_warn, NULL };
static const struct statement *const customer_forgets[] = { &sql_place_unused, &sql_reach_forget, NULL };

const struct resource customer = {
	.name = "customer",
	.plural = "customers",
	.table = "customer",
	.alias = "c",
	.fields = customer_fields,
	.filters = customer_filters,
	.free = customer_free,
	.sorts = customer_sorts,
	.search = "c.search",
	.sees = { .technician = "c.id in (select customer_id from own_work)",
		.portal = "c.id = base.customer()",
		.callcenter = "false" },
	.audience = "jsonb_build_object('customers', jsonb_build_array(r.id))",
	.prepare = customer_prepare,
	.guards = customer_guards,
	.parts = customer_parts,
	.forgets = customer_forgets,
	.natural_key = "code",
	.account_key = "erp_account",
	.help = "A prospect or an acquired customer: names, tax ids, address, ways to reach it.",
};
