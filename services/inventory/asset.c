#include "asset.h"

#include "article.h"
#include "asset_action.h"
#include "free_field.h"
#include "inventory_service_sql.h"
#include "stock.h"

#include <string.h>

#define WARRANTY_COVERS "labour parts travel"

const struct field party_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

const struct field asset_brief_fields[] = {
	{ "serial", FIELD_TEXT, READ_ONLY },
	{ "article_code", FIELD_TEXT, READ_ONLY },
	{ "status", FIELD_CHOICE, READ_ONLY, .choices = ASSET_STATUSES },
	{ 0 },
};

static const struct field sale_document_fields[] = {
	{ "number", FIELD_TEXT, 0, .max = 30, .example = "\"2026/1207\"" },
	{ "date", FIELD_DATE, 0 },
	{ "price", FIELD_DECIMAL, INTERNAL, .digits = 14, .decimals = 2, .example = "\"480000.00\"" },
	{ 0 },
};

static const struct field warranty_fields[] = {
	{ "kind", FIELD_CHOICE, REQUIRED, .choices = "maker ours extended repair" },
	{ "from", FIELD_DATE, REQUIRED },
	{ "until", FIELD_DATE, REQUIRED, .help = "The last day, included." },
	{ "covers", FIELD_TEXTS, REQUIRED, .max = 10, .choices = WARRANTY_COVERS },
	{ 0 },
};

static const struct field asset_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with any change of it or of its meters." },
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER, .coded = "article", .help = "The model, or the part." },
	{ "article", FIELD_OBJECT, READ_ONLY, .fields = article_brief_fields, .column = ARTICLE_BRIEF("a.article_id") },
	{ "serial", FIELD_TEXT, REQUIRED | FIXED, .max = 60,
		.help = "Unique by article; compared without case and outer blanks.", .example = "\"A\"" },
	{ "status", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = ASSET_STATUSES,
		.help = "installed where it has a customer or a machine; changed by actions." },
	{ "customer_id", FIELD_ID, FILTER, .refers = "customer", .coded = "customer",
		.help = "Where it stands; a component's is its machine's." },
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = party_fields, .column = BRIEF("customer", "a.customer_id") },
	{ "owner_customer_id", FIELD_ID, FILTER, .refers = "customer", .coded = "customer",
		.help = "Whose it is, when that is another than the customer at whom it stands." },
	{ "site_id", FIELD_ID, FILTER, .refers = "site", .help = "Of the customer." },
	{ "site", FIELD_OBJECT, READ_ONLY, .fields = party_fields, .column = BRIEF("site", "a.site_id") },
	{ "parent_id", FIELD_ID, FIXED | FILTER,
		.help = "The machine it is a component of; changed by actions/attach and detach." },
	{ "parent", FIELD_OBJECT, READ_ONLY, .fields = asset_brief_fields, .column = ASSET_BRIEF("a.parent_id") },
	{ "position", FIELD_TEXT, 0, .max = 120, .help = "Where on the site, or in the machine.",
		.example = "\"Left hand\"" },
	{ "sale_document", FIELD_OBJECT, 0, .fields = sale_document_fields },
	{ "installed_on", FIELD_DATE, FILTER },
	{ "first_used_on", FIELD_DATE, 0 },
	{ "removed_on", FIELD_DATE, READ_ONLY },
	{ "warranties", FIELD_LIST, 0, .max = 20, .fields = warranty_fields,
		.help = "What is covered, and how long. When absent, the article's months from installation or sale on." },
	{ "warranty_until", FIELD_DATE, READ_ONLY | FILTER, .help = "The last day of the longest." },
	{ "description", FIELD_TEXT, 0, .max = 200 },
	{ "tags", FIELD_TEXTS, INTERNAL, .max = 30 },
	{ "job_code", FIELD_TEXT, INTERNAL, .max = 40 },
	{ "replaced_by", FIELD_ID, READ_ONLY, .help = "The asset that took its place." },
	{ "replaces", FIELD_ID, READ_ONLY, .help = "The asset whose place it took." },
	{ "origin", FIELD_CHOICE, READ_ONLY | NEVER_NULL | INTERNAL, .choices = "local erp issue replacement",
		.help = "Entered here, sent by the ERP, issued as a part, or put in the place of another." },
	FIELD_OF_FREE_FIELDS("a", "asset"),
	{ "external_ref", FIELD_TEXT, FILTER | KEY | INTERNAL, .max = 80,
		.help = "Its key in the system it came from; unique." },
	{ 0 },
};

#define OF_ARTICLE(condition)  "a.article_id in (select o.id from article o where " condition ")"
#define OF_CUSTOMER(condition) "a.customer_id in (select o.id from customer o where " condition ")"
#define OF_SITE(condition)     "a.site_id in (select o.id from site o where " condition ")"

static const struct filter asset_filters[] = {
	{ "serial", FIELD_TEXT, .column = "a.serial_key", .flags = NEVER_NULL, .folded = true,
		.help = "Compared without case." },
	FILTER_OF_ARTICLE("a"),
	{ "category_code", FIELD_TEXT, .sql = OF_ARTICLE("o.category_code in (select category_tree($))"),
		.help = "Of articles of the category or one below it." },
	{ "city", FIELD_TEXT, .sql = OF_SITE("o.city = $"), .help = "City of its site." },
	{ "province", FIELD_TEXT, .sql = OF_SITE("o.province = $"), .help = "Province of its site." },
	{ "territory", FIELD_TEXT, .sql = OF_SITE("o.territory = $"), .flags = INTERNAL,
		.help = "Territory of its site." },
	{ "in_warranty", FIELD_BOOLEAN,
		.sql = "a.warranty_until is not null and a.warranty_until >= today() and exists (select "
		       "from jsonb_array_elements(a.warranties) w where today() between (w ->> 'from')::date "
		       "and (w ->> 'until')::date)",
		.help = "Under any warranty today." },
	{ "tag", FIELD_TEXT, .sql = "a.tags @> array[$]", .flags = INTERNAL, .help = "Carries this tag." },
	{ "customer.code", FIELD_TEXT, .sql = OF_CUSTOMER("o.code = $"), .help = "Code of its customer." },
	{ "customer.name", FIELD_TEXT, .sql = OF_CUSTOMER("o.name = $"), .help = "Name of its customer." },
	{ 0 },
};

static const struct free_filter asset_free[] = { { "x", "asset", "a.id" },
	{ "customer.x", "customer", "a.customer_id" }, { 0 } };

static const struct sort asset_sorts[] = {
	{ "created_at", "a.created_at", "timestamptz" },
	{ "serial", "a.serial_key", "text" },
	{ 0 },
};

/* A serial is kept without outer blanks. */
static enum fault asset_prepare(struct request *request, json_t *body, const char *id)
{
	const char *text = json_string_at(body, "serial");
	size_t length;

	(void)id;
	if (!text)
		return FAULT_NONE;
	text += strspn(text, " ");
	length = strlen(text);
	while (length && text[length - 1] == ' ')
		length--;
	if (length == 0)
		fault_add(&request->faults, "/serial", "length", "must not be empty");
	json_object_set_new(body, "serial", json_stringn(text, length));
	return FAULT_NONE;
}

static const struct statement *const asset_guards[] = { &sql_asset_guard, &sql_asset_warranties_guard,
	&sql_asset_warranties_warn, NULL };
static const struct statement *const asset_parts[] = { &sql_asset_settle, NULL };
static const struct statement *const asset_forgets[] = { &sql_asset_unused, &sql_asset_forget, NULL };

const struct resource asset = {
	.name = "asset",
	.plural = "assets",
	.table = "asset",
	.alias = "a",
	.fields = asset_fields,
	.filters = asset_filters,
	.free = asset_free,
	.sorts = asset_sorts,
	.search = "a.search",
	.sees = { .technician = ASSETS_OF_TECHNICIAN, .portal = ASSETS_OF_PORTAL, .callcenter = "false" },
	.audience = "jsonb_build_object('customers', jsonb_build_array(r.customer_id))",
	.machine = &asset_machine,
	.lock = &sql_asset_lock,
	.prepare = asset_prepare,
	.guards = asset_guards,
	.parts = asset_parts,
	.forgets = asset_forgets,
	.touches = stock_events,
	.natural_key = "serial",
	.natural_within = "article_id",
	.natural_column = "a.serial_key",
	.help = "An installed machine, or a part of one that is followed by its serial.",
};
