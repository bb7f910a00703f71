#include "article.h"

#include "inventory_service_sql.h"

static const struct field article_category_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20, .help = "Unique; what articles refer to.",
		.example = "\"HYD\"" },
	{ "label", FIELD_TEXT, REQUIRED | FILTER, .max = 60, .help = "What people read.", .example = "\"Hydraulics\"" },
	{ "parent_code", FIELD_TEXT, FILTER, .max = 20, .help = "The wider category it is in." },
	{ "position", FIELD_INTEGER, 0, .min = 0, .max = 10000, .fallback = "0",
		.help = "Order in which it is offered." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort article_category_sorts[] = {
	{ "position", "g.position", "int" },
	{ "code", "g.code", "text" },
	{ 0 },
};

static const struct statement *const article_category_guards[] = { &sql_article_category_tree,
	&sql_article_category_guard, NULL };

const struct resource article_category = {
	.name = "article_category",
	.plural = "article_categories",
	.table = "article_category",
	.alias = "g",
	.rows = &sql_article_category_rows,
	.fields = article_category_fields,
	.sorts = article_category_sorts,
	SEEN_BY_STAFF,
	.guards = article_category_guards,
	.natural_key = "code",
	.help = "A place in the tree of the catalogue.",
};

static const struct field supplier_fields[] = {
	{ "customer_or_supplier_ref", FIELD_TEXT, REQUIRED, .max = 40, .help = "The supplier, in the ERP's words.",
		.example = "\"F00123\"" },
	{ "code", FIELD_TEXT, 0, .max = 40, .help = "The supplier's own code of the article.",
		.example = "\"7Y-1234\"" },
	{ "lead_days", FIELD_INTEGER, 0, .min = 0, .max = 3650 },
	{ 0 },
};

const struct field article_brief_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "description", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field article_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,
		.help = "Rises with each change of the article or its stock." },
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 40, .help = "Unique.", .example = "\"CYL-BKT-01\"" },
	{ "kind", FIELD_CHOICE, REQUIRED | FILTER, .choices = "model part service kit",
		.help = "A model is what is installed; a kit is made of components." },
	{ "description", FIELD_TEXT, REQUIRED, .max = 200, .example = "\"Bucket cylinder\"" },
	{ "description2", FIELD_TEXT, 0, .max = 500 },
	{ "uom", FIELD_TEXT, REQUIRED, .max = 6, .help = "Unit of measure.", .example = "\"pcs\"" },
	{ "decimals", FIELD_INTEGER, 0, .min = 0, .max = 3, .fallback = "0",
		.help = "Decimals its quantities are counted with." },
	{ "tracking", FIELD_CHOICE, FILTER, .choices = "none serial", .fallback = "\"none\"",
		.help = "Whether each piece has a serial; fixed once goods have moved." },
	{ "category_code", FIELD_TEXT, 0, .max = 20 },
	{ "stocked", FIELD_BOOLEAN, FILTER, .fallback = "false", .help = "Kept in stock." },
	{ "list_price", FIELD_DECIMAL, 0, MONEY, .example = "\"480.0000\"" },
	{ "vat_code", FIELD_TEXT, 0, .max = 10 },
	{ "standard_cost", FIELD_DECIMAL, COST | INTERNAL, MONEY,
		.help = "Cost of what is issued before any was received." },
	{ "average_cost", FIELD_DECIMAL, READ_ONLY | COST | INTERNAL, MONEY,
		.help = "Moving average of our own goods; null while there are none." },
	{ "price_quantity_multiplier", FIELD_DECIMAL, 0, .digits = 10, .decimals = 3, .fallback = "\"1\"",
		.help = "Pieces a price is for. Other than 1 comes from the ERP only, and no line can name the article." },
	{ "usable", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL | FILTER,
		.help = "Lines may name it: active, and multiplier 1." },
	{ "billing_article_id", FIELD_ID, INTERNAL, .refers = "article",
		.help = "The article that invoices show instead." },
	{ "warranty_months", FIELD_INTEGER, 0, .min = 0, .max = 600,
		.help = "Of a machine or part when it is installed." },
	{ "becomes_asset", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "Issued to a call it becomes a component of the machine, with its serial." },
	{ "barcodes", FIELD_TEXTS, 0, .max = 40 },
	{ "suppliers", FIELD_LIST, INTERNAL, .max = 20, .fields = supplier_fields },
	{ "origin", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER | INTERNAL, .choices = "local erp",
		.help = "erp: an integration brought it with its own key, and it is changed there." },
	{ "weight_kg", FIELD_DECIMAL, 0, .digits = 8, .decimals = 3 },
	{ "notes", FIELD_TEXT, INTERNAL, .max = 2000 },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct filter article_filters[] = {
	{ "category_code", FIELD_TEXT, .sql = "a.category_code in (select category_tree($))",
		.help = "Of the category or one below it." },
	{ "barcode", FIELD_TEXT, .sql = "a.barcodes @> array[$]", .help = "One of its bar codes." },
	{ "supplier_code", FIELD_TEXT, .sql = "a.supplier_codes @> array[$]", .help = "A supplier's code of it." },
	{ 0 },
};

static const struct sort article_sorts[] = {
	{ "code", "a.code", "text" },
	{ "created_at", "a.created_at", "timestamptz" },
	{ 0 },
};

static const struct statement *const article_guards[] = { &sql_article_guard, NULL };
static const struct statement *const article_parts[] = { &sql_article_origin, NULL };
static const struct statement *const article_forgets[] = { &sql_article_unused, NULL };

const struct resource article = {
	.name = "article",
	.plural = "articles",
	.table = "article",
	.alias = "a",
	.rows = &sql_article_rows,
	.fields = article_fields,
	.filters = article_filters,
	.sorts = article_sorts,
	.search = "a.search",
	SEEN_BY_STAFF,
	.many = true,
	.guards = article_guards,
	.parts = article_parts,
	.forgets = article_forgets,
	.natural_key = "code",
	.help = "An item of the catalogue: a model, a spare part, a service or a kit.",
};
