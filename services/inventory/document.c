#include "document.h"

#include "inventory_service_sql.h"

static const struct field owner_fields[] = {
	{ "service", FIELD_TEXT, READ_ONLY | NEVER_NULL, .example = "\"inventory\"" },
	{ "kind", FIELD_TEXT, READ_ONLY | NEVER_NULL, .example = "\"transport_document\"" },
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ 0 },
};

static const struct field document_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "kind", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "transport_document" },
	{ "number", FIELD_TEXT, READ_ONLY, .help = "Of one that came in, its sender's; null of a draft.",
		.example = "\"2026/DDT/000041\"" },
	{ "state", FIELD_CHOICE, READ_ONLY | NEVER_NULL | FILTER, .choices = "draft issued voided" },
	{ "owner", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = owner_fields, .help = "What it is a paper of." },
	{ "customer_id", FIELD_ID, READ_ONLY },
	{ "format", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "pdf" },
	{ "content_url", FIELD_TEXT, READ_ONLY | NEVER_NULL,
		.example = "\"/v1/transport-documents/0193a5d2-7c1e-7d3a-9b1f-2f6c8e4a1b00/pdf\"" },
	{ "issued_at", FIELD_TIME, READ_ONLY | FILTER },
	{ 0 },
};

static const struct filter document_filters[] = {
	{ "transport_document_id", FIELD_ID, .sql = "d.id = $", .help = "Of this one." },
	{ "asset_id", FIELD_ID,
		.sql = "d.id in (select l.document_id from asset a join transport_document_line l on l.serials @> array[a.serial] "
		       "and l.article_id = a.article_id where a.id = $ union select l.document_id from rma_line o "
		       "join transport_document_line l on l.rma_line_id = o.id where o.asset_id = $ union select m.document_id "
		       "from movement m where m.asset_id = $ and m.document_kind = 'transport_document')",
		.help = "With which this one came or went." },
	{ 0 },
};

static const struct sort document_sorts[] = { { "created_at", "d.created_at", "timestamptz" }, { 0 } };

const struct resource document = {
	.name = "document",
	.plural = "documents",
	.table = "transport_document",
	.alias = "d",
	.rows = &sql_document_rows,
	.fields = document_fields,
	.filters = document_filters,
	.sorts = document_sorts,
	.descending = true,
	SEEN_BY_STAFF,
	.read_only = true,
	.help = "A paper, and where to get it.",
};
