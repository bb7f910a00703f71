#include "settings.h"

#include "arena.h"
#include "json.h"
#include "service_sql.h"
#include "store.h"
#include "text.h"

#include <string.h>

#define SETTINGS_SQL_MAX ((size_t)32 * 1024)

static const struct field head_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL, .help = "The tenant's." },
	{ "version", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED, .help = "Rises with each change; the ETag." },
	{ "revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED },
	{ "updated_at", FIELD_TIME, READ_ONLY, .help = "Null while all is as delivered." },
};

#define HEAD_COUNT (sizeof(head_fields) / sizeof(head_fields[0]))

/* The head and the policies; without `defaults` nothing is required and null is taken. */
static const struct field *fields_join(struct arena *arena, const struct service *service, bool defaults)
{
	struct field *fields;
	size_t count = 0;

	while (service->settings[count].name)
		count++;
	fields = arena_array(arena, HEAD_COUNT + count + 1, sizeof(*fields));
	memcpy(fields, head_fields, sizeof(head_fields));
	for (size_t i = 0; i < count; i++) {
		struct field *field = &fields[HEAD_COUNT + i];

		*field = service->settings[i];
		field->flags = (field->flags & ~(unsigned)REQUIRED) | VIRTUAL | LATER; /* policies come and stay */
		if (!defaults)
			field->fallback = NULL;
	}
	return fields;
}

const struct field *settings_changes(struct arena *arena, const struct service *service)
{
	return fields_join(arena, service, false);
}

/* A row for every tenant, whether he ever changed anything or not. */
static const struct statement *rows_compose(struct arena *arena, const struct service *service)
{
	struct statement *rows = arena_alloc(arena, sizeof(*rows));
	struct text sql = text_new(arena, SETTINGS_SQL_MAX);

	text_add(&sql,
		"select n.id, coalesce(h.version, 1) as version, coalesce(h.revision, 1) as revision, "
		"base.ts(h.updated_at) as updated_at");
	for (const struct field *field = service->settings; field->name; field++)
		text_addf(&sql, ", setting('%s', '%s') as \"%s\"", field->name,
			field->fallback ? field->fallback : "null", field->name);
	text_add(&sql,
		" from (select current_setting('app.tenant')::uuid as id) n left join setting_head h on h.id = n.id");
	*rows = (struct statement){ .name = "settings_rows", .text = text_c(&sql) };
	return rows;
}

static const struct statement *const settings_parts[] = { &sql_settings_store, NULL };

const struct resource *settings_resource(struct arena *arena, const struct service *service)
{
	struct resource *resource = arena_alloc(arena, sizeof(*resource));

	*resource = (struct resource){
		.name = "settings",
		.plural = "settings",
		.schema = arena_printf(arena, "%s_settings", service->name),
		.table = "setting_head",
		.alias = "n",
		.rows = rows_compose(arena, service),
		.fields = fields_join(arena, service, true),
		.sees = { .portal = "false", .callcenter = "false" },
		.guards = service->settings_guards,
		.create = &sql_settings_begin,
		.parts = settings_parts,
		.help = "The policies of the service: those that differ from firm to firm.",
	};
	return resource;
}

enum fault settings_get(struct request *request)
{
	const struct store *store = request->endpoint->store;
	struct pg_batch *batch = request_batch(request);
	size_t index = store_add_get(request, batch, store, request->caller.tenant);

	return store_answer_read(request, batch, store, index);
}

enum fault settings_change(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *tenant = request->caller.tenant;
	struct pg_batch *batch = request_batch(request);
	size_t index;

	pg_add(batch, &sql_settings_begin, PG_VALUES(tenant));
	store_add_change(request, batch, store, tenant, json_write(request->arena, request->json),
		store_versions_wanted(request));
	store_add_record(batch, store, tenant, "settings.changed");
	index = store_add_get(request, batch, store, tenant);
	return store_answer(request, batch, store, index, 200, NULL);
}
