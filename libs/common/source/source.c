#include "source.h"

#include "api_sql.h"
#include "app.h"
#include "arena.h"
#include "route.h"
#include "store.h"

const struct field source_fields[] = {
	{ "kind", FIELD_CHOICE, READ_ONLY, .choices = "call offer plan rma" },
	{ "id", FIELD_ID, READ_ONLY },
	{ "line_id", FIELD_ID, READ_ONLY, .help = "Null: of the document as a whole." },
	{ "line_version", FIELD_INTEGER, READ_ONLY, .help = "Of the line, when it was taken." },
	{ "taken_at", FIELD_TIME, READ_ONLY },
	{ "source_changed_at", FIELD_TIME, READ_ONLY,
		.help = "When the line changed after it was taken; null if it has not." },
	{ 0 },
};

static const struct field change_fields[] = {
	{ "field", FIELD_TEXT, READ_ONLY, .help = "Its name here." },
	{ "here", FIELD_TEXT, READ_ONLY, .help = "Of quantities: all that was made of the line." },
	{ "source", FIELD_TEXT, READ_ONLY },
	{ 0 },
};

#define FIELDS_OF_LINE_DIFF                                                                                            \
	{ "line_id", FIELD_ID, READ_ONLY, .help = "The line it was made from." },                                      \
		{ "taken_version", FIELD_INTEGER, READ_ONLY, .help = "Of the line, when it was taken." },              \
		{ "version", FIELD_INTEGER, READ_ONLY, .help = "Of the line, as far as is known here." },              \
		{ "state", FIELD_CHOICE, READ_ONLY | REQUIRED, .choices = "none same changed removed added",           \
			.help = "none: it was made from no line; added: a line that nothing was made from." },         \
	{                                                                                                              \
		"changes", FIELD_LIST, READ_ONLY | REQUIRED, .fields = change_fields                                   \
	}

const struct field source_line_diff_answer[] = { FIELDS_OF_LINE_DIFF, { 0 } };

static const struct field line_diff_fields[] = {
	{ "id", FIELD_ID, READ_ONLY, .help = "What was made from the line; null of an added one." },
	FIELDS_OF_LINE_DIFF,
	{ 0 },
};

const struct field source_diff_answer[] = {
	{ "state", FIELD_CHOICE, READ_ONLY | REQUIRED, .choices = "none same changed",
		.help = "Of the whole; none: it was made from nothing." },
	{ "changes", FIELD_LIST, READ_ONLY | REQUIRED, .fields = change_fields, .help = "Of its head." },
	{ "lines", FIELD_LIST, READ_ONLY | REQUIRED, .fields = line_diff_fields },
	{ 0 },
};

enum fault source_diff(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const char *id = request_id_parameter(request);
	struct pg_batch *batch = request_batch(request);
	size_t index;
	enum fault fault;

	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	index = pg_add(batch, request->endpoint->route.context, PG_VALUES(id));
	fault = request_execute(request, batch);
	if (!fault)
		response_json(request, 200, pg_value(batch, index, 0));
	return fault;
}

void source_add_changed(const struct timer *timer, struct pg_batch *batch, const struct statement *lock,
	const struct statement *mark, const struct resource *const made[])
{
	const struct app *app = timer->context;

	pg_add(batch, &sql_act_as_tenant, PG_VALUES(app->service, "timer"));
	pg_add(batch, lock, PG_VALUES(timer->subject));
	pg_add(batch, mark, PG_VALUES(timer->subject));
	for (size_t i = 0; made[i]; i++)
		store_add_records(batch, store_find(app, made[i]), NULL,
			arena_printf(timer->arena, "%s.source_changed", made[i]->name));
	pg_add(batch, &sql_act_as_worker, PG_VALUES(app->service));
}
