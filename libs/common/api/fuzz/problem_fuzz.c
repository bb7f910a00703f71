/* Faults that tell of what anybody sent: whatever stands in them, and however many there are, the problem is JSON with its
 * type and status, and tells as many as fit. */
#include "arena.h"
#include "fuzz.h"
#include "request.h"

#include <string.h>

#define REPEAT ((size_t)9000) /* bytes to which an input is made to grow: no pointer or parameter is longer */

static void problem_hold(struct arena *arena, const char *text, size_t faults)
{
	struct request *request = arena_alloc(arena, sizeof(*request));
	const char *problem;
	const json_t *json;
	const json_t *errors;
	const json_t *total;

	*request = (struct request){ .arena = arena, .path = text, .id = "x", .faults = { .arena = arena } };
	for (size_t i = 0; i < faults; i++) {
		if (i % 2)
			fault_add(&request->faults, text, "unknown", "%s", text);
		else
			fault_add_parameter(&request->faults, text, "format", "is wrong");
	}
	problem_write(request, request_fail(request, FAULT_INVALID, "%s", text));
	json = json_read(arena, request->response.body, request->response.length, &problem);
	hold(json_is_object(json) && json_string_at(json, "type") && json_string_at(json, "instance"));
	hold(json_integer_value(json_object_get(json, "status")) == 422);
	errors = json_object_get(json, "errors");
	total = json_object_get(json, "errors_total");
	hold(!faults || (json_array_size(errors) == faults) == (total == NULL));
	hold(!total || json_integer_value(total) == (json_int_t)faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	size_t length = strlen(text);

	problem_hold(arena, text, length % (FAULT_LIST_MAX + 9));
	if (length % 16 == 1) { /* for it takes long */
		char *longer = arena_alloc(arena, REPEAT + 1);

		for (size_t at = 0; at + length <= REPEAT; at += length)
			memcpy(longer + at, text, length);
		problem_hold(arena, longer, length % (FAULT_LIST_MAX + 9));
	}
	arena_free(arena);
	return 0;
}
