#include "act.h"

#include "arena.h"
#include "compose.h"
#include "field.h"
#include "resource_sql.h"
#include "route.h"
#include "text.h"

#include <string.h>

#define ACT_VALUES 6

/* {"open":"assign, start, …"}: what a refusal tells. */
static const char *possible_actions(struct arena *arena, const struct machine *machine)
{
	struct text out = text_new(arena, ACT_POSSIBLE_MAX);
	bool first_state = true;

	text_add_char(&out, '{');
	for (const char *state = machine->states; *state;) {
		size_t length = strcspn(state, " ");
		bool first = true;

		text_addf(&out, "%s\"%.*s\":\"", first_state ? "" : ",", (int)length, state);
		first_state = false;
		for (const struct transition *row = machine->table; row->action; row++) {
			if (!field_choice_has(row->from, state, length))
				continue;
			text_addf(&out, "%s%s", first ? "" : ", ", row->action);
			first = false;
		}
		text_add(&out, first ? "nothing\"" : "\"");
		state += length + (state[length] == ' ');
	}
	text_add_char(&out, '}');
	return text_c(&out);
}

/* $1 id, $2 body, $3 action, $4 states it is possible in, $5 whether it may be dated long back. */
static struct statement guard_compose(struct arena *arena, const struct resource *resource)
{
	const struct machine *machine = resource->machine;
	struct text sql = text_new(arena, STORE_SQL_MAX);

	text_addf(&sql, "select act('%s', %s, greatest(%s", text_words(arena, resource->name), machine->state,
		machine->began ? machine->began : "null::timestamptz");
	if (!machine->unlogged)
		text_addf(&sql,
			", (select m.at from transition m where m.resource = '%s' and m.subject_id = w.id "
			"and m.from_state is not null order by m.sequence desc limit 1)",
			resource->name);
	text_addf(&sql,
		"), $3, $4, '%s'::jsonb, $2::jsonb, case when not $5::boolean then '%s' end) "
		"from (select $1::uuid as id) w left join %s %s on %s.id = w.id",
		possible_actions(arena, machine), scope_name(machine->backdate), resource->table, resource->alias,
		resource->alias);
	return compose_statement(arena, resource, "act", &sql, 5);
}

/* A new version, and the line in the log: $1 id, $2 body, $3 action. */
static struct statement acted_compose(struct arena *arena, const struct resource *resource)
{
	const struct machine *machine = resource->machine;
	struct text sql = text_new(arena, STORE_SQL_MAX);
	const char *alias = resource->alias;

	text_addf(&sql, "%supdate %s %s set version = %s.version + 1, updated_at = base.clock() where %s.id = $1::uuid",
		machine->unlogged ? "" : "with acted as (", resource->table, alias, alias, alias);
	if (!machine->unlogged)
		text_addf(&sql,
			" returning %s.id, %s as state, %s as substate) insert into transition (resource, subject_id, "
			"action, from_state, to_state, at, reason, note, substate_code) select '%s', o.id, $3, "
			"current_setting('app.from_state', true), o.state, "
			"current_setting('app.happened', true)::timestamptz, $2::jsonb ->> 'reason', "
			"$2::jsonb ->> 'note', o.substate from acted o",
			alias, machine->state, machine->substate ? machine->substate : "null::text", resource->name);
	return compose_statement(arena, resource, "acted", &sql, machine->unlogged ? 1 : 3);
}

/* The lines of the creation of rows: $1 ids. */
static struct statement began_compose(struct arena *arena, const struct resource *resource)
{
	const struct machine *machine = resource->machine;
	struct text sql = text_new(arena, STORE_SQL_MAX);
	const char *alias = resource->alias;

	text_addf(&sql,
		"insert into transition (resource, subject_id, action, to_state, at, substate_code) "
		"select '%s', %s.id, 'create', %s, coalesce(%s, %s.created_at), %s from %s %s where %s.id = any($1::uuid[])",
		resource->name, alias, machine->state, machine->began ? machine->began : "null::timestamptz", alias,
		machine->substate ? machine->substate : "null::text", resource->table, alias, alias);
	return compose_statement(arena, resource, "began", &sql, 1);
}

void act_compose(struct arena *arena, struct store *store)
{
	const struct resource *resource = store->resource;

	store->act = guard_compose(arena, resource);
	store->acted = acted_compose(arena, resource);
	if (!resource->machine->unlogged)
		store->began = began_compose(arena, resource);
}

static bool is_among(const struct statement *const list[], const struct statement *statement)
{
	for (size_t i = 0; list && list[i]; i++)
		if (list[i] == statement)
			return true;
	return false;
}

/* A step that is also a guard or a part of the resource takes what these take. */
static void step_add(struct arena *arena, struct pg_batch *batch, const struct resource *resource,
	const struct statement *step, const char *const values[ACT_VALUES])
{
	if (resource->many && (is_among(resource->guards, step) || is_among(resource->parts, step)))
		pg_add(batch, step, PG_VALUES(store_body(arena, values[0], values[1])));
	else
		pg_add(batch, step, ACT_VALUES, values);
}

static void steps_add(struct arena *arena, struct pg_batch *batch, const struct store *store,
	const struct transition *row, const char *const values[ACT_VALUES])
{
	const struct statement *const *after = store->resource->machine->after;

	for (size_t i = 0; row->statements[i]; i++)
		step_add(arena, batch, store->resource, row->statements[i], values);
	for (size_t i = 0; after && after[i]; i++)
		pg_add(batch, after[i], ACT_VALUES, values);
	pg_add(batch, &store->acted, ACT_VALUES, values);
	store_add_record(batch, store, values[0], row->event);
	store_add_touched(batch, store);
}

void act_add(struct arena *arena, struct pg_batch *batch, const struct store *store, const char *id, const char *action,
	const char *body)
{
	const struct transition *row = store->resource->machine->table;
	const char *values[ACT_VALUES] = { id, body, action, NULL, "true", "true" };

	while (row->action && strcmp(row->action, action) != 0)
		row++;
	if (!row->action)
		compose_defect(store->resource, arena_printf(arena, "no action is named %s", action));
	values[3] = row->from;
	pg_add(batch, &store->act, ACT_VALUES, values);
	steps_add(arena, batch, store, row, values);
}

void act_possible_tell(struct request *request, const struct resource *resource, const char *id, const char *refused)
{
	const struct machine *machine = resource->machine;
	const char *alias = resource->alias;
	struct request asking = request_on(request, request->arena);
	struct pg_batch *batch = request_batch(&asking);
	struct text out = text_new(request->arena, ACT_POSSIBLE_MAX);
	const char *state;
	size_t index;

	index = pg_add_text(batch,
		arena_printf(request->arena, "select %s from %s %s where %s.id = $1::uuid", machine->state,
			resource->table, alias, alias),
		PG_VALUES(id));
	if (request_execute(&asking, batch) || PQntuples(pg_result(batch, index)) == 0)
		return;
	state = pg_value(batch, index, 0);
	text_add_char(&out, '[');
	for (const struct transition *row = machine->table; row->action; row++)
		if (field_choice_has(row->from, state, strlen(state)) && strcmp(row->action, refused) != 0)
			text_addf(&out, "%s\"%s\"", out.length > 1 ? "," : "", row->action);
	text_add_char(&out, ']');
	request->possible_actions = text_c(&out);
}

enum fault act_run(struct request *request)
{
	const struct transition *row = request->endpoint->route.transition;
	const struct store *store = request->endpoint->store;
	const struct machine *machine = store->resource->machine;
	const char *id = request_id_parameter(request);
	const char *values[ACT_VALUES] = { id, json_write(request->arena, request->json), row->action, row->from,
		request_may(request, machine->backdate) ? "true" : "false",
		request_may(request, machine->flag) ? "true" : "false" };
	struct pg_batch *batch = request_batch(request);
	enum fault fault = FAULT_NONE;
	size_t index;

	store_check_costs(request, row->needs, request->json, false);
	if (request->faults.count)
		return FAULT_INVALID;
	store_add_turn(request, batch, id);
	store_add_claim(request, batch);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	store_add_match(request, batch, store, id);
	pg_add(batch, &store->act, ACT_VALUES, values);
	if (machine->before)
		fault = machine->before(request, batch, row);
	if (fault)
		return fault;
	steps_add(request->arena, batch, store, row, values);
	store_add_answer(request, batch, store, id, 200, NULL);
	/* Who acted may see what came of it, even where the row is no longer his. */
	index = store_add_written(batch, store, id);
	fault = store_answer(request, batch, store, index, 200, NULL);
	if (fault == FAULT_TRANSITION)
		act_possible_tell(request, store->resource, id, row->action);
	return fault;
}

static const struct field transition_fields[] = {
	{ "id", FIELD_ID, READ_ONLY | NEVER_NULL },
	{ "subject_id", FIELD_ID, READ_ONLY | NEVER_NULL | FILTER, .help = "What passed from state to state." },
	{ "action", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "create for the first." },
	{ "from", FIELD_TEXT, READ_ONLY, .help = "The state before; null at creation." },
	{ "to", FIELD_TEXT, READ_ONLY | NEVER_NULL, .help = "The state after." },
	{ "at", FIELD_TIME, READ_ONLY | NEVER_NULL, .help = "When it happened." },
	{ "recorded_at", FIELD_TIME, READ_ONLY | NEVER_NULL, .help = "When we learnt of it." },
	{ "by", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "by_name", FIELD_TEXT, READ_ONLY },
	{ "reason", FIELD_TEXT, READ_ONLY },
	{ "note", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "substate_code", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ "request_id", FIELD_TEXT, READ_ONLY | INTERNAL },
	{ 0 },
};

static const struct sort transition_sorts[] = { { "sequence", "m.sequence", "bigint" }, { 0 } };

/* Whose lines a caller sees follows from whose rows: the list stands below one. */
const struct resource transition_log = {
	.name = "transition",
	.plural = "transitions",
	.table = "transition",
	.alias = "m",
	.rows = &sql_transition_rows,
	.fields = transition_fields,
	.sorts = transition_sorts,
	.read_only = true,
	.help = "A passage from one state to another.",
};
