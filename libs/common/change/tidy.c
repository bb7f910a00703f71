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

	if (!fault && count)
		*more = *more || atol(pg_value(batch, index, 0)) == TIDY_ROWS;
	return fault;
}

enum fault tidy_run(struct worker *worker, const struct relay_keep *keep, bool *more, struct pg_error *error)
{
	const struct {
		const struct statement *statement;
		int days;
	} kept[] = {
		{ &sql_tidy_inbox, TIDY_INBOX_DAYS },
		{ &sql_tidy_idempotency, keep->answers },
		{ &sql_tidy_sent, keep->sent },
		{ &sql_tidy_dead_letters, keep->dead_letters },
	};
	struct arena *arena = worker_arena(worker);
	const char *rows = arena_printf(arena, "%d", TIDY_ROWS);
	enum fault first = run(worker, &sql_tidy_partitions, 0, NULL, more, error);

	*more = false;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *days = arena_printf(arena, "%d", kept[i].days);
		enum fault fault = FAULT_NONE;

		if (kept[i].days)
			fault = run(worker, kept[i].statement, PG_VALUES(days, rows), more, error);
		first = first ? first : fault;
	}
	return first;
}
