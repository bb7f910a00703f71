/* compose: the statements of a resource, made from its field table and its `rows` once, at start. */
#include "compose.h"

#include "act.h"
#include "arena.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void compose_defect(const struct resource *resource, const char *what)
{
	fprintf(stderr, "resource %s: %s\n", resource->name, what);
	abort();
}

/* With a dot, so that no statement of an .sql file has the same name. */
struct statement compose_statement(
	struct arena *arena, const struct resource *resource, const char *verb, const struct text *sql, int parameters)
{
	if (sql->full)
		compose_defect(resource, "a statement is longer than STORE_SQL_MAX");
	return (struct statement){
		.name = arena_printf(arena, "%s.%s", resource->name, verb),
		.text = text_c(sql),
		.parameters = parameters,
	};
}

/* One that takes just the values it is given. */
static struct statement named(struct arena *arena, const struct resource *resource, const char *verb, struct text *sql)
{
	return compose_statement(arena, resource, verb, sql, 0);
}

static bool is_column(const struct field *field)
{
	return !(field->flags & (READ_ONLY | VIRTUAL));
}

/* Adds `prefix`"name", … for every writable column; returns how many. Quoted: "default" is a word of SQL's. */
static int columns_add(struct text *sql, const struct resource *resource, const char *prefix, bool changeable)
{
	int count = 0;

	for (const struct field *field = resource->fields; field->name; field++) {
		if (!is_column(field) || (changeable && (field->flags & FIXED)))
			continue;
		text_addf(sql, "%s%s\"%s\"", count++ ? ", " : "", prefix, field->name);
	}
	return count;
}

static struct statement insert_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	text_addf(&sql, "insert into %s (id, ", resource->table);
	columns_add(&sql, resource, "", false);
	text_add(&sql, ") select $1::uuid, ");
	columns_add(&sql, resource, "b.", false);
	text_addf(&sql, " from jsonb_populate_record(null::%s, $2::jsonb) b", resource->table);
	return named(arena, resource, "insert", &sql);
}

/* Objects are merged (RFC 7396), everything else is replaced where the body names it. */
static struct statement change_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);
	int count = 0;

	text_addf(&sql, "with changed as (update %s t set ", resource->table);
	for (const struct field *field = resource->fields; field->name; field++) {
		if (!is_column(field) || (field->flags & FIXED))
			continue;
		text_addf(&sql, "%s\"%s\" = ", count++ ? ", " : "", field->name);
		if (field->type == FIELD_OBJECT)
			text_addf(&sql,
				"case when $2::jsonb ? '%s' then base.merge_patch(t.\"%s\", $2::jsonb -> '%s') else t.\"%s\" end",
				field->name, field->name, field->name, field->name);
		else
			text_addf(&sql,
				"case when $2::jsonb ? '%s' then (select b.\"%s\" from jsonb_populate_record(null::%s, $2::jsonb) b)"
				" else t.\"%s\" end",
				field->name, field->name, resource->table, field->name);
	}
	text_addf(&sql,
		"%sversion = t.version + 1, updated_at = base.clock() where t.id = $1::uuid "
		"and ($3::int[] is null or t.version = any($3::int[]))%s returning 1) "
		"select base.must(exists (select from changed), case when exists (select from %s t where t.id = $1::uuid) "
		"then 'stale-version' else 'not-found' end, 'It was changed meanwhile: read it again, then change it.')",
		count ? ", " : "", count ? "" : " and $2::jsonb is not null", resource->table);
	return named(arena, resource, "change", &sql);
}

static struct statement remove_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	text_addf(&sql,
		"with removed as (delete from %s t where t.id = $1::uuid and ($2::int[] is null or t.version = any($2::int[])) "
		"returning 1) select base.must(exists (select from removed), case when exists (select from %s t "
		"where t.id = $1::uuid) then 'stale-version' else 'not-found' end, "
		"'It was changed meanwhile: read it again, then remove it.')",
		resource->table, resource->table);
	return named(arena, resource, "remove", &sql);
}

/*
 * The change record: the row as the API shows it, and the names of the fields whose values differ from the record
 * before. A row that has a record of its own needs none for having been touched. `audience` joins who could see it before with who can now. (`id + 0`: in the order of `id` alone PostgreSQL
 * walks the whole log of the tenant backwards for a row that has no record yet.)
 */
static struct statement record_compose(struct arena *arena, const struct resource *resource, bool many)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);
	const char *root = resource->root ? resource->root : arena_printf(arena, "'%s'", resource->name);
	const char *which = many ? "any(coalesce($1::uuid[], (select base.touched($2))))" : "$1::uuid";

	text_addf(&sql,
		"insert into change (aggregate, aggregate_id, resource, resource_id, type, revision, data, changed, actor, "
		"actor_name, request_id, traceparent, audience) select %s, %s, '%s', r.id, $2, %s, d.data, "
		"(select array_agg(n.key order by n.key) from json_each_text(d.data) n where p.data is not null "
		"and n.key not in ('version', 'revision', 'updated_at') and n.value is distinct from p.data ->> n.key), "
		"base.actor(), nullif(current_setting('app.actor_name', true), ''), "
		"nullif(current_setting('app.request', true), ''), nullif(current_setting('app.trace', true), ''), "
		"base.audience(p.audience, %s) from (%s where %s.id = %s) r, lateral (select row_to_json(r) as data) d "
		"left join lateral (select c.data, c.audience from change c where c.resource_id = %s "
		"order by c.id + 0 desc limit 1) p on true%s%s",
		root, resource->root_id ? resource->root_id : "r.id", resource->name,
		resource->revision ? resource->revision : "r.revision",
		resource->audience ? resource->audience : "null::jsonb", resource->rows->text, resource->alias, which,
		many ? "r.id" : which, many ? "" : " where base.untouch($2, r.id)", many ? " order by r.id" : "");
	return named(arena, resource, many ? "records" : "record", &sql);
}

static struct statement lock_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	if (resource->lock)
		return *resource->lock;
	text_addf(&sql,
		"with locked as (update %s t set revision = t.revision + 1 where t.id = $1::uuid returning 1) "
		"select base.must(exists (select from locked), 'not-found', 'There is no such %s.')",
		resource->table, text_words(arena, resource->name));
	return named(arena, resource, "lock", &sql);
}

static struct statement match_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	text_addf(&sql,
		"select base.must(exists (select from %s t where t.id = $1::uuid and t.version = any($2::int[])), "
		"'stale-version', 'It was changed meanwhile: read it again.')",
		resource->table);
	return named(arena, resource, "match", &sql);
}

static const char *sight_condition(const struct resource *resource, enum sight sight)
{
	switch (sight) {
	case SIGHT_TECHNICIAN:
		return resource->sees.technician;
	case SIGHT_PORTAL:
		return resource->sees.portal;
	case SIGHT_CALLCENTER:
		return resource->sees.callcenter;
	default:
		return NULL;
	}
}

static void reads_compose(struct arena *arena, struct store *store)
{
	static const char *const suffix[SIGHT_COUNT] = { "", "_technician", "_portal", "_callcenter" };
	const struct resource *resource = store->resource;

	for (int sight = 0; sight < SIGHT_COUNT; sight++) {
		const char *sees = sight_condition(resource, (enum sight)sight);
		struct text get = text_new(arena, STORE_SQL_MAX);
		struct text guard = text_new(arena, STORE_SQL_MAX);

		text_addf(&get, "%s where %s.id = $1::uuid", resource->rows->text, resource->alias);
		if (sees)
			text_addf(&get, " and (%s)", sees);
		text_addf(&guard, "select base.must(exists (%s), 'not-found', 'There is no such %s.')", text_c(&get),
			text_words(arena, resource->name));
		store->get[sight] = named(arena, resource, arena_printf(arena, "get%s", suffix[sight]), &get);
		store->guard[sight] = named(arena, resource, arena_printf(arena, "guard%s", suffix[sight]), &guard);
	}
}

/* The fields of bulk lines: those only bulk takes first, because the first row of a name counts. */
static const struct field *bulk_fields_join(struct arena *arena, const struct resource *resource)
{
	size_t extra = 0;
	size_t own = 0;
	struct field *joined;

	if (!resource->bulk_fields)
		return resource->fields;
	while (resource->bulk_fields[extra].name)
		extra++;
	while (resource->fields[own].name)
		own++;
	joined = arena_array(arena, extra + own + 1, sizeof(*joined));
	memcpy(joined, resource->bulk_fields, extra * sizeof(*joined));
	memcpy(joined + extra, resource->fields, own * sizeof(*joined));
	return joined;
}

/* The stores whose rows the statements of one touch, and the events that tell of them. */
static const struct touched *touches_find(
	struct arena *arena, const struct store *stores, const struct resource *resource)
{
	size_t count = 0;
	struct touched *touches;

	while (resource->touches && resource->touches[count])
		count++;
	touches = arena_array(arena, count + 1, sizeof(*touches));
	for (size_t i = 0; i < count; i++) {
		const char *event = resource->touches[i];
		const struct store *store = stores;
		size_t length = strcspn(event, ".");

		while (store->resource &&
			(strncmp(store->resource->name, event, length) != 0 || store->resource->name[length]))
			store++;
		if (!store->resource)
			compose_defect(
				resource, arena_printf(arena, "it touches %s, and there is no such resource", event));
		touches[i] = (struct touched){ store, event };
	}
	return touches;
}

const struct store *stores_open(struct arena *arena, const struct resource *const resources[])
{
	size_t count = 0;
	struct store *stores;

	while (resources[count])
		count++;
	stores = arena_array(arena, count + 1, sizeof(*stores));
	for (size_t i = 0; i < count; i++) {
		stores[i].resource = resources[i];
		stores[i].bulk_fields = bulk_fields_join(arena, resources[i]);
		reads_compose(arena, &stores[i]);
		/* What is read only and of an aggregate is written by the statements of others, and told of. */
		if (!resources[i]->read_only || resources[i]->root)
			stores[i].record_many = record_compose(arena, resources[i], true);
		if (resources[i]->read_only)
			continue;
		stores[i].lock = lock_compose(arena, resources[i]);
		stores[i].match = match_compose(arena, resources[i]);
		stores[i].insert = resources[i]->create ? *resources[i]->create : insert_compose(arena, resources[i]);
		stores[i].change = change_compose(arena, resources[i]);
		stores[i].remove = remove_compose(arena, resources[i]);
		stores[i].record = record_compose(arena, resources[i], false);
		if (resources[i]->machine)
			act_compose(arena, &stores[i]);
	}
	for (size_t i = 0; i < count; i++)
		stores[i].touches = touches_find(arena, stores, resources[i]);
	return stores;
}

const struct store *store_named(const struct app *app, const char *name)
{
	const struct store *store = app->stores;

	while (store->resource && strcmp(store->resource->name, name) != 0)
		store++;
	if (!store->resource) {
		fprintf(stderr, "no resource is named %s\n", name);
		abort();
	}
	return store;
}

const struct store *store_find(const struct app *app, const struct resource *resource)
{
	const struct store *store = app->stores;

	while (store->resource && store->resource != resource)
		store++;
	if (!store->resource)
		compose_defect(resource, "was not opened: name it among the service's resources");
	return store;
}
