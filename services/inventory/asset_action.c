#include "asset_action.h"

#include "asset.h"
#include "inventory_service_sql.h"

#define REASON                                                                                                         \
	{                                                                                                              \
		"reason", FIELD_TEXT, 0, .max = 500                                                                    \
	}
#define NOTE                                                                                                           \
	{                                                                                                              \
		"note", FIELD_TEXT, 0, .max = 2000                                                                     \
	}

static const struct field install_fields[] = {
	{ "customer_id", FIELD_ID, REQUIRED },
	{ "site_id", FIELD_ID, REQUIRED },
	{ "installed_on", FIELD_DATE, REQUIRED },
	{ "parent_id", FIELD_ID, 0, .help = "The machine it is a component of; of the same customer." },
	REASON,
	NOTE,
	{ 0 },
};

static const struct field move_fields[] = {
	{ "customer_id", FIELD_ID, 0, .help = "The same when absent." },
	{ "site_id", FIELD_ID, REQUIRED },
	{ "position", FIELD_TEXT, 0, .max = 120 },
	{ "on", FIELD_DATE, REQUIRED },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	NOTE,
	{ 0 },
};

static const struct field remove_fields[] = {
	{ "on", FIELD_DATE, REQUIRED },
	{ "warehouse_id", FIELD_ID, 0, .help = "Where it goes: a movement returns the piece to stock." },
	{ "owner", FIELD_CHOICE, 0, .choices = "own customer",
		.help = "Whose it is in the warehouse: its customer's, unless it or its machine was lent, or it is said to be "
			"own. What was lent is ours." },
	REASON,
	NOTE,
	{ 0 },
};

static const struct field attach_fields[] = {
	{ "parent_id", FIELD_ID, REQUIRED, .help = "The machine." },
	{ "position", FIELD_TEXT, 0, .max = 120 },
	{ "on", FIELD_DATE, REQUIRED },
	REASON,
	NOTE,
	{ 0 },
};

static const struct field detach_fields[] = {
	{ "on", FIELD_DATE, REQUIRED },
	REASON,
	NOTE,
	{ 0 },
};

static const struct field replace_fields[] = {
	{ "article_id", FIELD_ID, REQUIRED, .help = "Of what takes its place." },
	{ "serial", FIELD_TEXT, REQUIRED, .max = 60, .help = "Of an asset in stock, or of a new one." },
	{ "on", FIELD_DATE, REQUIRED },
	{ "reason", FIELD_TEXT, REQUIRED, .max = 500 },
	NOTE,
	{ 0 },
};

static const struct field end_fields[] = {
	{ "on", FIELD_DATE, 0, .help = "Today when absent." },
	REASON,
	NOTE,
	{ 0 },
};

static action_steps install_steps = { &sql_asset_install, NULL };
static action_steps move_steps = { &sql_asset_move, NULL };
static action_steps remove_steps = { &sql_asset_remove, NULL };
static action_steps attach_steps = { &sql_asset_attach, NULL };
static action_steps detach_steps = { &sql_asset_detach, NULL };
static action_steps replace_steps = { &sql_asset_replace, NULL };
static action_steps dismiss_steps = { &sql_asset_dismiss, NULL };
static action_steps scrap_steps = { &sql_asset_scrap, NULL };

#define AWAY  "in_stock in_repair on_loan"
#define THERE "installed in_repair on_loan"

/* clang-format off */
static const struct transition asset_transitions[] = {
	/* action   from                           to           who                 needs           statements */
	{ "install", AWAY,                         "installed", SCOPE_ASSETS_MOVE,  install_fields, install_steps,
		"asset.installed", "Install it at a customer's", "Starts the article's warranty, unless it has one." },
	{ "move",    THERE,                        NULL,        SCOPE_ASSETS_MOVE,  move_fields,    move_steps,
		"asset.moved",     "Move it to another site", "Its components go with it." },
	{ "remove",  THERE,                        "in_stock",  SCOPE_ASSETS_MOVE,  remove_fields,  remove_steps,
		"asset.moved",     "Take it away from where it is" },
	{ "attach",  "in_stock " THERE,            "installed", SCOPE_ASSETS_MOVE,  attach_fields,  attach_steps,
		"asset.moved",     "Make it a component of a machine" },
	{ "detach",  THERE,                        NULL,        SCOPE_ASSETS_MOVE,  detach_fields,  detach_steps,
		"asset.moved",     "Take it out of its machine", "It stays at the customer's." },
	{ "replace", THERE,                        "replaced",  SCOPE_ASSETS_MOVE,  replace_fields, replace_steps,
		"asset.replaced",  "Put another in its place",
		"The other stands where it stood, under the longer of their warranties." },
	{ "dismiss", "in_stock replaced " THERE,   "dismissed", SCOPE_ASSETS_WRITE, end_fields,     dismiss_steps,
		"asset.dismissed", "It is no longer followed" },
	{ "scrap",   "in_stock replaced dismissed " THERE, "scrapped", SCOPE_ASSETS_WRITE, end_fields, scrap_steps,
		"asset.dismissed", "It was scrapped" },
	{ 0 },
};
/* clang-format on */

const struct machine asset_machine = {
	.table = asset_transitions,
	.states = ASSET_STATUSES,
	.state = "a.status",
	.unlogged = true, /* its history says more */
};
