#include "meter.h"

#include "app.h"
#include "arena.h"
#include "asset.h"
#include "inventory_service_sql.h"
#include "store.h"

#define READING .digits = 14, .decimals = 3
#define TOTAL   .digits = 17, .decimals = 3

/* Whose meters and readings a narrowed caller sees: those of his assets. */
#define SEEN_WITH_ASSET(id)                                                                                            \
	.sees = { .technician = id " in (select a.id from asset a where " ASSETS_OF_TECHNICIAN ")",                    \
		.portal = id " in (select a.id from asset a where " ASSETS_OF_PORTAL ")",                              \
		.callcenter = "false" }

#define PART_OF_ASSET                                                                                                  \
	.part_of = &asset, .part_by = "asset_id",                                                                      \
	.audience = "jsonb_build_object('customers', (select jsonb_build_array(o.customer_id) from asset o "           \
		    "where o.id = r.asset_id))"

static const struct field last_fields[] = {
	{ "value", FIELD_DECIMAL, READ_ONLY, READING },
	{ "at", FIELD_TIME, READ_ONLY },
	{ "total", FIELD_DECIMAL, READ_ONLY, TOTAL },
	{ 0 },
};

static const struct field meter_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "asset_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "asset", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = asset_brief_fields },
	{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = 20, .help = "Unique within its asset.",
		.example = "\"HOURS\"" },
	{ "label", FIELD_TEXT, REQUIRED, .max = 60, .example = "\"Engine hours\"" },
	{ "unit", FIELD_TEXT, REQUIRED, .max = 10, .example = "\"h\"" },
	{ "decimals", FIELD_INTEGER, 0, .min = 0, .max = 3, .fallback = "0", .help = "It is read with so many." },
	{ "rolls_over_at", FIELD_DECIMAL, 0, READING, .positive = true,
		.help = "The first value that it can't show: it goes on from zero.", .example = "\"100000\"" },
	{ "average_per_day", FIELD_DECIMAL, READ_ONLY, TOTAL, .negative = true,
		.help = "Over the last 90 days that were read, or all when they are fewer." },
	{ "last", FIELD_OBJECT, READ_ONLY, .fields = last_fields, .help = "The newest reading." },
	FIELDS_OF_MASTER_DATA,
	{ 0 },
};

static const struct sort meter_sorts[] = {
	{ "created_at", "m.created_at", "timestamptz" },
	{ 0 },
};

static const struct free_filter meter_free[] = { { "asset.x", "asset", "m.asset_id" }, { 0 } };

static const struct statement *const meter_guards[] = { &sql_meter_guard, NULL };

const struct resource meter = {
	.name = "meter",
	.plural = "meters",
	.table = "meter",
	.alias = "m",
	.rows = &sql_meter_rows,
	.fields = meter_fields,
	.free = meter_free,
	.sorts = meter_sorts,
	SEEN_WITH_ASSET("m.asset_id"),
	PART_OF_ASSET,
	.guards = meter_guards,
	.help = "Something that an asset counts: hours, kilometres, cycles.",
};

static const struct field meter_brief_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "label", FIELD_TEXT, READ_ONLY },
	{ "unit", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

#define READING_SAYS                                                                                                   \
	{ "value", FIELD_DECIMAL, REQUIRED | FIXED, READING,                                                           \
		.help = "Not below the one before, unless the meter rolled over or was exchanged.",                    \
		.example = "\"12840.5\"" },                                                                            \
		{ "at", FIELD_TIME, REQUIRED | FIXED | FILTER, .help = "When it was read; may lie between others." },  \
		{ "source", FIELD_CHOICE, FIXED | FILTER, .choices = "report portal manual device bulk",               \
			.fallback = "\"manual\"", .help = "From the portal it is portal." },                           \
		{ "reset", FIELD_BOOLEAN, FIXED, .fallback = "false",                                                  \
			.help = "The meter was exchanged: this is where the new one begins; the total goes on." },     \
		{ "work_report_id", FIELD_ID, FIXED | FILTER },                                                        \
	{                                                                                                              \
		"external_ref", FIELD_TEXT, FIXED | FILTER | KEY,                                                      \
			.max = 80, .help = "Its key in the system it came from; unique."                               \
	}

const struct field meter_read_fields[] = {
	{ "id", FIELD_ID, FIXED | VIRTUAL, .help = "UUIDv7; the client may make it, for off-line work." },
	READING_SAYS,
	{ 0 },
};

static const struct field meter_reading_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "meter_id", FIELD_ID, REQUIRED | FIXED | FILTER },
	{ "meter", FIELD_OBJECT, READ_ONLY | NEVER_NULL, .fields = meter_brief_fields },
	{ "asset_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "The meter's." },
	READING_SAYS,
	{ "total", FIELD_DECIMAL, READ_ONLY | NEVER_NULL, TOTAL,
		.help = "What was counted up to it, over all exchanges." },
	{ "by", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "by_name", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct sort meter_reading_sorts[] = {
	{ "at", "r.at", "timestamptz" },
	{ "created_at", "r.created_at", "timestamptz" },
	{ 0 },
};

static enum fault reading_prepare(struct request *request, json_t *body, const char *id)
{
	if (!id && request->sight == SIGHT_PORTAL)
		json_object_set_new(body, "source", json_string("portal"));
	return FAULT_NONE;
}

/* Readings of many meters at once: each asset is taken, and each meter told of, once. */
static void readings_add(struct request *request, struct pg_batch *batch, const struct new_row rows[], size_t count)
{
	const struct store *store = store_find(request->app, &meter_reading);

	store_add_inserts(request, batch, store, rows, count);
	store_add_first_records(batch, store, store_ids(request->arena, rows, count), "meter_reading.created");
	store_add_records(batch, store_find(request->app, &meter), NULL, "meter.read");
}

static const struct free_filter reading_free[] = { { "asset.x", "asset", "r.asset_id" }, { 0 } };

static const struct statement *const reading_forgets[] = { &sql_meter_reading_forget, NULL };
static const char *const reading_touches[] = { "meter.changed", NULL };

const struct resource meter_reading = {
	.name = "meter_reading",
	.plural = "meter_readings",
	.table = "meter_reading",
	.alias = "r",
	.rows = &sql_meter_reading_rows,
	.fields = meter_reading_fields,
	.free = reading_free,
	.sorts = meter_reading_sorts,
	.descending = true,
	SEEN_WITH_ASSET("r.asset_id"),
	PART_OF_ASSET,
	.lock_create = &sql_meter_readings_lock,
	.prepare = reading_prepare,
	.forgets = reading_forgets,
	.create = &sql_meter_reading_create,
	.many = true,
	.insert = readings_add,
	.touches = reading_touches,
	.help = "What a meter showed, and what it has counted since it was first read.",
};

enum fault meter_read(struct request *request)
{
	const struct store *store = store_find(request->app, &meter_reading);
	const char *id = store_new_id(request, request->json);
	const char *location = arena_printf(request->arena, "/v1/meter-readings/%s", id);
	struct pg_batch *batch = request_batch(request);
	enum fault fault;
	size_t index;

	json_object_set_new(request->json, "meter_id", json_string(request_id_parameter(request)));
	fault = store_prepare(request, &meter_reading, request->json, NULL);
	if (fault)
		return fault;
	store_add_claim(request, batch);
	pg_add(batch, &store_find(request->app, &meter)->guard[request->sight],
		PG_VALUES(request_id_parameter(request)));
	store_add_rows(request, batch, store, &(struct new_row){ id, request->json }, 1);
	store_add_answer(request, batch, store, id, 201, location);
	index = store_add_get(request, batch, store, id);
	return store_answer(request, batch, store, index, 201, location);
}
