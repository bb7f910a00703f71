#include "bulk.h"

#include "arena.h"
#include "csv.h"
#include "ndjson.h"
#include "route.h"
#include "store.h"
#include "text.h"
#include "upsert.h"

#include <string.h>

#define RESULT_MAX (RESPONSE_BODY_MAX / UPSERT_LINES_MAX) /* bytes of a line's result: all of them have room */

static bool ndjson_line(void *context, size_t number, json_t *body, const char *problem)
{
	struct upsert *upsert = context;

	if (!body)
		request_fail(upsert->request, FAULT_MALFORMED, "The line is not JSON: %s.", problem);
	return upsert_add(upsert, number, body);
}

static bool csv_line(void *context, size_t number, json_t *object)
{
	return upsert_add(context, number, object);
}

static enum fault lines_read(struct upsert *upsert)
{
	struct request *request = upsert->request;
	const char *problem = NULL;
	enum fault fault;

	if (request_carries(request, "application/x-ndjson"))
		fault = ndjson_read(request->arena, request->body, request->body_length, ndjson_line, upsert);
	else if (request_carries(request, "text/csv"))
		fault = csv_objects(request->arena, upsert->fields, request->body, request->body_length, upsert_column,
			csv_line, upsert, &problem);
	else
		return request_fail(request, FAULT_MEDIA_TYPE, "The body must be application/x-ndjson or text/csv.");
	if (fault == FAULT_TOO_LARGE)
		return request_fail(request, fault, "At most %d lines a request.", UPSERT_LINES_MAX);
	return fault ? request_fail(request, fault, "%s", problem) : FAULT_NONE;
}

static void result_write(struct text *result, const struct upsert_line *line)
{
	static const char *const names[] = { "failed", "created", "changed", "unchanged" };
	const struct fault_kind *kind = fault_kind(line->fault);

	text_clear(result);
	text_addf(result, "{\"line\":%zu,\"result\":\"%s\"", line->number, names[line->outcome]);
	if (line->outcome != LINE_FAILED) {
		text_add(result, ",\"id\":");
		text_add_json(result, line->existing ? line->existing : line->id);
		text_add(result, "}\n");
		return;
	}
	text_addf(result, ",\"status\":%d,\"code\":\"%s\"", kind->status, kind->code);
	if (line->detail) {
		text_add(result, ",\"detail\":");
		text_add_json_bytes(result, line->detail, text_utf8_cut(line->detail, FAULT_DETAIL_MAX));
	}
	if (line->faults)
		problem_details_add(result, line->faults);
	text_add(result, "}\n");
}

enum fault bulk_upsert(struct request *request)
{
	struct upsert upsert = {
		.request = request,
		.store = request->endpoint->store,
	};
	struct text out = text_new(request->arena, RESPONSE_BODY_MAX);
	struct text result = text_new(request->arena, RESULT_MAX);
	enum fault fault = upsert_open(&upsert, UPSERT_LINES_MAX);

	if (!fault)
		fault = lines_read(&upsert);
	if (!fault)
		fault = upsert_run(&upsert);
	if (fault)
		return fault;
	for (size_t i = 0; i < upsert.count; i++) {
		result_write(&result, &upsert.lines[i]);
		text_add_bytes(&out, text_c(&result), result.length);
	}
	request->app->changed(request->app);
	response_json(request, 200, text_c(&out));
	request->response.content_type = "application/x-ndjson";
	response_language(request);
	return FAULT_NONE;
}
