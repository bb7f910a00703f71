#include "page.h"

#include "accept.h"
#include "arena.h"
#include "expand.h"
#include "list.h"
#include "route.h"

#include <string.h>

void page_next_link(struct request *request, const char *cursor)
{
	struct text link = text_new(request->arena, REQUEST_URI_MAX);

	text_addf(&link, "<%s?", request->path);
	for (size_t i = 0; i < request->query->count; i++) {
		const struct parameter *parameter = &request->query->items[i];

		if (strcmp(parameter->name, "cursor") == 0)
			continue;
		text_addf(&link, "%s=%s&", percent_encode(request->arena, parameter->spelled),
			percent_encode(request->arena, parameter->value));
	}
	text_addf(&link, "cursor=%s>; rel=\"next\"", cursor);
	if (!link.full)
		response_header(request, "Link", text_c(&link));
}

/* Reads what is shown beside the first rows of a page. */
static enum fault children_read(struct request *request, struct expand *expand, const PGresult *result, int rows)
{
	struct text ids = text_new(request->arena, EXPAND_IDS_MAX);
	struct pg_batch *batch = request_batch(request);
	int column = PQfnumber(result, "id");
	enum fault fault;

	if (expand->count == 0)
		return FAULT_NONE;
	for (int row = 0; row < rows; row++)
		pg_array_add(&ids, PQgetvalue(result, row, column));
	expand_add(expand, batch, pg_array_end(&ids));
	fault = request_execute(request, batch);
	if (!fault)
		expand_take(expand, batch);
	return fault;
}

static void items_write(struct list *list, struct expand *expand, struct text *out, const PGresult *result, int rows)
{
	const char *const *hidden = store_hidden(list->request, list->store->resource);
	int column = PQfnumber(result, "id");

	text_add(out, "{\"items\":[");
	for (int row = 0; row < rows && !out->full; row++) {
		if (row)
			text_add_char(out, ',');
		pg_row_json(out, result, row, hidden, list->only);
		expand_write(expand, out, PQgetvalue(result, row, column));
	}
	text_add(out, "]");
}

static enum fault page_write(struct list *list, struct expand *expand)
{
	struct request *request = list->request;
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	const PGresult *result;
	enum fault fault = list_fetch(list, list->limit + 1, &result); /* one more tells whether there is a next page */
	int rows;

	if (fault)
		return fault;
	rows = PQntuples(result) < list->limit ? PQntuples(result) : list->limit;
	fault = children_read(request, expand, result, rows);
	if (fault)
		return fault;
	items_write(list, expand, &out, result, rows);
	if (PQntuples(result) > rows) {
		const char *cursor;

		list_advance(list, request->arena, result, rows - 1);
		cursor = list_cursor(list);
		if (!cursor)
			return request_fail(request, FAULT_BAD_QUERY, "This sort can't go on behind so long a value.");
		text_add(&out, ",\"next_cursor\":");
		text_add_json(&out, cursor);
		page_next_link(request, cursor);
	}
	text_add_char(&out, '}');
	if (out.full)
		return request_fail(request, FAULT_BAD_QUERY, "The page is too large: ask for fewer items or fields.");
	response_json(request, 200, text_c(&out));
	return FAULT_NONE;
}

/* Children make a page larger, and have no place in a line of an export. */
static enum fault expand_fits(struct list *list, const struct expand *expand, bool export)
{
	struct fault_list *faults = &list->request->faults;

	if (expand->count && export)
		fault_add_parameter(faults, "expand", "format", "is for JSON; NDJSON and CSV have a row a line");
	else if (expand->count && list->limit > EXPAND_PAGE_MAX)
		fault_add_parameter(faults, "limit", "range", "must be from 1 to %d with expand", EXPAND_PAGE_MAX);
	return faults->count ? FAULT_BAD_QUERY : FAULT_NONE;
}

enum fault page_list(struct request *request)
{
	const struct endpoint *endpoint = request->endpoint;
	struct list *list = arena_alloc(request->arena, sizeof(*list));
	struct expand *expand = arena_alloc(request->arena, sizeof(*expand));
	const char *accept = request->header(request, "Accept");
	int json = accept_type(accept, "application/json");
	int ndjson = accept_type(accept, "application/x-ndjson");
	int csv = accept_type(accept, "text/csv");
	/* An export is for those who would rather have it than a page. */
	bool export = ndjson > json || csv > json;
	enum fault fault = expand_read(request, expand);

	if (!fault || fault == FAULT_BAD_QUERY) /* what is wrong with the rest is told too */
		fault = list_read(request, endpoint->store, endpoint->route.where, list);
	if (!fault)
		fault = expand_fits(list, expand, export);
	if (fault)
		return fault;
	return export ? export_answer(list, csv > ndjson) : page_write(list, expand);
}
