/* compose: the statements of a resource, made from its field table and its `rows` once, at start. */
#include "compose.h"

#include "act.h"
#include "arena.h"
#include "free_field.h"
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
	return field->flags & FROM_PATH || !(field->flags & (READ_ONLY | VIRTUAL));
}

/* Adds `prefix`"name", … for every writable column; returns how many. Quoted: "default" is a word of SQL's. */
static int columns_add(struct text *sql, const struct resource *resource, const char *prefix, bool changeable)
{
	int count = 0;

	for (const struct field *field = resource->fields; field->name; field++) {
		if (!is_column(field) || (changeable && (field->flags & (FIXED | FROM_PATH))))
			continue;
		text_addf(sql, "%s%s\"%s\"", count++ ? ", " : "", prefix, field->name);
	}
	return count;
}

/*
 * What a row comes to name is there, and in use; what it named before may have gone out of use since. Copies have no
 * foreign keys, because what they keep may come later.
 */
static struct statement references_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	for (const struct field *field = resource->fields; field->name; field++) {
		const char *named = arena_printf(arena, "(e.body ->> '%s')::uuid", field->name);
		const char *comma = sql.length ? "," : "select";

		if (!field->refers)
			continue;
		if (field->past)
			text_addf(&sql,
				"%s base.must(%s is null or exists (select from %s o where o.id = %s), 'unknown-reference', "
				"'There is no such %s (yet).', '/%s', 'reference')",
				comma, named, field->refers, named, text_words(arena, field->refers), field->name);
		else
			text_addf(&sql,
				"%s base.must(%s is null or exists (select from %s o where o.id = %s and o.active) or exists "
				"(select from %s r where r.id = e.id and r.%s = %s), 'unknown-reference', "
				"'There is no such %s in use (yet).', '/%s', 'reference')",
				comma, named, field->refers, named, resource->table, field->name, named,
				text_words(arena, field->refers), field->name);
	}
	if (!sql.length)
		return (struct statement){ 0 };
	text_add(&sql, " from base.bodies($1) e");
	return compose_statement(arena, resource, "references", &sql, 1);
}

static struct statement insert_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	text_addf(&sql, "insert into %s (id, ", resource->table);
	columns_add(&sql, resource, "", false);
	text_add(&sql, ") select b.id, ");
	columns_add(&sql, resource, "b.", false);
	text_addf(&sql, " from jsonb_populate_recordset(null::%s, $1::jsonb) b", resource->table);
	return named(arena, resource, "insert", &sql);
}

/* Objects are merged (RFC 7396), everything else is replaced where the body names it. */
static struct statement change_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);
	int count = 0;

	text_addf(&sql, "with changed as (update %s t set ", resource->table);
	for (const struct field *field = resource->fields; field->name; field++) {
		if (!is_column(field) || (field->flags & (FIXED | FROM_PATH)))
			continue;
		text_addf(&sql, "%s\"%s\" = ", count++ ? ", " : "", field->name);
		if (field->type == FIELD_OBJECT || field->type == FIELD_FREE)
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

/* Whether a row is below the one that its path names: $1 id, $2 the id of that. */
static struct statement below_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	for (const struct field *field = resource->fields; field->name; field++)
		if (field->flags & FROM_PATH)
			text_addf(&sql,
				"select base.must(exists (select from %s t where t.id = $1::uuid and t.\"%s\" = $2::uuid), "
				"'not-found', 'There is no such %s.')",
				resource->table, field->name, text_words(arena, resource->name));
	return named(arena, resource, "below", &sql);
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

/* How a column becomes the value that the API shows; the others are shown as they are. */
static const char *value_of(struct arena *arena, const struct resource *resource, const struct field *field)
{
	const char *column =
		field->column ? field->column : arena_printf(arena, "%s.\"%s\"", resource->alias, field->name);

	switch (field->type) {
	case FIELD_TIME:
		return arena_printf(arena, "base.ts(%s)", column);
	case FIELD_DATE:
	case FIELD_DECIMAL:
		return arena_printf(arena, "(%s)::text", column);
	case FIELD_TEXTS:
	case FIELD_IDS:
		return arena_printf(arena, "to_jsonb(%s)", column);
	case FIELD_DECIMALS:
		return arena_printf(arena, "to_jsonb((%s)::text[])", column);
	default:
		return column;
	}
}

static struct statement rows_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);
	int count = 0;

	if (resource->rows)
		return *resource->rows;
	for (const struct field *field = resource->fields; field->name; field++)
		if (!(field->flags & WRITE_ONLY))
			text_addf(&sql, "%s %s as \"%s\"", count++ ? "," : "select", value_of(arena, resource, field),
				field->name);
	text_addf(&sql, " from %s %s", resource->table, resource->alias);
	return named(arena, resource, "rows", &sql);
}

/* The root of a row r: its name, its id, its revision. */
static const char *root_of(struct arena *arena, const struct resource *resource)
{
	const struct resource *root = resource->part_of ? resource->part_of : resource;

	return resource->root ? resource->root : arena_printf(arena, "'%s'", root->name);
}

static const char *root_id_of(struct arena *arena, const struct resource *resource)
{
	if (resource->root_id)
		return resource->root_id;
	return resource->part_of ? arena_printf(arena, "r.%s", resource->part_by) : "r.id";
}

static const char *revision_of(struct arena *arena, const struct resource *resource)
{
	if (resource->revision)
		return resource->revision;
	return resource->part_of ? arena_printf(arena, "(select o.revision from %s o where o.id = r.%s)",
					   resource->part_of->table, resource->part_by)
				 : "r.revision";
}

/*
 * Of many: those that are named, or that were noted for the events (base.touch), each once an event. The name is one that no
 * table of any rows has as alias: within these an alias would hide it.
 */
#define RECORDED                                                                                                       \
	"with recorded as materialized (select i.id, e.event, e.place from string_to_table($2, ' ') with ordinality "  \
	"e(event, place), unnest(coalesce($1::uuid[], base.touched(e.event))) i(id)) "

/*
 * The rows, each looked up by its id: the fence (offset) leaves PostgreSQL no other way. A plan is kept that was made while the
 * table was nearly empty, and then read all of it: it would do so for each chunk of an import until it is told that it grew.
 */
#define EACH_ROW "recorded cross join lateral (%s where %s.id = recorded.id offset 0)"
#define ONE_ROW  "(%s where %s.id = $1::uuid)"

/* Asks before it calls: most rows that get a record of their own were not touched, and a call costs ten times the question. */
#define UNTOUCHED                                                                                                      \
	" where case when current_setting('app.touched.' || $2, true) <> '' then base.untouch($2, r.id) else true end"

/*
 * The last record of a row. Nothing was recorded tomorrow, so that months to come need not be opened; a day, because a
 * transaction that began earlier may write later. The order is that of the index change__resource.
 */
#define LAST_RECORD                                                                                                    \
	" left join lateral (select c.data, c.audience from change c where c.resource_id = %s "                        \
	"and c.at < base.clock() + interval '1 day' order by c.id desc nulls last limit 1) p on true"

/*
 * The change record: the row as the API shows it, and the names of the fields whose values differ from the record
 * before. A row that has a record of its own needs none for having been touched. `audience` joins who could see it
 * before with who can now.
 */
enum recorded {
	RECORDED_ONE,
	RECORDED_FIRST, /* of a new row, which has none before */
	RECORDED_MANY,
	RECORDED_FIRST_MANY,
};

static struct statement record_compose(struct arena *arena, const struct store *store, enum recorded recorded)
{
	static const char *const verbs[] = { "record", "record_first", "records", "records_first" };
	bool many = recorded == RECORDED_MANY || recorded == RECORDED_FIRST_MANY;
	bool first = recorded == RECORDED_FIRST || recorded == RECORDED_FIRST_MANY;
	const struct resource *resource = store->resource;
	const char *audience = resource->audience ? resource->audience : "null::jsonb";
	struct text sql = text_new(arena, STORE_SQL_MAX);

	text_addf(&sql,
		"%sinsert into change (aggregate, aggregate_id, resource, resource_id, type, revision, data, changed, actor, "
		"actor_name, request_id, traceparent, audience) select %s, %s, '%s', r.id, %s, %s, d.data, %s, "
		"base.actor(), nullif(current_setting('app.actor_name', true), ''), "
		"nullif(current_setting('app.request', true), ''), nullif(current_setting('app.trace', true), ''), "
		"%s from %s r, lateral (select base.told('%s', row_to_json(r), %d) as data) d%s%s",
		many ? RECORDED : "", root_of(arena, resource), store->root_id, resource->name,
		many ? "recorded.event" : "$2", revision_of(arena, resource),
		first ? "null" : "base.changed(p.data, d.data)",
		first ? audience : arena_printf(arena, "base.audience(p.audience, %s)", audience),
		arena_printf(arena, many ? EACH_ROW : ONE_ROW, store->rows.text, resource->alias),
		text_words(arena, resource->name), STORE_ROW_MAX,
		first ? "" : arena_printf(arena, LAST_RECORD, many ? "r.id" : "$1::uuid"),
		many ? " order by recorded.place, r.id"
		     : UNTOUCHED " returning data as told, data ->> 'version' as version");
	return named(arena, resource, verbs[recorded], &sql);
}

static struct statement lock_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	if (resource->lock)
		return *resource->lock;
	if (resource->part_of)
		text_addf(&sql,
			"with locked as (update %s o set revision = o.revision + 1 "
			"where o.id = (select t.%s from %s t where t.id = $1::uuid) returning 1)",
			resource->part_of->table, resource->part_by, resource->table);
	else
		text_addf(&sql,
			"with locked as (update %s t set revision = t.revision + 1 where t.id = $1::uuid returning 1)",
			resource->table);
	text_addf(&sql, " select base.must(exists (select from locked), 'not-found', 'There is no such %s.')",
		text_words(arena, resource->name));
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

/* Takes the root that the body of a new part names. */
static struct statement lock_create_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);

	if (resource->lock_create)
		return *resource->lock_create;
	if (!resource->part_of)
		return (struct statement){ 0 };
	text_addf(&sql,
		"with locked as (update %s o set revision = o.revision + 1 where o.id = ($2::jsonb ->> '%s')::uuid returning 1) "
		"select base.must(exists (select from locked), 'unknown-reference', 'There is no such %s.', '/%s', 'reference')",
		resource->part_of->table, resource->part_by, text_words(arena, resource->part_of->name),
		resource->part_by);
	return compose_statement(arena, resource, "lock_create", &sql, 2);
}

static struct statement free_guard_compose(struct arena *arena, const struct resource *resource)
{
	struct text sql = text_new(arena, STORE_SQL_MAX);
	const char *owner = free_fields_owner(resource);

	if (!owner)
		return (struct statement){ 0 };
	if (strcmp(owner, resource->name) != 0 || strcmp(owner, resource->table) != 0)
		compose_defect(resource, "its own free fields are those of another");
	text_addf(&sql, "select %s_free_guard($1::uuid, $2::jsonb)", owner);
	return named(arena, resource, "free_guard", &sql);
}

static void reads_compose(struct arena *arena, struct store *store)
{
	static const char *const suffix[SIGHT_COUNT] = { "", "_technician", "_portal", "_callcenter" };
	const struct resource *resource = store->resource;

	for (int sight = 0; sight < SIGHT_COUNT; sight++) {
		const char *sees = store_sees(resource, (enum sight)sight);
		struct text get = text_new(arena, STORE_SQL_MAX);
		struct text guard = text_new(arena, STORE_SQL_MAX);

		text_addf(&get, "%s where %s.id = $1::uuid", store->rows.text, resource->alias);
		if (sees)
			text_addf(&get, " and (%s)", sees);
		text_addf(&guard, "select base.must(exists (%s), 'not-found', 'There is no such %s.')", text_c(&get),
			text_words(arena, resource->name));
		store->get[sight] = named(arena, resource, arena_printf(arena, "get%s", suffix[sight]), &get);
		store->guard[sight] = named(arena, resource, arena_printf(arena, "guard%s", suffix[sight]), &guard);
	}
}

void compose_store(struct arena *arena, struct store *store)
{
	const struct resource *resource = store->resource;

	store->root_id = root_id_of(arena, resource);
	store->rows = rows_compose(arena, resource);
	reads_compose(arena, store);
	/* What is read only and of an aggregate is written by the statements of others, and told of. */
	if (!resource->read_only || resource->root || resource->part_of) {
		store->record = record_compose(arena, store, RECORDED_ONE);
		store->record_many = record_compose(arena, store, RECORDED_MANY);
	}
	if (resource->read_only)
		return;
	store->lock = lock_compose(arena, resource);
	store->lock_create = lock_create_compose(arena, resource);
	store->match = match_compose(arena, resource);
	store->references = references_compose(arena, resource);
	store->free_guard = free_guard_compose(arena, resource);
	store->insert = resource->create ? *resource->create : insert_compose(arena, resource);
	store->change = change_compose(arena, resource);
	store->remove = remove_compose(arena, resource);
	store->below = below_compose(arena, resource);
	store->record_first = record_compose(arena, store, RECORDED_FIRST);
	store->record_first_many = record_compose(arena, store, RECORDED_FIRST_MANY);
	if (resource->machine)
		act_compose(arena, store);
}
