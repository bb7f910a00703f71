/* problem: the one place where a fault becomes application/problem+json (RFC 9457). */
#include "app.h"
#include "arena.h"
#include "language.h"
#include "request.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define DETAIL_MAX      ((size_t)4 * 1024)   /* bytes of the sentence about all of it */
#define PROBLEM_MAX     ((size_t)128 * 1024) /* room for detail and instance though each byte be escaped by six */
#define DETAILS_END_MAX 64                   /* bytes of what stands around the faults of a problem */

static void member_add(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_addf(out, "%s\"%s\":", out->length > 1 ? "," : "", name);
	text_add_json(out, value);
}

/* One fault; false when there is no room for it. */
static bool detail_add(struct text *out, const struct fault_detail *detail, bool first)
{
	struct text item = text_new(out->arena, out->max - out->length);

	text_add_char(&item, '{');
	member_add(&item, "pointer", detail->pointer);
	member_add(&item, "parameter", detail->parameter);
	member_add(&item, "code", detail->code);
	member_add(&item, "detail", detail->detail);
	text_add_char(&item, '}');
	if (item.full || out->length + item.length + DETAILS_END_MAX > out->max)
		return false;
	text_addf(out, "%s%s", first ? "" : ",", text_c(&item));
	return true;
}

void problem_details_add(struct text *out, const struct fault_list *faults)
{
	size_t known = faults->count < FAULT_LIST_MAX ? faults->count : FAULT_LIST_MAX;
	size_t told = 0;

	if (!known || out->length + 2 * (size_t)DETAILS_END_MAX > out->max)
		return;
	text_add(out, ",\"errors\":[");
	while (told < known && detail_add(out, &faults->items[told], told == 0))
		told++;
	text_add_char(out, ']');
	if (faults->count > told)
		text_addf(out, ",\"errors_total\":%zu", faults->count);
}

const char *problem_title(const struct request *request, enum fault fault)
{
	const struct fault_kind *kind = fault_kind(fault);

	return request->italian ? kind->title_it : kind->title;
}

void problem_translate(struct request *request)
{
	struct fault_list *faults = &request->faults;

	if (!request->italian)
		return;
	request->detail = language_italian(request->arena, request->detail);
	for (size_t i = 0; i < faults->count && i < FAULT_LIST_MAX; i++)
		faults->items[i].detail = language_italian(request->arena, faults->items[i].detail);
}

const char *problem_warnings(const struct request *request, const char *warnings)
{
	const char *problem;
	json_t *list = request->italian ? json_read(request->arena, warnings, strlen(warnings), &problem) : NULL;
	size_t index;
	json_t *warning;

	json_array_foreach(list, index, warning)
		json_object_set_new(warning, "detail",
			json_string(language_italian(request->arena, json_string_at(warning, "detail"))));
	return list ? json_write(request->arena, list) : warnings;
}

/* Of a refusal that nobody has put into words: many show a problem by its detail alone. */
static void detail_complete(struct request *request, enum fault fault)
{
	const struct fault_list *faults = &request->faults;
	const char *plural = faults->count == 1 ? "" : "s";

	if (request->detail)
		return;
	if (faults->count && faults->items[0].parameter)
		request_fail(request, fault, "The query breaks %zu rule%s.", faults->count, plural);
	else if (faults->count)
		request_fail(request, fault, "The request breaks %zu rule%s.", faults->count, plural);
	else if (fault == FAULT_INTERNAL)
		request_fail(request, fault, "It is a fault of ours; the log knows it by its request_id.");
	else
		request->detail = arena_printf(request->arena, "%s.", problem_title(request, fault));
}

void problem_write(struct request *request, enum fault fault)
{
	const struct fault_kind *kind = fault_kind(fault);
	struct text out = text_new(request->arena, PROBLEM_MAX);

	detail_complete(request, fault);
	problem_translate(request);
	text_addf(&out, "{\"type\":\"" PROBLEM_TYPE_BASE "%s\",\"title\":", kind->code);
	text_add_json(&out, problem_title(request, fault));
	text_addf(&out, ",\"status\":%d", kind->status);
	if (request->detail) {
		text_add(&out, ",\"detail\":");
		text_add_json_bytes(&out, request->detail, text_utf8_cut(request->detail, DETAIL_MAX));
	}
	text_add(&out, ",\"instance\":");
	text_add_json_bytes(&out, request->path, strnlen(request->path, REQUEST_URI_MAX));
	member_add(&out, "request_id", request->id);
	if (request->possible_actions)
		text_addf(&out, ",\"possible_actions\":%s", request->possible_actions);
	problem_details_add(&out, &request->faults);
	text_add_char(&out, '}');
	request->response.stream = (struct stream){ 0 };
	response_json(request, kind->status, text_c(&out));
	request->response.content_type = "application/problem+json";
	response_language(request);
	if (kind->retry_after && !response_header_value(request, "Retry-After")) {
		char *seconds = arena_printf(request->arena, "%d", kind->retry_after);

		response_header(request, "Retry-After", seconds);
	}
}
