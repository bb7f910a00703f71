#include "reach.h"

#include "arena.h"
#include "calls_service_sql.h"
#include "phone.h"

const struct statement *const reach_forgets[] = { &sql_reach_forget, NULL };

enum fault reach_start(struct app *app, const char **problem)
{
	(void)app;
	if (phone_ready())
		return FAULT_NONE;
	*problem = PHONE_LIBRARY " does not lie beside the program";
	return FAULT_UNAVAILABLE;
}

const char *reach_e164(struct request *request, const char *raw)
{
	char e164[PHONE_E164_MAX];

	return raw && phone_e164(raw, request->tenant.country, e164) ? arena_strdup(request->arena, e164) : NULL;
}

enum fault reach_prepare(struct request *request, json_t *body, const char *id)
{
	json_t *phones = json_object_get(body, "phones");
	size_t index;
	json_t *item;

	(void)id;
	json_array_foreach(phones, index, item) {
		const char *e164 = reach_e164(request, json_string_at(item, "raw"));

		json_object_set_new(item, "e164", e164 ? json_string(e164) : json_null());
	}
	return FAULT_NONE;
}
