#include "derived.h"

#include "text.h"

#define QUANTITY .digits = 16, .decimals = 3, .negative = true
#define KINDS    "reservation movement rma rma_line"

/* Of the call when it names no source: what was made for a call by hand, or is a line of that. */
#define COLUMNS_OF_SOURCE                                                                                              \
	{ "source_id", "uuid",                                                                                         \
		.sql = "coalesce(d -> 'source' ->> 'id', d ->> 'call_id', d -> 'rma' ->> 'call_id')::uuid" },          \
		{ "line_id", "uuid", "source.line_id" }, { "line_version", "int", "source.line_version" },             \
		{ "taken_at", "timestamptz",                                                                           \
			.sql = "coalesce(d -> 'source' ->> 'taken_at', d ->> 'created_at', d ->> 'recorded_at')"       \
			       "::timestamptz" },                                                                      \
		{ "version", "int" },                                                                                  \
	{                                                                                                              \
		"updated_at", "timestamptz", .sql = "coalesce(d ->> 'updated_at', d ->> 'recorded_at')::timestamptz"   \
	}

#define COLUMNS_OF_ARTICLE                                                                                             \
	{ "article_id", "uuid" },                                                                                      \
	{                                                                                                              \
		"article_code", "text", "article.code"                                                                 \
	}

const struct copy_column derived_of_reservation[] = {
	{ "made", "text", .sql = "'reservation'" },
	COLUMNS_OF_SOURCE,
	COLUMNS_OF_ARTICLE,
	{ "state", "text", "status" },
	{ "open", "boolean", .sql = "d ->> 'status' in ('waiting', 'reserved')" },
	{ "quantity", "numeric" },
	{ "issued", "numeric" },
	{ "open_quantity", "numeric", "open" },
	{ "serials", "text[]" },
	{ 0 },
};

/* Of what a movement is there is nothing more to come: its state is its kind. */
const struct copy_column derived_of_movement[] = {
	{ "made", "text", .sql = "'movement'" },
	COLUMNS_OF_SOURCE,
	COLUMNS_OF_ARTICLE,
	{ "head_id", "uuid", "document.id" },
	{ "number", "text", "document.number" },
	{ "state", "text", "kind" },
	{ "open", "boolean", .sql = "false" },
	{ "quantity", "numeric" },
	{ "serials", "text[]" },
	{ 0 },
};

const struct copy_column derived_of_rma[] = {
	{ "made", "text", .sql = "'rma'" },
	COLUMNS_OF_SOURCE,
	{ "number", "text" },
	{ "state", "text" },
	{ "open", "boolean", .sql = "d ->> 'state' = 'open'" },
	{ 0 },
};

const struct copy_column derived_of_rma_line[] = {
	{ "made", "text", .sql = "'rma_line'" },
	COLUMNS_OF_SOURCE,
	COLUMNS_OF_ARTICLE,
	{ "head_id", "uuid", "rma_id" },
	{ "number", "text", "rma.number" },
	{ "state", "text" },
	{ "open", "boolean", .sql = "d ->> 'state' not in ('closed', 'cancelled')" },
	{ "quantity", "numeric" },
	{ "serials", "text[]", .sql = "nullif(array_remove(array[d ->> 'serial'], null), '{}')" },
	{ "missing", "text" },
	{ "job_code", "text" },
	{ 0 },
};

#define FIELDS_OF_DERIVED                                                                                              \
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },                                                                    \
		{ "kind", FIELD_TEXT, READ_ONLY | NEVER_NULL | FILTER, .column = "v.made",                             \
			.help = "What it is: " KINDS ", with this id in its own list." },                              \
		{ "head_id", FIELD_ID, READ_ONLY, .help = "The document whose line it is." },                          \
		{ "number", FIELD_TEXT, READ_ONLY, .help = "Of it, or of that document." },                            \
		{ "state", FIELD_TEXT, READ_ONLY | FILTER, .help = "Of a movement: its kind." },                       \
		{ "quantity", FIELD_DECIMAL, READ_ONLY, QUANTITY,                                                      \
			.help = "Of a movement signed: an issue is below zero." },                                     \
		{ "issued", FIELD_DECIMAL, READ_ONLY, QUANTITY, .help = "Of a reservation." },                         \
		{ "serials", FIELD_TEXTS, READ_ONLY },                                                                 \
		{ "line_version", FIELD_INTEGER, READ_ONLY, .help = "Of the line, when it was made." },                \
		{ "taken_at", FIELD_TIME, READ_ONLY | NEVER_NULL, .help = "When it was made." },                       \
	{                                                                                                              \
		"destination_changed_at", FIELD_TIME, READ_ONLY,                                                       \
			.help = "When it last changed after it was made; null if it has not."                          \
	}

const struct field derived_line_fields[] = {
	FIELDS_OF_DERIVED,
	{ "open", FIELD_DECIMAL, READ_ONLY, QUANTITY, .help = "Of a reservation: what is promised still." },
	{ 0 },
};

const struct field derived_fields[] = {
	FIELDS_OF_DERIVED,
	{ "source_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "The document it was made from." },
	{ "line_id", FIELD_ID, READ_ONLY | FILTER, .help = "Its line; null: made from the whole, or by hand." },
	{ "open", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL | FILTER,
		.help = "There is something to be done with it still." },
	{ "open_quantity", FIELD_DECIMAL, READ_ONLY, QUANTITY, .help = "Of a reservation: what is promised still." },
	{ "article_id", FIELD_ID, READ_ONLY | FILTER },
	{ "article_code", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

/* Kinds of movements that give to a document or take back; the others only name it. */
static bool moves_for(const char *kind)
{
	return text_same(kind, "issue") || text_same(kind, "return") || text_same(kind, "reversal");
}

bool derived_from(const struct inbox_event *event, const char *document, const char *member)
{
	const char *source = json_string_at(json_object_get(event->data, "source"), "kind");

	if (text_starts(event->type, "aftercare.movement.") && !moves_for(json_string_at(event->data, "kind")))
		return false;
	return source ? text_same(source, document) : json_string_at(event->data, member) != NULL;
}

const struct sort derived_sorts[] = { { "taken_at", "v.taken_at", "timestamptz" }, { 0 } };
