#include "batch.h"
#include "arena.h"

#include <string.h>

#define BATCH_FIRST_ROOM ((size_t)16)

struct pg_batch *pg_batch_new(struct arena *arena)
{
	struct pg_batch *batch = arena_alloc(arena, sizeof(*batch));

	batch->arena = arena;
	return batch;
}

void pg_turn(struct pg_batch *batch, const char *tenant, const char *id)
{
	if (!batch->turns)
		batch->turns = arena_array(batch->arena, PG_TURNS_MAX, sizeof(*batch->turns));
	if (batch->turn_count < PG_TURNS_MAX)
		batch->turns[batch->turn_count].thing = turn_thing(tenant, id);
	batch->turn_count++;
}

void pg_turn_part(struct pg_batch *batch, const char *tenant, const char *id, const char *part)
{
	pg_turn(batch, tenant, id);
	if (!batch->parts)
		batch->parts = arena_array(batch->arena, PG_TURNS_MAX, sizeof(*batch->parts));
	if (batch->part_count < PG_TURNS_MAX)
		batch->parts[batch->part_count++] =
			(struct turn_part){ turn_thing(tenant, part), turn_thing(tenant, id) };
}

static struct step *step_add(struct pg_batch *batch, int count, const char *const values[])
{
	const char **copy = arena_array(batch->arena, (size_t)count + 1, sizeof(*copy));
	struct step *step;

	if (batch->count == batch->room) {
		size_t room = batch->room ? batch->room * 2 : BATCH_FIRST_ROOM;
		struct step *steps = arena_array(batch->arena, room, sizeof(*steps));

		if (batch->count)
			memcpy(steps, batch->steps, batch->count * sizeof(*steps));
		batch->steps = steps;
		batch->room = room;
	}
	if (count)
		memcpy(copy, values, (size_t)count * sizeof(*copy));
	step = &batch->steps[batch->count++];
	*step = (struct step){ .count = count, .values = copy };
	return step;
}

size_t pg_add(struct pg_batch *batch, const struct statement *statement, int count, const char *const values[])
{
	if (statement->parameters && statement->parameters < count)
		count = statement->parameters;
	step_add(batch, count, values)->statement = statement;
	return batch->count - 1;
}

void pg_add_prepared(struct pg_batch *batch, const struct statement *statement)
{
	struct step *step = step_add(batch, 0, NULL);

	step->statement = statement;
	step->prepare_only = true;
}

bool pg_find(const struct pg_batch *batch, const struct statement *statement, const char *first, size_t *index)
{
	for (size_t i = batch->count; i-- > 0;) {
		const struct step *step = &batch->steps[i];

		if (step->statement != statement || step->count == 0 || strcmp(step->values[0], first) != 0)
			continue;
		*index = i;
		return true;
	}
	return false;
}

size_t pg_add_text(struct pg_batch *batch, const char *sql, int count, const char *const values[])
{
	step_add(batch, count, values)->text = sql;
	return batch->count - 1;
}

const PGresult *pg_result(const struct pg_batch *batch, size_t index)
{
	return batch->steps[index].result;
}

const char *pg_value(const struct pg_batch *batch, size_t index, int column)
{
	const PGresult *result = batch->steps[index].result;

	if (!result || PQntuples(result) == 0 || PQgetisnull(result, 0, column))
		return NULL;
	return PQgetvalue(result, 0, column);
}

const char *pg_named(const struct pg_batch *batch, size_t index, const char *column)
{
	return pg_value(batch, index, PQfnumber(batch->steps[index].result, column));
}
