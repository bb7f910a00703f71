/* problem: the one place where a fault becomes application/problem+json (RFC 9457). */
#include "app.h"
#include "arena.h"
#include "request.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define PROBLEM_MAX ((size_t)64 * 1024)

void problem_details_add(struct text *out, const struct fault_list *faults)
{
	size_t told = faults->count < FAULT_LIST_MAX ? faults->count : FAULT_LIST_MAX;

	if (!told)
		return;
	text_add(out, ",\"errors\":[");
	for (size_t i = 0; i < told; i++) {
		const struct fault_detail *item = &faults->items[i];

		text_add(out, i ? ",{" : "{");
		if (item->pointer) {
			text_add(out, "\"pointer\":");
			text_add_json(out, item->pointer);
			text_add_char(out, ',');
		}
		if (item->parameter) {
			text_add(out, "\"parameter\":");
			text_add_json(out, item->parameter);
			text_add_char(out, ',');
		}
		text_add(out, "\"code\":");
		text_add_json(out, item->code);
		text_add(out, ",\"detail\":");
		text_add_json(out, item->detail);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
	if (faults->count > told)
		text_addf(out, ",\"errors_total\":%zu", faults->count);
}

static bool header_is_set(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++)
		if (strcmp(response->headers[i].name, name) == 0)
			return true;
	return false;
}

void problem_write(struct request *request, enum fault fault)
{
	const struct fault_kind *kind = fault_kind(fault);
	struct text out = text_new(request->arena, PROBLEM_MAX);

	text_addf(&out, "{\"type\":\"" PROBLEM_TYPE_BASE "%s\",\"title\":", kind->code);
	text_add_json(&out, request->italian ? kind->title_it : kind->title);
	text_addf(&out, ",\"status\":%d", kind->status);
	if (request->detail) {
		text_add(&out, ",\"detail\":");
		text_add_json(&out, request->detail);
	}
	text_add(&out, ",\"instance\":");
	text_add_json(&out, request->path);
	if (request->id) {
		text_add(&out, ",\"request_id\":");
		text_add_json(&out, request->id);
	}
	problem_details_add(&out, &request->faults);
	text_add_char(&out, '}');
	request->response.stream = (struct stream){ 0 };
	response_json(request, kind->status, out.full ? "{\"title\":\"problem\"}" : text_c(&out));
	request->response.content_type = "application/problem+json";
	if (kind->retry_after && !header_is_set(&request->response, "Retry-After")) {
		char *seconds = arena_printf(request->arena, "%d", kind->retry_after);

		response_header(request, "Retry-After", seconds);
	}
}
