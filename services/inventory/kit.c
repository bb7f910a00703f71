#include "kit.h"

#include "article.h"
#include "inventory_service_sql.h"

static const struct field kit_component_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL | FROM_PATH | FILTER, .help = "The kit." },
	{ "component_id", FIELD_ID, REQUIRED | FIXED | FILTER, .help = "An article, which may be a kit itself." },
	{ "component", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "quantity", FIELD_DECIMAL, REQUIRED, QUANTITY, .positive = true, .example = "\"4\"" },
	{ "optional", FIELD_BOOLEAN, 0, .fallback = "false", .help = "Only suggested; the kit is whole without it." },
	{ "position", FIELD_INTEGER, 0, .min = 0, .max = 10000, .fallback = "0" },
	{ "external_ref", FIELD_TEXT, FILTER | KEY, .max = 80, .help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct sort kit_component_sorts[] = {
	{ "position", "k.position", "int" },
	{ 0 },
};

static const struct statement *const kit_component_guards[] = { &sql_kit_component_tree, &sql_kit_component_guard,
	NULL };

const struct resource kit_component = {
	.name = "kit_component",
	.plural = "kit_components",
	.table = "kit_component",
	.alias = "k",
	.rows = &sql_kit_component_rows,
	.fields = kit_component_fields,
	.sorts = kit_component_sorts,
	SEEN_BY_STAFF,
	.part_of = &article,
	.part_by = "article_id",
	.guards = kit_component_guards,
	.help = "What a kit is made of.",
};

static const struct field substitute_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "article_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "substitute_id", FIELD_ID, REQUIRED | FIXED | FILTER, .help = "What does for it." },
	{ "substitute", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "kind", FIELD_CHOICE, REQUIRED | FIXED | FILTER, .choices = "equivalent supersedes",
		.help = "As good, or in its place for good." },
	{ "rank", FIELD_INTEGER, 0, .min = 0, .max = 10000, .fallback = "0", .help = "The lowest is offered first." },
	{ "valid_from", FIELD_DATE, 0 },
	{ "both_ways", FIELD_BOOLEAN, FIXED, .fallback = "false", .help = "Each does for the other." },
	{ "notes", FIELD_TEXT, 0, .max = 500 },
	{ "external_ref", FIELD_TEXT, FILTER | KEY, .max = 80, .help = "Its key in the system it came from; unique." },
	{ 0 },
};

static const struct sort substitute_sorts[] = {
	{ "created_at", "s.created_at", "timestamptz" },
	{ 0 },
};

static const struct statement *const substitute_guards[] = { &sql_substitute_guard, NULL };

const struct resource substitute = {
	.name = "substitute",
	.plural = "substitutes",
	.table = "substitute",
	.alias = "s",
	.rows = &sql_substitute_rows,
	.fields = substitute_fields,
	.sorts = substitute_sorts,
	SEEN_BY_STAFF,
	.part_of = &article,
	.part_by = "article_id",
	.guards = substitute_guards,
	.help = "An article that does for another. It is only suggested.",
};

static const struct field place_fields[] = {
	{ "warehouse_id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "code", FIELD_TEXT, READ_ONLY | NEVER_NULL },
	{ "available", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, QUANTITY },
	{ 0 },
};

static const struct field alternative_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL, .help = "Of this line: a rule that holds both ways has two." },
	{ "of_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "What it does for." },
	{ "article_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "What does." },
	{ "article", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = article_brief_fields },
	{ "kind", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "equivalent supersedes" },
	{ "rank", FIELD_INTEGER, READ_ONLY | NEVER_NULL },
	{ "available", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, .digits = 16, .decimals = 3,
		.help = "In all warehouses." },
	{ "warehouses", FIELD_LIST, READ_ONLY | NEVER_NULL, .fields = place_fields,
		.help = "Those that have some, the most first." },
	{ 0 },
};

static const struct filter alternative_filters[] = {
	{ "warehouse_id", FIELD_ID,
		.sql = "exists (select from stock h where h.article_id = v.article_id and h.warehouse_id = $ "
		       "and h.owner = 'own' and h.available > 0)",
		.help = "Available in this warehouse." },
	{ 0 },
};

static const struct sort alternative_sorts[] = {
	{ "rank", "v.rank", "int" },
	{ 0 },
};

const struct resource alternative = {
	.name = "alternative",
	.plural = "alternatives",
	.table = "alternative",
	.alias = "v",
	.rows = &sql_alternative_rows,
	.fields = alternative_fields,
	.filters = alternative_filters,
	.sorts = alternative_sorts,
	SEEN_BY_STAFF,
	.read_only = true,
	.help = "What may be taken instead of an article today, and how much of it there is.",
};
