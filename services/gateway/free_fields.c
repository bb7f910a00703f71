#include "free_fields.h"

#include "arena.h"
#include "gateway.h"
#include "gather.h"
#include "upstream.h"

static const struct field item_fields[] = {
	{ "owner", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "customer asset", .help = "What the field is of." },
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "slot", FIELD_INTEGER, READ_ONLY | NEVER_NULL },
	{ "label", FIELD_TEXT, READ_ONLY | NEVER_NULL },
	{ "type", FIELD_CHOICE, READ_ONLY | NEVER_NULL, .choices = "text number date boolean choice" },
	{ "active", FIELD_BOOLEAN, READ_ONLY | NEVER_NULL, .help = "Beside these all that the definition says." },
	{ 0 },
};

static const struct field part_fields[] = {
	{ "customer", FIELD_INTEGER, READ_ONLY },
	{ "asset", FIELD_INTEGER, READ_ONLY },
	{ 0 },
};

static const struct field warning_fields[] = {
	{ "code", FIELD_TEXT, READ_ONLY | NEVER_NULL },
	{ "detail", FIELD_TEXT, READ_ONLY | NEVER_NULL },
	{ "pointer", FIELD_TEXT, READ_ONLY, .example = "\"/parts/asset\"" },
	{ 0 },
};

const struct field free_fields_answer[] = {
	{ "items", FIELD_LIST, READ_ONLY | REQUIRED, .fields = item_fields,
		.help = "The definitions, by owner and slot." },
	{ "parts", FIELD_OBJECT, READ_ONLY | REQUIRED, .fields = part_fields,
		.help = "How many there are of each owner; null: its service did not tell." },
	{ "warnings", FIELD_LIST, READ_ONLY, .fields = warning_fields,
		.help = "What is missing; null when nothing is." },
	{ 0 },
};

/* Owners, and who defines their fields: all of a tenant's are on one page. */
static const struct part owners[] = {
	{ "customer", SERVICE_CALLS, "/v1/customer-free-fields?sort=slot&limit=500" },
	{ "asset", SERVICE_INVENTORY, "/v1/asset-free-fields?sort=slot&limit=500" },
};

#define OWNERS (sizeof(owners) / sizeof(owners[0]))

static void items_add(json_t *items, const char *owner, const json_t *rows)
{
	size_t index;
	json_t *row;

	json_array_foreach((json_t *)rows, index, row) {
		json_t *item = json_pack("{s:s}", "owner", owner);

		json_object_update(item, row);
		json_array_append_new(items, item);
	}
}

enum fault free_fields_get(struct request *request)
{
	struct upstreams *upstreams = gateway_of(request)->upstreams;
	struct part parts[OWNERS];
	size_t count = 0;
	json_t *items = json_array();
	json_t *numbers = json_object();
	json_t *warnings;
	json_t *answer;

	for (size_t i = 0; i < OWNERS; i++)
		if (upstream_count(upstreams, owners[i].service)) /* of what is not installed nothing is missing */
			parts[count++] = owners[i];
	gather(request, parts, count);
	for (size_t i = 0; i < count; i++) {
		const json_t *rows = json_object_get(parts[i].answer, "items");

		if (parts[i].answer && !json_is_array(rows))
			part_refuse(request, &parts[i], "answers no list");
		items_add(items, parts[i].name, rows);
		json_object_set_new(numbers, parts[i].name,
			parts[i].answer ? json_integer((json_int_t)json_array_size(rows)) : json_null());
	}
	warnings = gather_warnings(request, parts, count, "/parts");
	answer = json_keep(
		request->arena, json_pack("{s:o,s:o,s:O?}", "items", items, "parts", numbers, "warnings", warnings));
	response_json(request, 200, json_write(request->arena, answer));
	return FAULT_NONE;
}
