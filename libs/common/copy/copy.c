#include "copy.h"

#include "api_sql.h"
#include "app.h"
#include "arena.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy and its upsert: $1 ids, $2 the resources as one JSON array, $3 revisions, $4 whether each is still there. */
struct kept {
	const struct copy *copy;
	struct statement keep;
};

/* The place of a column in d: "article.code" is d -> 'article' ->> 'code'. */
static void path_add(struct text *sql, const char *path, bool as_json)
{
	text_add(sql, "d");
	while (*path) {
		size_t length = strcspn(path, ".");
		bool last = path[length] == '\0';

		text_addf(sql, " %s '%.*s'", last && !as_json ? "->>" : "->", (int)length, path);
		path += length + !last;
	}
}

static void value_add(struct text *sql, const struct copy_column *column)
{
	const char *from = column->from ? column->from : column->name;

	if (column->sql) {
		text_addf(sql, "(%s)", column->sql);
	} else if (text_ends(column->type, "[]")) {
		text_add(sql, "(select array_agg(v.item order by v.place) from jsonb_array_elements_text(nullif(");
		path_add(sql, from, true);
		text_addf(sql, ", 'null')) with ordinality v(item, place))::%s", column->type);
	} else if (strcmp(column->type, "jsonb") == 0) {
		text_add(sql, "nullif(");
		path_add(sql, from, true);
		text_add(sql, ", 'null')");
	} else {
		text_add(sql, "(");
		path_add(sql, from, false);
		text_addf(sql, ")::%s", column->type);
	}
}

static struct statement keep_compose(struct arena *arena, const struct copy *copy)
{
	struct text sql = text_new(arena, COPY_SQL_MAX);

	text_addf(&sql, "insert into %s (tenant_id, id", copy->table);
	for (const struct copy_column *column = copy->columns; column->name; column++)
		text_addf(&sql, ", \"%s\"", column->name);
	text_add(&sql, ", active, revision) select current_setting('app.tenant')::uuid, e.id");
	for (const struct copy_column *column = copy->columns; column->name; column++) {
		text_add(&sql, ", ");
		value_add(&sql, column);
	}
	text_addf(&sql,
		", e.there and (%s), e.revision from unnest($1::uuid[], array(select jsonb_array_elements($2::jsonb)), "
		"$3::bigint[], $4::boolean[]) e(id, d, revision, there) order by e.id "
		"on conflict (tenant_id, id) do update set ",
		copy->active ? copy->active : "coalesce((d ->> 'active')::boolean, true)");
	for (const struct copy_column *column = copy->columns; column->name; column++)
		text_addf(&sql, "\"%s\" = excluded.\"%s\", ", column->name, column->name);
	text_addf(&sql, "active = excluded.active, revision = excluded.revision where %s.revision < excluded.revision",
		copy->table);
	if (sql.full) {
		fprintf(stderr, "the copy %s: its statement is longer than COPY_SQL_MAX\n", copy->table);
		abort();
	}
	return (struct statement){
		.name = arena_printf(arena, "%skeep", copy->events), .text = text_c(&sql), .parameters = 4
	};
}

static void keep_add(const struct kept *kept, const struct inbox_event events[], size_t count, struct pg_batch *batch)
{
	struct arena *arena = events->arena;
	struct text revisions = text_new(arena, (size_t)INBOX_ROUND * PG_ARRAY_NUMBER_MAX);
	struct text there = text_new(arena, (size_t)INBOX_ROUND * PG_ARRAY_NUMBER_MAX);
	struct text data;
	size_t length = 2;

	for (size_t i = 0; i < count; i++)
		length += strlen(events[i].data_text) + 1;
	data = text_new(arena, length);
	for (size_t i = 0; i < count; i++) {
		pg_array_add_number(&revisions, events[i].revision);
		pg_array_add(&there, text_ends(events[i].type, ".removed.v1") ? "false" : "true");
		text_add_char(&data, i ? ',' : '[');
		text_add(&data, events[i].data_text);
	}
	text_add_char(&data, ']');
	pg_add(batch, &kept->keep,
		PG_VALUES(
			inbox_subjects(events, count), text_c(&data), pg_array_end(&revisions), pg_array_end(&there)));
}

/* A resource that does not fit the columns is refused by PostgreSQL: a dead letter. */
static enum fault apply(const struct inbox_event events[], size_t count, struct pg_batch *batch, const char **problem)
{
	const struct kept *kept = events->own;
	const struct app *app = events->context;

	(void)problem;
	keep_add(kept, events, count, batch);
	if (!kept->copy->follow)
		return FAULT_NONE;
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, events->source));
	kept->copy->follow(app, events, count, batch);
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
	return FAULT_NONE;
}

const struct inbox_handler *copy_handlers(struct arena *arena, const struct copy *copies)
{
	struct inbox_handler *handlers;
	struct kept *kept;
	size_t count = 0;

	while (copies && copies[count].topic)
		count++;
	handlers = arena_array(arena, count + 1, sizeof(*handlers));
	kept = arena_array(arena, count + 1, sizeof(*kept));
	for (size_t i = 0; i < count; i++) {
		kept[i] = (struct kept){ &copies[i], keep_compose(arena, &copies[i]) };
		handlers[i] = (struct inbox_handler){
			.topic = copies[i].topic,
			.type = copies[i].events,
			.apply_many = apply,
			.own = &kept[i],
			.wants = copies[i].wants,
			.gathers = copies[i].quiet || !copies[i].follow,
		};
	}
	return handlers;
}
