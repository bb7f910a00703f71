#include "tidy.h"

#include "arena.h"
#include "change_sql.h"

#include <stdlib.h>

/* Each on its own: a lock that one waits for in vain shall not keep the others from being done. */
static enum fault run(struct worker *worker, const struct statement *statement, int count, const char *const values[],
	bool *more, struct pg_error *error)
{
	struct pg_batch *batch = pg_batch_new(worker_arena(worker));
	size_t index = pg_add(batch, statement, count, values);
	enum fault fault = worker_execute(worker, batch, error);

	if (!fault && more)
		*more = *more || atol(pg_value(batch, index, 0)) == TIDY_ROWS;
	return fault;
}

enum fault tidy_run(struct worker *worker, bool *more, struct pg_error *error)
{
	struct arena *arena = worker_arena(worker);
	const char *rows = arena_printf(arena, "%d", TIDY_ROWS);
	const char *inbox_days = arena_printf(arena, "%d", TIDY_INBOX_DAYS);
	const char *idempotency_days = arena_printf(arena, "%d", TIDY_IDEMPOTENCY_DAYS);
	enum fault first = run(worker, &sql_tidy_partitions, 0, NULL, NULL, error);
	enum fault second;
	enum fault third;

	*more = false;
	second = run(worker, &sql_tidy_inbox, PG_VALUES(inbox_days, rows), more, error);
	third = run(worker, &sql_tidy_idempotency, PG_VALUES(idempotency_days, rows), more, error);
	return first ? first : second ? second : third;
}
