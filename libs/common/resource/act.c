#include "act.h"

#include "arena.h"
#include "field.h"
#include "route.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACT_VALUES 7

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

static void values_fill(struct request *request, const struct machine *machine, const struct transition *row,
	const char *id, const char *body, const char *values[ACT_VALUES])
{
	values[0] = id;
	values[1] = body;
	values[2] = row->action;
	values[3] = row->from;
	values[4] = possible_actions(request->arena, machine);
	for (int i = 0; i < 2; i++)
		values[5 + i] = request_may(request, machine->flags[i]) ? "true" : "false";
}

static void steps_add(struct pg_batch *batch, const struct machine *machine, const struct transition *row,
	const char *const values[ACT_VALUES])
{
	for (size_t i = 0; row->statements[i]; i++)
		pg_add(batch, row->statements[i], ACT_VALUES, values);
	for (size_t i = 0; machine->after[i]; i++)
		pg_add(batch, machine->after[i], ACT_VALUES, values);
}

void act_add(struct request *request, struct pg_batch *batch, const struct machine *machine, const struct store *store,
	const char *id, const char *action)
{
	const struct transition *row = machine->table;
	const char *values[ACT_VALUES];

	while (row->action && strcmp(row->action, action) != 0)
		row++;
	if (!row->action) {
		fprintf(stderr, "no action is named %s\n", action);
		abort();
	}
	values_fill(request, machine, row, id, "{}", values);
	pg_add(batch, machine->guard, ACT_VALUES, values);
	steps_add(batch, machine, row, values);
	store_add_record(batch, store, id, row->event);
}

enum fault act_run(struct request *request, const struct machine *machine)
{
	const struct transition *row = request->endpoint->route.transition;
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	const char *values[ACT_VALUES];
	struct pg_batch *batch = request_batch(request);
	size_t index;

	values_fill(request, machine, row, id, json_write(request->arena, request->json), values);
	store_add_claim(request, batch);
	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	pg_add(batch, &store->lock, PG_VALUES(id));
	pg_add(batch, machine->guard, ACT_VALUES, values);
	if (machine->before) {
		enum fault fault = machine->before(request, batch, row);

		if (fault)
			return fault;
	}
	steps_add(batch, machine, row, values);
	store_add_record(batch, store, id, row->event);
	store_add_answer(request, batch, store, id, 200, NULL);
	/* Who acted may see what came of it, even where the row is no longer his. */
	index = pg_add(batch, &store->get[SIGHT_ALL], PG_VALUES(id));
	return store_answer(request, batch, store, index, 200, NULL);
}
