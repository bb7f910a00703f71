#include "settings.h"

#include "calls_service_sql.h"
#include "free_field.h"
#include "transition.h"
#include "vocabulary.h"

/* SQL reads them with setting(key, default): the default there is the fallback here. */
const struct field settings_fields[] = {
	{ "default_call_type", FIELD_TEXT, 0, .max = 20, .fallback = "\"intervention\"",
		.help = "Type of calls entered without one.", .example = "\"intervention\"" },
	{ "default_series", FIELD_TEXT, 0, .max = 10, .pattern = SERIES_FORM, .fallback = "\"A\"",
		.help = "Series of calls whose type names none.", .example = "\"A\"" },
	{ "technician_may_take", FIELD_BOOLEAN, 0, .fallback = "true",
		.help = "A technician may make himself responsible for an unassigned call." },
	{ "reopen_days", FIELD_INTEGER, 0, .min = 0, .max = 3650, .fallback = "30",
		.help = "A call closed longer ago is reopened by managers only." },
	{ "close_after_days", FIELD_INTEGER, 0, .min = 0, .max = 3650, .fallback = "0",
		.help = "A resolved call with nothing left to do closes by itself so many days later; 0: never." },
	SETTING_OF_MACHINES,
	SETTING_OF_FREE_FIELDS,
	{ "refuse_blocked", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "No billable charge for a customer whose credit is blocked; else there is only a warning with his calls." },
	{ "convert_needs_tax_id", FIELD_BOOLEAN, 0, .fallback = "true",
		.help = "A prospect becomes an acquired customer only with a tax id or tax code." },
	{ "erp_owns_fields", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "Customers that came from the ERP (with external_ref) are changed only by integrations." },
	{ 0 },
};

const struct statement *const settings_guards[] = { &sql_settings_guard, NULL };
