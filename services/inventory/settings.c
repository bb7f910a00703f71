#include "settings.h"

#include "transition.h"

/* SQL reads them with setting(key, default): the default there is the fallback here. */
const struct field settings_fields[] = {
	SETTING_OF_MACHINES,
	{ "stock_below_zero", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "Goods may be issued before their receipt is entered; what is promised to others stays theirs." },
	{ "default_warehouse", FIELD_TEXT, 0, .max = 20, .fallback = "\"MAIN\"",
		.help = "Code of the warehouse that parts come from when nothing names one.", .example = "\"MAIN\"" },
	{ "release_at_done", FIELD_BOOLEAN, 0, .fallback = "false",
		.help = "What an activity has not used is released when it is done; else it stays promised." },
	{ "transfer_series", FIELD_TEXT, 0, .max = 10, .fallback = "\"TR\"",
		.help = "Series of the numbers of transfers." },
	{ 0 },
};
