/* call_derived: what other services made of calls and their charges (derived.h). */
#include "call.h"
#include "derived.h"
#include "source_sql.h"

const struct resource call_derived = {
	.name = "derived",
	.plural = "derived",
	.table = "derived",
	.alias = "v",
	.rows = &sql_derived_rows,
	.fields = derived_fields,
	.sorts = derived_sorts,
	.sees = { .technician = "v.source_id in (select o.call_id from own_call o)",
		.portal = "false",
		.callcenter = "false" },
	.read_only = true,
	.help = "Something that another service made of a call: a reservation, an issue, a return.",
};
