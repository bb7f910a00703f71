#include "copies.h"

#include "arena.h"
#include "inventory_service_sql.h"
#include "text.h"

static enum fault keep(const struct inbox_event *event, struct pg_batch *batch, const struct statement *statement)
{
	bool gone = text_ends(event->type, ".removed.v1");

	pg_add(batch, statement,
		PG_VALUES(event->subject, event->data_text,
			arena_printf(event->arena, "%lld", (long long)event->revision), gone ? "false" : "true"));
	return FAULT_NONE;
}

#define KEEP(name)                                                                                                     \
	static enum fault name##_apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)  \
	{                                                                                                              \
		(void)problem;                                                                                         \
		return keep(event, batch, &sql_##name##_keep);                                                         \
	}

KEEP(customer)
KEEP(site)
KEEP(call)
KEEP(activity)
KEEP(charge)
KEEP(technician)

const struct inbox_handler copies_consumed[] = {
	{ "aftercare.calls", "aftercare.customer.", customer_apply },
	{ "aftercare.calls", "aftercare.site.", site_apply },
	{ "aftercare.calls", "aftercare.call.", call_apply },
	{ "aftercare.calls", "aftercare.activity.", activity_apply },
	{ "aftercare.calls", "aftercare.charge.", charge_apply },
	{ "aftercare.scheduling", "aftercare.technician.", technician_apply },
	{ 0 },
};
