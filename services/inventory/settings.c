#include "settings.h"

#include "free_field.h"
#include "place.h"
#include "transition.h"

static const struct field company_fields[] = {
	{ "name", FIELD_TEXT, 0, .max = 120, .help = "The tenant's when absent.",
		.example = "\"Escavatori Bianchi S.r.l.\"" },
	{ "address", FIELD_OBJECT, 0, .fields = address_fields },
	{ "vat_number", FIELD_TEXT, 0, .max = 20 },
	{ 0 },
};

/* SQL reads them with setting(key, default): the default there is the fallback here. */
const struct field settings_fields[] = {
	SETTING_OF_MACHINES,
	SETTING_OF_FREE_FIELDS,
	{ "stock_below_zero", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "Goods may be issued before their receipt is entered; what is promised to others stays theirs." },
	{ "default_warehouse", FIELD_TEXT, 0, .max = 20, .fallback = "\"MAIN\"",
		.help = "Code of the warehouse that parts of a call come from when nothing names one.",
		.example = "\"MAIN\"" },
	{ "release_at_done", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "What an activity has not used is released when it is done, and nothing more is promised to it; else it stays "
			"promised." },
	{ "transfer_series", FIELD_TEXT, 0, .max = 10, .pattern = SERIES_FORM, .fallback = "\"TR\"",
		.help = "Series of the numbers of transfers." },
	{ "warranty_covers", FIELD_TEXTS, 0, .max = 10, .choices = "labour parts travel",
		.fallback = "[\"labour\",\"parts\"]",
		.help = "What the warranty covers that an article's months give." },
	{ "warranty_warning_days", FIELD_INTEGER, 0, .min = 0, .max = 3650, .fallback = "30",
		.help = "So long before a warranty ends warranty.expiring tells of it." },
	{ "replacement_warranty", FIELD_CHOICE, 0, .choices = "longer old new", .fallback = "\"longer\"",
		.help = "Of what takes the place of an asset: what is left of the old one's, or its own; or the longer of them." },
	{ "count_series", FIELD_TEXT, 0, .max = 10, .pattern = SERIES_FORM, .fallback = "\"INV\"",
		.help = "Series of the numbers of counts." },
	{ "rma_series", FIELD_TEXT, 0, .max = 10, .pattern = SERIES_FORM, .fallback = "\"RMA\"",
		.help = "Series of the numbers of returns." },
	{ "due_back_days", FIELD_INTEGER, 0, .min = 1, .max = 3650, .fallback = "30",
		.help = "So long after a replacement in advance what it replaces is due back." },
	{ "transport_document_series", FIELD_TEXT, 0, .max = 10, .pattern = SERIES_FORM, .fallback = "\"DDT\"",
		.help = "Series of the numbers of outgoing transport documents." },
	{ "company", FIELD_OBJECT, 0, .fields = company_fields,
		.help = "Who sends goods and gets them, as transport documents are printed." },
	{ 0 },
};
