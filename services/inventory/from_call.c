#include "from_call.h"

#include "api_sql.h"
#include "app.h"
#include "arena.h"
#include "route.h"
#include "store.h"
#include "text.h"

#include <string.h>

/* The rows of these ids that the caller sees, and what base.warn said while they were made. */
static enum fault items_answer(
	struct request *request, const struct store *store, const json_t *ids, const char *warnings)
{
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	struct pg_batch *batch = request_batch(request);
	size_t first = 0;
	size_t shown = 0;
	size_t i;
	enum fault fault;
	json_t *id;

	json_array_foreach(ids, i, id) {
		size_t at = store_add_get(request, batch, store, json_string_value(id));

		first = i == 0 ? at : first;
	}
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	text_add(&out, "{\"items\":[");
	for (i = 0; i < json_array_size(ids); i++) {
		const PGresult *row = pg_result(batch, first + i);

		if (PQntuples(row) == 0)
			continue;
		text_add(&out, shown++ ? "," : "");
		text_add(&out, store_row_json(request, store, row, 0));
	}
	text_add_char(&out, ']');
	if (warnings)
		text_addf(&out, ",\"warnings\":%s", problem_warnings(request, warnings));
	text_add_char(&out, '}');
	response_language(request);
	return response_text(request, 200, &out);
}

enum fault from_call(struct request *request)
{
	const struct from_call *what = request->endpoint->route.context;
	const struct store *store = request->endpoint->store;
	const char *body = json_write(request->arena, request->json);
	struct pg_batch *batch = request_batch(request);
	const char *told = NULL;
	const char *warnings = NULL;
	size_t made;
	size_t warned;
	enum fault fault;
	json_t *ids;

	store_add_claim(request, batch);
	pg_add(batch, what->lock, PG_VALUES(body));
	made = pg_add(batch, what->make, PG_VALUES(body));
	store_add_touched(batch, store);
	store_add_told(request, batch, store);
	warned = pg_add(batch, &sql_warnings_read, 0, NULL);
	fault = request_execute(request, batch);
	if (fault == FAULT_REPLAY) {
		fault = store_told(request, &told, &warnings);
	} else if (!fault) {
		request->app->changed(request->app);
		told = pg_value(batch, made, 0);
		warnings = pg_value(batch, warned, 0);
	}
	if (fault)
		return fault;
	ids = json_read(request->arena, told, strlen(told), &(const char *){ NULL });
	if (!ids)
		return request_fail(request, FAULT_INTERNAL, "What was made can't be read.");
	return items_answer(request, store, ids, warnings);
}
