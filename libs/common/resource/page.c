#include "page.h"

#include "accept.h"
#include "arena.h"
#include "list.h"
#include "route.h"

#include <string.h>

/* The address of the next page: the same query with another cursor. Left out when it were too long to be asked for. */
static void next_link(struct request *request, const char *cursor)
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

static enum fault page_write(struct list *list)
{
	struct request *request = list->request;
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	const char *const *hidden = store_hidden(request, list->store->resource);
	const PGresult *result;
	enum fault fault = list_fetch(list, list->limit + 1, &result); /* one more tells whether there is a next page */
	int rows;

	if (fault)
		return fault;
	rows = PQntuples(result) < list->limit ? PQntuples(result) : list->limit;
	text_add(&out, "{\"items\":[");
	for (int row = 0; row < rows; row++) {
		if (row)
			text_add_char(&out, ',');
		pg_row_json(&out, result, row, hidden, list->only);
	}
	text_add(&out, "]");
	if (PQntuples(result) > rows) {
		const char *cursor;

		list_advance(list, request->arena, result, rows - 1);
		cursor = list_cursor(list);
		if (!cursor)
			return request_fail(request, FAULT_BAD_QUERY, "This sort can't go on behind so long a value.");
		text_add(&out, ",\"next_cursor\":");
		text_add_json(&out, cursor);
		next_link(request, cursor);
	}
	text_add_char(&out, '}');
	if (out.full)
		return request_fail(request, FAULT_BAD_QUERY, "The page is too large: ask for fewer items or fields.");
	response_json(request, 200, text_c(&out));
	return FAULT_NONE;
}

enum fault page_answer(struct request *request, const struct store *store, const char *condition)
{
	struct list *list = arena_alloc(request->arena, sizeof(*list));
	enum fault fault = list_read(request, store, condition, list);
	const char *accept = request->header(request, "Accept");
	int json = accept_type(accept, "application/json");
	int ndjson = accept_type(accept, "application/x-ndjson");
	int csv = accept_type(accept, "text/csv");

	if (fault)
		return fault;
	/* An export is for those who would rather have it than a page. */
	if (ndjson > json && ndjson >= csv)
		return export_answer(list, false);
	if (csv > json)
		return export_answer(list, true);
	return page_write(list);
}

enum fault page_list(struct request *request)
{
	return page_answer(request, request->endpoint->store, request->endpoint->route.where);
}
