#include "stock.h"

#include "article.h"
#include "inventory_service_sql.h"
#include "place.h"

const struct field warehouse_brief_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "kind", FIELD_CHOICE, READ_ONLY, .choices = WAREHOUSE_KINDS },
	{ 0 },
};

static const struct field warehouse_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20, .help = "Unique.", .example = "\"MAIN\"" },
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .max = 80, .example = "\"Main warehouse\"" },
	{ "kind", FIELD_CHOICE, REQUIRED | FIXED | FILTER, .choices = WAREHOUSE_KINDS,
		.help = "Goods in stock and van are available; those in repair, supplier, transit and scrap are not." },
	{ "technician_id", FIELD_ID, FILTER, .help = "Whose van it is." },
	{ "technician_name", FIELD_TEXT, READ_ONLY },
	{ "site", FIELD_OBJECT, 0, .fields = address_fields, .help = "Where it is." },
	{ "valued", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "Our own goods in it count in the moving average." },
	{ "available", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "Our own goods in it can be promised." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort warehouse_sorts[] = {
	{ "code", "w.code", "text" },
	{ 0 },
};

static const struct statement *const warehouse_guards[] = { &sql_warehouse_hold, &sql_warehouse_unused, NULL };

const struct resource warehouse = {
	.name = "warehouse",
	.plural = "warehouses",
	.table = "warehouse",
	.alias = "w",
	.rows = &sql_warehouse_rows,
	.fields = warehouse_fields,
	.sorts = warehouse_sorts,
	SEEN_BY_STAFF,
	.guards = warehouse_guards,
	.natural_key = "code",
	.help = "A place where goods are kept: a store, a van, the repair shop, a supplier's, transit, scrap.",
};

#define AMOUNT READ_ONLY | NEVER_NULL | FILTER, .digits = 16, .decimals = 3, .negative = true

static const struct field stock_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "warehouse_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "warehouse", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = warehouse_brief_fields },
	{ "owner", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "own customer",
		.help = "Goods of customers are neither available nor valued." },
	{ "on_hand", FIELD_DECIMAL, AMOUNT },
	{ "reserved", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, .digits = 16, .decimals = 3,
		.help = "Promised to activities." },
	{ "available", FIELD_DECIMAL, AMOUNT, .help = "on_hand less reserved." },
	{ "waiting", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, .digits = 16, .decimals = 3,
		.help = "Asked for beyond what is there; filled as goods come in." },
	{ "in_transit", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, .digits = 16, .decimals = 3,
		.help = "On its way to here." },
	{ "on_order", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, .digits = 16, .decimals = 3,
		.help = "Ordered, as the ERP tells." },
	{ "average_cost", FIELD_DECIMAL, READ_ONLY | COST, MONEY },
	{ "value", FIELD_DECIMAL, READ_ONLY | COST, .digits = 18, .decimals = 2, .negative = true },
	{ "last_moved_at", FIELD_TIME, READ_ONLY },
	{ 0 },
};

static const struct filter stock_filters[] = {
	FILTER_OF_ARTICLE("s"),
	{ "warehouse.kind", FIELD_CHOICE, .choices = WAREHOUSE_KINDS,
		.sql = "s.warehouse_id in (select o.id from warehouse o where o.kind = $)",
		.help = "Kind of the warehouse." },
	{ "technician_id", FIELD_ID,
		.sql = "s.warehouse_id in (select o.id from warehouse o where o.technician_id = $)",
		.help = "In this technician's van." },
	{ "category_code", FIELD_TEXT,
		.sql = "s.article_id in (select o.id from article o where o.category_code in (select category_tree($)))",
		.help = "Of articles of the category or one below it." },
	{ "below_minimum", FIELD_BOOLEAN,
		.sql = "exists (select from reorder_level l where l.article_id = s.article_id "
		       "and l.warehouse_id = s.warehouse_id and l.active and s.owner = 'own' and s.available < l.minimum)",
		.help = "Less is available than the reorder level wants." },
	{ 0 },
};

static const struct sort stock_sorts[] = {
	{ "created_at", "s.created_at", "timestamptz" },
	{ "last_moved_at", "s.last_moved_at", "timestamptz" },
	{ "on_hand", "s.on_hand", "numeric" },
	{ "available", "s.available", "numeric" },
	{ 0 },
};

const struct resource stock = {
	.name = "stock",
	.plural = "stock",
	.table = "stock",
	.alias = "s",
	.rows = &sql_stock_rows,
	.fields = stock_fields,
	.filters = stock_filters,
	.sorts = stock_sorts,
	SEEN_BY_STAFF,
	.part_of = &article,
	.part_by = "article_id",
	.read_only = true,
	.help = "How much of an article is in a warehouse, ours and customers' apart.",
};

static const struct field serial_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "serial", FIELD_TEXT, READ_ONLY | NEVER_NULL, .max = 60 },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER,
		.choices = "in_stock reserved in_transit at_customer in_repair scrapped" },
	{ "owner", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "own customer" },
	{ "warehouse_id", FIELD_ID, READ_ONLY | FILTER },
	{ "asset_id", FIELD_ID, READ_ONLY | FILTER },
	{ "reservation_id", FIELD_ID, READ_ONLY | FILTER },
	{ "rma_line_id", FIELD_ID, READ_ONLY | FILTER },
	{ 0 },
};

static const struct filter serial_filters[] = {
	FILTER_OF_ARTICLE("e"),
	{ "serial", FIELD_TEXT, .sql = "e.serial_key = base.fold($)", .help = "Compared without case." },
	{ 0 },
};

static const struct sort serial_sorts[] = {
	{ "serial", "e.serial_key", "text" },
	{ "created_at", "e.created_at", "timestamptz" },
	{ 0 },
};

const struct resource serial = {
	.name = "serial",
	.plural = "serials",
	.table = "serial",
	.alias = "e",
	.rows = &sql_serial_rows,
	.fields = serial_fields,
	.filters = serial_filters,
	.sorts = serial_sorts,
	SEEN_BY_STAFF,
	.part_of = &article,
	.part_by = "article_id",
	.read_only = true,
	.help = "A piece with a serial number, in the one place where it is.",
};

const char *const stock_events[] = { STOCK_EVENTS, NULL };
