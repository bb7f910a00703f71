#include "lookup.h"

#include "arena.h"
#include "calls_service_sql.h"
#include "query.h"
#include "reach.h"

#include <string.h>

const struct field lookup_query[] = {
	{ "phone", FIELD_TEXT, EITHER, .max = 40,
		.help = "As dialled or shown: without a prefix, of the tenant's country.",
		.example = "\"02 1234567\"" },
	{ "email", FIELD_EMAIL, EITHER, .example = "\"info@example.com\"" },
	{ "serial", FIELD_TEXT, EITHER, .max = 60, .help = "Serial number of a machine, in either case." },
	{ "name", FIELD_TEXT, EITHER, .max = 120, .help = "Of a customer or contact; the nearest come first.",
		.example = "\"Cave Nord\"" },
	{ 0 },
};

static const struct field customer_fields[] = {
	{ "id", FIELD_ID, READ_ONLY },
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "kind", FIELD_CHOICE, READ_ONLY, .choices = "prospect acquired" },
	{ "city", FIELD_TEXT, READ_ONLY },
	{ "credit", FIELD_CHOICE, READ_ONLY, .choices = "ok warn blocked" },
	{ 0 },
};

static const struct field contact_fields[] = {
	{ "id", FIELD_ID, READ_ONLY },
	{ "first_name", FIELD_TEXT, READ_ONLY },
	{ "last_name", FIELD_TEXT, READ_ONLY },
	{ "role", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field site_fields[] = {
	{ "id", FIELD_ID, READ_ONLY },
	{ "code", FIELD_TEXT, READ_ONLY },
	{ "name", FIELD_TEXT, READ_ONLY },
	{ "city", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field asset_fields[] = {
	{ "id", FIELD_ID, READ_ONLY },
	{ "serial", FIELD_TEXT, READ_ONLY },
	{ "article_code", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

static const struct field candidate_fields[] = {
	{ "customer", FIELD_OBJECT, READ_ONLY, .fields = customer_fields,
		.help = "Null for a machine whose owner is not known." },
	{ "contact", FIELD_OBJECT, READ_ONLY, .fields = contact_fields,
		.help = "The person, when it was found by him." },
	{ "site", FIELD_OBJECT, READ_ONLY, .fields = site_fields, .help = "The place, when it was found by it." },
	{ "asset", FIELD_OBJECT, READ_ONLY, .fields = asset_fields,
		.help = "The machine, when it was found by its serial." },
	{ "by", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "phone email serial name",
		.help = "What it was found by." },
	{ "exact", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "False: only alike." },
	{ 0 },
};

const struct field lookup_answer[] = {
	{ "items", FIELD_LIST, READ_ONLY | NEVER_NULL, .fields = candidate_fields,
		.help = "At most 10, the surest first." },
	{ 0 },
};

static enum fault parameters_read(struct request *request, const char *values[])
{
	for (size_t i = 0; lookup_query[i].name; i++)
		values[i] = query_value(request->query, lookup_query[i].name);
	if (values[0]) {
		values[0] = reach_e164(request, values[0]);
		if (!values[0])
			fault_add_parameter(&request->faults, "phone", "format", "is no valid phone number");
	}
	return request->faults.count ? FAULT_BAD_QUERY : FAULT_NONE;
}

enum fault customer_lookup(struct request *request)
{
	const char *values[] = { NULL, NULL, NULL, NULL };
	struct pg_batch *batch = request_batch(request);
	enum fault fault = parameters_read(request, values);
	size_t index;

	if (fault)
		return fault;
	index = pg_add(batch, &sql_customer_lookup, 4, values);
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	response_json(request, 200, arena_printf(request->arena, "{\"items\":%s}", pg_value(batch, index, 0)));
	return FAULT_NONE;
}
