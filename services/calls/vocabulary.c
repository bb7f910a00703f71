#include "vocabulary.h"

#include "activity.h"
#include "call.h"
#include "calls_service_sql.h"

#include <string.h>

static const struct field call_type_fields[] = {
	FIELDS_OF_VOCABULARY(20, 60),
	{ "series_code", FIELD_TEXT, FILTER, .max = 10, .pattern = SERIES_FORM,
		.help = "Series its calls are numbered in; the tenant's default when absent.", .example = "\"A\"" },
	{ "default_priority", FIELD_CHOICE, FILTER, .choices = CALL_PRIORITIES,
		.help = "Of calls entered without one." },
	{ "required_at_open", FIELD_TEXTS, 0, .max = 10, .choices = "site asset contact",
		.help = "What an open call of this type must name.", .example = "[\"site\", \"asset\"]" },
	{ "required_at_resolve", FIELD_TEXTS, 0, .max = 10, .choices = "fault cause resolution",
		.help = "The codes a call of this type needs to be resolved.", .example = "[\"resolution\"]" },
	{ "sla_policy_code", FIELD_TEXT, FILTER, .max = 20,
		.help = "SLA policy where neither contract, site nor customer names one." },
	{ "quick", FIELD_BOOLEAN, FILTER, .fallback = "false", .help = "Offered in quick entry." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort call_type_sorts[] = {
	{ "code", "y.code", "text" },
	{ 0 },
};

static const struct statement *const call_type_forgets[] = { &sql_call_type_unused, NULL };

const struct resource call_type = {
	.name = "call_type",
	.plural = "call_types",
	.table = "call_type",
	.alias = "y",
	.fields = call_type_fields,
	.sorts = call_type_sorts,
	.sees = { .portal = "false", .callcenter = "y.quick and y.active" },
	.forgets = call_type_forgets,
	.natural_key = "code",
	.help = "A kind of call: its series, default priority and what it requires.",
};

static const struct field substate_fields[] = {
	FIELDS_OF_VOCABULARY(20, 60),
	{ "state", FIELD_CHOICE, REQUIRED | FIXED | FILTER, .choices = CALL_STATES,
		.help = "The fixed state that it is a label of." },
	{ "default", FIELD_BOOLEAN, FILTER, .fallback = "false", .column = "b.\"default\"",
		.help = "What a call gets that comes into the state; one a state." },
	{ "position", FIELD_INTEGER, 0, .min = 0, .max = 10000, .fallback = "0",
		.help = "Order in which it is offered." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort substate_sorts[] = {
	{ "position", "b.position", "int" },
	{ "code", "b.code", "text" },
	{ 0 },
};

static const struct statement *const substate_forgets[] = { &sql_substate_unused, NULL };

const struct resource substate = {
	.name = "substate",
	.plural = "substates",
	.table = "substate",
	.alias = "b",
	.fields = substate_fields,
	.sorts = substate_sorts,
	SEEN_BY_STAFF,
	.forgets = substate_forgets,
	.natural_key = "code",
	.help = "The tenant's own label under a state of calls.",
};

/* Codes are unique within their kind only, so bulk lines name them by id or external_ref. */
static const struct field call_code_fields[] = {
	FIELDS_OF_EVERY_ROW,
	FIELD_REVISION,
	{ "kind", FIELD_CHOICE, REQUIRED | FIXED | FILTER, .choices = "fault cause resolution cancel" },
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20, .help = "Unique within its kind.",
		.example = "\"HYD-LEAK\"" },
	{ "label", FIELD_TEXT, REQUIRED | FILTER, .max = 120, .help = "What people read." },
	{ "parent_id", FIELD_ID, FILTER, .help = "A wider code of the same kind." },
	{ "article_category_code", FIELD_TEXT, FILTER, .max = 20, .help = "Offered only for models of this category." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort call_code_sorts[] = {
	{ "code", "k.code", "text" },
	{ 0 },
};

static const struct statement *const call_code_guards[] = { &sql_call_code_tree, &sql_call_code_parent_guard, NULL };
static const struct statement *const call_code_forgets[] = { &sql_call_code_unused, NULL };

const struct resource call_code = {
	.name = "call_code",
	.plural = "call_codes",
	.table = "call_code",
	.alias = "k",
	.fields = call_code_fields,
	.sorts = call_code_sorts,
	.search = "k.search",
	SEEN_BY_STAFF,
	.guards = call_code_guards,
	.forgets = call_code_forgets,
	.help = "A code for what was wrong, why, what was done, or why a call was cancelled.",
};

static const struct field tag_fields[] = {
	FIELDS_OF_VOCABULARY(30, 60),
	{ "colour", FIELD_TEXT, 0, .max = 7, .pattern = "^#[0-9a-fA-F]{6}$", .help = "As in HTML.",
		.example = "\"#c0392b\"" },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort tag_sorts[] = {
	{ "code", "t.code", "text" },
	{ 0 },
};

static const struct statement *const tag_forgets[] = { &sql_tag_unused, NULL };

const struct resource tag = {
	.name = "tag",
	.plural = "tags",
	.table = "tag",
	.alias = "t",
	.fields = tag_fields,
	.sorts = tag_sorts,
	SEEN_BY_STAFF,
	.forgets = tag_forgets,
	.natural_key = "code",
	.help = "A word to group calls and customers by.",
};

static const struct field activity_type_fields[] = {
	FIELDS_OF_VOCABULARY(20, 60),
	{ "kind", FIELD_CHOICE, REQUIRED | FILTER, .choices = ACTIVITY_KINDS,
		.help = "What it is to the platform; message is a public comment, from or to the portal." },
	{ "plannable", FIELD_BOOLEAN, FILTER, .fallback = "true", .help = "False: only recorded as done." },
	{ "default_minutes", FIELD_INTEGER, 0, .min = 1, .max = 14400, .help = "Planned length when none is given." },
	{ "billable", FIELD_BOOLEAN, FILTER, .fallback = "true",
		.help = "Its hours are charged unless something covers them." },
	{ "labour_article_id", FIELD_ID, 0, .refers = "article", .help = "Article that its hours are charged as." },
	{ "travel_article_id", FIELD_ID, 0, .refers = "article", .help = "Article that its travel is charged as." },
	{ "counts_as_response", FIELD_BOOLEAN, FILTER, .fallback = "false",
		.help = "Done, it stops the response clock." },
	{ "needs_report", FIELD_BOOLEAN, FILTER, .fallback = "false", .help = "Belongs into a work report." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort activity_type_sorts[] = {
	{ "code", "p.code", "text" },
	{ 0 },
};

const struct resource activity_type = {
	.name = "activity_type",
	.plural = "activity_types",
	.table = "activity_type",
	.alias = "p",
	.fields = activity_type_fields,
	.sorts = activity_type_sorts,
	SEEN_BY_STAFF,
	.natural_key = "code",
	.help = "A kind of activity: whether it is planned, billed, and counts as a response.",
};
