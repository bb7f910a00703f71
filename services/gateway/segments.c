#include "segments.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX   "/v1/"
#define SERVICES "services/"

static const char *const names[SERVICE_COUNT] = {
	[SERVICE_CALLS] = "calls",
	[SERVICE_OFFERS] = "offers",
	[SERVICE_CONTRACTS] = "contracts",
	[SERVICE_INVENTORY] = "inventory",
	[SERVICE_SCHEDULING] = "scheduling",
};

/* Sorted by segment: it is searched for every request. */
static const struct segment {
	const char *name;
	enum upstream_service service;
} segments[] = {
	{ "absences", SERVICE_SCHEDULING },
	{ "activities", SERVICE_CALLS },
	{ "activity-types", SERVICE_CALLS },
	{ "appointments", SERVICE_SCHEDULING },
	{ "article-categories", SERVICE_INVENTORY },
	{ "articles", SERVICE_INVENTORY },
	{ "asset-free-fields", SERVICE_INVENTORY },
	{ "assets", SERVICE_INVENTORY },
	{ "attachments", SERVICE_CALLS },
	{ "billing-runs", SERVICE_CONTRACTS },
	{ "calendars", SERVICE_CALLS },
	{ "call-codes", SERVICE_CALLS },
	{ "call-templates", SERVICE_CALLS },
	{ "call-types", SERVICE_CALLS },
	{ "calls", SERVICE_CALLS },
	{ "charges", SERVICE_CALLS },
	{ "contacts", SERVICE_CALLS },
	{ "contract-template-parts", SERVICE_CONTRACTS },
	{ "contract-templates", SERVICE_CONTRACTS },
	{ "contracts", SERVICE_CONTRACTS },
	{ "counts", SERVICE_INVENTORY },
	{ "coverage-lines", SERVICE_CONTRACTS },
	{ "customer-free-fields", SERVICE_CALLS },
	{ "customers", SERVICE_CALLS },
	{ "documents", SERVICE_CALLS },
	{ "emails", SERVICE_CALLS },
	{ "feeds", SERVICE_SCHEDULING },
	{ "holds", SERVICE_SCHEDULING },
	{ "invoices", SERVICE_CONTRACTS },
	{ "knowledge-articles", SERVICE_CALLS },
	{ "mailboxes", SERVICE_CALLS },
	{ "maintenance-dues", SERVICE_SCHEDULING },
	{ "maintenance-plans", SERVICE_SCHEDULING },
	{ "margins", SERVICE_CONTRACTS },
	{ "meter-readings", SERVICE_INVENTORY },
	{ "meters", SERVICE_INVENTORY },
	{ "movements", SERVICE_INVENTORY },
	{ "offer-template-parts", SERVICE_OFFERS },
	{ "offer-templates", SERVICE_OFFERS },
	{ "offers", SERVICE_OFFERS },
	{ "packs", SERVICE_CONTRACTS },
	{ "phone-calls", SERVICE_CALLS },
	{ "phone-events", SERVICE_CALLS },
	{ "planner", SERVICE_SCHEDULING },
	{ "price-indexes", SERVICE_CONTRACTS },
	{ "price-lists", SERVICE_INVENTORY },
	{ "prices", SERVICE_INVENTORY },
	{ "procedures", SERVICE_CALLS },
	{ "reorder-levels", SERVICE_INVENTORY },
	{ "reorder-suggestions", SERVICE_INVENTORY },
	{ "reservations", SERVICE_INVENTORY },
	{ "rma-lines", SERVICE_INVENTORY },
	{ "rmas", SERVICE_INVENTORY },
	{ "saved-filters", SERVICE_CALLS },
	{ "serials", SERVICE_INVENTORY },
	{ "signatures", SERVICE_CALLS },
	{ "sites", SERVICE_CALLS },
	{ "skills", SERVICE_SCHEDULING },
	{ "sla-policies", SERVICE_CALLS },
	{ "slots", SERVICE_SCHEDULING },
	{ "stock", SERVICE_INVENTORY },
	{ "substates", SERVICE_CALLS },
	{ "substitutes", SERVICE_INVENTORY },
	{ "tags", SERVICE_CALLS },
	{ "tariffs", SERVICE_CONTRACTS },
	{ "technicians", SERVICE_SCHEDULING },
	{ "template-parts", SERVICE_CALLS },
	{ "transfers", SERVICE_INVENTORY },
	{ "transport-documents", SERVICE_INVENTORY },
	{ "warehouses", SERVICE_INVENTORY },
	{ "work-reports", SERVICE_CALLS },
	{ "working-calendars", SERVICE_SCHEDULING },
};

#define SEGMENTS (sizeof(segments) / sizeof(segments[0]))

struct wanted {
	const char *text;
	size_t length;
};

const char *segments_service_name(enum upstream_service service)
{
	return service < SERVICE_COUNT ? names[service] : "";
}

static int segment_compare(const void *key, const void *item)
{
	const struct wanted *wanted = key;
	const struct segment *segment = item;
	int order = strncmp(wanted->text, segment->name, wanted->length);

	return order ? order : segment->name[wanted->length] ? -1 : 0;
}

enum upstream_service segments_find(const char *path)
{
	struct wanted wanted;
	const struct segment *found;

	if (strncmp(path, PREFIX, strlen(PREFIX)) != 0)
		return SERVICE_NONE;
	wanted.text = path + strlen(PREFIX);
	if (strncmp(wanted.text, SERVICES, strlen(SERVICES)) == 0) {
		const char *name = wanted.text + strlen(SERVICES);
		size_t length = strcspn(name, "/");

		for (int i = 0; i < SERVICE_COUNT; i++)
			if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
				return (enum upstream_service)i;
		return SERVICE_NONE;
	}
	wanted.length = strcspn(wanted.text, "/");
	found = wanted.length ? bsearch(&wanted, segments, SEGMENTS, sizeof(segments[0]), segment_compare) : NULL;
	return found ? found->service : SERVICE_NONE;
}

const char *segments_at(enum upstream_service service, size_t index)
{
	for (size_t i = 0; i < SEGMENTS; i++)
		if (segments[i].service == service && index-- == 0)
			return segments[i].name;
	return NULL;
}
