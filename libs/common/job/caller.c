#include "caller.h"

#include "arena.h"

const char *caller_keep(struct request *request)
{
	const struct caller *caller = &request->caller;
	json_t *kept = json_keep(request->arena,
		json_pack("{s:s?,s:s?,s:s?,s:s?,s:s?,s:s,s:s,s:i,s:b,s:s?,s:s?}", "subject", caller->subject, "name",
			caller->name, "tenant", caller->tenant, "technician_id", caller->technician_id, "customer_id",
			caller->customer_id, "roles", role_list(request->arena, caller->roles), "scopes",
			scope_list(request->arena, caller->scopes), "sight", (int)request->sight, "italian",
			request->italian, "request_id", request->id, "traceparent", request->traceparent));

	return json_write(request->arena, kept);
}

static const char *text_at(struct arena *arena, const json_t *kept, const char *name)
{
	return arena_strdup(arena, json_string_at(kept, name));
}

void caller_restore(struct request *request, struct arena *arena, const json_t *kept)
{
	int sight = (int)json_integer_value(json_object_get(kept, "sight"));

	request->caller = (struct caller){
		.subject = text_at(arena, kept, "subject"),
		.name = text_at(arena, kept, "name"),
		.tenant = text_at(arena, kept, "tenant"),
		.technician_id = text_at(arena, kept, "technician_id"),
		.customer_id = text_at(arena, kept, "customer_id"),
		.roles = roles_parse(json_string_at(kept, "roles")),
		.scopes = scopes_parse(json_string_at(kept, "scopes"), NULL),
	};
	request->sight = sight >= SIGHT_ALL && sight < SIGHT_COUNT ? (enum sight)sight : SIGHT_PORTAL;
	request->italian = json_is_true(json_object_get(kept, "italian"));
	request->id = text_at(arena, kept, "request_id");
	request->traceparent = text_at(arena, kept, "traceparent");
}
