#include "arena.h"
#include "field.h"
#include "json.h"
#include "things.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct state {
	struct arena *arena;
	json_t *document;
};

static int setup(void **out)
{
	struct state *state;
	struct arena *arena = arena_new();
	struct endpoints *endpoints = arena_alloc(arena, sizeof(*endpoints));
	struct openapi_source source = thing_source(arena, endpoints);
	struct text text = text_new(arena, OPENAPI_MAX);
	const char *problem = NULL;

	state = arena_alloc(arena, sizeof(*state));
	state->arena = arena;
	openapi_write(arena, &source, &text);
	assert_false(text.full);
	state->document = json_read(arena, text_c(&text), text.length, &problem);
	if (!state->document)
		fail_msg("%s", problem);
	*out = state;
	return 0;
}

static int teardown(void **in)
{
	arena_free(((struct state *)*in)->arena);
	return 0;
}

/* Walks keys separated by blanks; NULL where there is none. */
static json_t *at(json_t *json, const char *keys)
{
	char key[128];

	while (json && *keys) {
		size_t length = strcspn(keys, " ");

		memcpy(key, keys, length);
		key[length] = '\0';
		json = json_object_get(json, key);
		keys += length + (keys[length] == ' ');
	}
	return json;
}

static json_t *operation(struct state *state, const char *path, const char *method)
{
	json_t *found = json_object_get(json_object_get(json_object_get(state->document, "paths"), path), method);

	if (!found)
		fail_msg("no operation %s %s", method, path);
	return found;
}

static json_t *schema(struct state *state, const char *name)
{
	return json_object_get(at(state->document, "components schemas"), name);
}

static bool has_word(json_t *list, const char *word)
{
	size_t index;
	json_t *item;

	json_array_foreach(list, index, item) {
		if (strcmp(json_string_value(item), word) == 0)
			return true;
	}
	return false;
}

static bool refers(json_t *list, const char *reference)
{
	size_t index;
	json_t *item;

	json_array_foreach(list, index, item) {
		const char *name = json_string_at(item, "$ref");

		if (name && strcmp(name, reference) == 0)
			return true;
	}
	return false;
}

static void every_operation_is_told(void **in)
{
	struct state *state = *in;
	json_t *ids = json_keep(state->arena, json_object());
	const char *path;
	const char *method;
	json_t *item;
	json_t *one;
	size_t count = 0;

	assert_string_equal(json_string_at(state->document, "openapi"), "3.1.0");
	json_object_foreach(json_object_get(state->document, "paths"), path, item) {
		json_object_foreach(item, method, one) {
			const char *id = json_string_at(one, "operationId");

			assert_non_null(json_string_at(one, "summary"));
			assert_true(strlen(json_string_at(one, "description")) > 5);
			assert_int_equal(json_array_size(json_object_get(one, "tags")), 1);
			assert_true(json_object_size(json_object_get(one, "responses")) > 5);
			assert_null(json_object_get(ids, id));
			json_object_set_new(ids, id, json_true());
			count++;
		}
	}
	assert_int_equal(count, 11);
	assert_non_null(json_object_get(ids, "list_small_things"));
	assert_non_null(json_object_get(ids, "list_owners_small_things"));
	assert_non_null(json_object_get(ids, "read_small_thing"));
	assert_non_null(json_object_get(ids, "upsert_small_things"));
	assert_non_null(json_object_get(ids, "switch_off_small_thing"));
	assert_non_null(json_object_get(ids, "post_sessions"));
}

static void bodies_hold_what_may_be_sent(void **in)
{
	struct state *state = *in;
	json_t *create = schema(state, "SmallThingCreate");
	json_t *change = schema(state, "SmallThingChange");

	assert_null(at(create, "properties version"));
	assert_null(at(create, "properties shape"));
	assert_null(at(create, "properties parts items properties made"));
	assert_non_null(at(create, "properties id"));
	assert_non_null(at(create, "properties secret"));
	assert_true(json_is_false(json_object_get(create, "additionalProperties")));
	assert_true(json_is_false(at(create, "properties box additionalProperties")));
	assert_int_equal(json_array_size(json_object_get(create, "required")), 2);
	assert_true(has_word(json_object_get(create, "required"), "owner_id"));
	assert_true(has_word(json_object_get(create, "required"), "name"));
	assert_string_equal(json_string_value(at(create, "properties kind default")), "red");

	assert_null(at(change, "properties id"));
	assert_null(at(change, "properties owner_id"));
	assert_non_null(at(change, "properties name"));
	assert_null(json_object_get(change, "required"));
	assert_null(at(change, "properties box required"));
	assert_non_null(at(change, "properties parts items required"));
	assert_string_equal(json_string_value(at(change, "properties name type")), "string");
	assert_true(has_word(at(change, "properties remark type"), "null"));
}

static void answers_hold_what_is_shown(void **in)
{
	struct state *state = *in;
	json_t *part = schema(state, "SmallThingPart");
	json_t *whole = schema(state, "SmallThing");
	json_t *required = json_object_get(whole, "required");

	assert_null(at(part, "properties secret"));
	assert_null(json_object_get(part, "required"));
	assert_null(json_object_get(part, "additionalProperties"));
	assert_non_null(at(part, "properties margin"));
	assert_string_equal(json_string_value(at(part, "properties margin description")), "Needs costs:read.");
	assert_true(json_is_true(at(part, "properties version readOnly")));
	assert_string_equal(json_string_value(at(part, "properties created_at type")), "string");
	assert_true(has_word(at(part, "properties at type"), "null"));
	assert_true(refers(json_object_get(whole, "allOf"), "#/components/schemas/SmallThingPart"));
	assert_true(has_word(required, "id"));
	assert_true(has_word(required, "day"));
	assert_false(has_word(required, "margin"));
	assert_false(has_word(required, "secret"));
	assert_string_equal(json_string_value(at(schema(state, "SmallThingPage"), "properties items items $ref")),
		"#/components/schemas/SmallThingPart");
}

static void lists_name_filters_and_sorts(void **in)
{
	struct state *state = *in;
	json_t *defined = at(state->document, "components parameters");
	json_t *list = json_object_get(operation(state, "/v1/small-things", "get"), "parameters");
	json_t *below = json_object_get(operation(state, "/v1/owners/{id}/small-things", "get"), "parameters");
	json_t *sorts = at(json_object_get(defined, "SmallThing.sort"), "schema");
	static const char *const wanted[] = { "SmallThing.at.gte", "SmallThing.name", "SmallThing.name.prefix",
		"SmallThing.kind.in", "SmallThing.owner_id.ne", "SmallThing.tag", "SmallThing.day.empty",
		"Row.created_at.lt", "Limit", "Cursor", "Search", "SmallThing.fields" };
	static const char *const unwanted[] = { "SmallThing.kind.lt", "SmallThing.kind.prefix", "SmallThing.tag.ne",
		"SmallThing.remark", "SmallThing.owner_id.gte", "SmallThing.at.contains" };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const char *reference = arena_printf(state->arena, "#/components/parameters/%s", wanted[i]);

		assert_true(refers(list, reference));
		assert_true(refers(below, reference));
		assert_non_null(json_object_get(defined, wanted[i]));
	}
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		assert_null(json_object_get(defined, unwanted[i]));
	assert_string_equal(json_string_at(json_object_get(defined, "SmallThing.at.gte"), "name"), "at[gte]");
	assert_string_equal(
		json_string_value(at(json_object_get(defined, "SmallThing.kind.in"), "schema type")), "array");
	assert_int_equal(json_array_size(json_object_get(sorts, "enum")), 4);
	assert_string_equal(json_string_at(sorts, "default"), "-at");
}

static void statuses_are_those_of_the_engine(void **in)
{
	static const struct {
		const char *method;
		const char *path;
		const char *gives; /* each of these, space separated */
		const char * not ; /* none of these */
	} rows[] = {
		{ "get", "/v1/small-things", "200 400 401 403 406 414 431 500 503",
			"201 304 404 409 412 413 415 422 428" },
		{ "get", "/v1/small-things/{id}", "200 304 404 412", "409 422 428" },
		{ "post", "/v1/small-things", "201 400 409 410 413 415 422", "200 412 428" },
		{ "post", "/v1/small-things/bulk", "200 413 415 422", "201 410" },
		{ "patch", "/v1/small-things/{id}", "200 404 409 412 415 422 428", "410" },
		{ "delete", "/v1/small-things/{id}", "204 404 409 412 428", "200 413 415" },
		{ "post", "/v1/small-things/{id}/actions/switch-off", "200 404 409 412 422", "428" },
		{ "post", "/v1/sessions", "201 401 413 415 422 429", "404" },
		{ "get", "/about", "200 406", "401 403 404" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct state *state = *in;
		json_t *responses = json_object_get(operation(state, rows[i].path, rows[i].method), "responses");

		for (const char *word = rows[i].gives; *word; word += word[3] ? 4 : 3)
			if (!json_object_get(responses, arena_strndup(state->arena, word, 3)))
				fail_msg("%s %s lacks %.3s", rows[i].method, rows[i].path, word);
		for (const char *word = rows[i].not ; *word; word += word[3] ? 4 : 3)
			if (json_object_get(responses, arena_strndup(state->arena, word, 3)))
				fail_msg("%s %s has %.3s", rows[i].method, rows[i].path, word);
	}
}

static void security_follows_the_routes(void **in)
{
	struct state *state = *in;
	json_t *list = operation(state, "/v1/small-things", "get");
	json_t *login = operation(state, "/v1/sessions", "post");

	assert_string_equal(json_string_at(list, "x-required-scope"), "calls:read");
	assert_non_null(strstr(json_string_at(list, "description"), "`calls:read`"));
	assert_null(json_object_get(list, "security"));
	assert_int_equal(json_array_size(json_object_get(login, "security")), 0);
	assert_true(json_is_array(json_object_get(login, "security")));
	assert_string_equal(json_string_at(operation(state, "/v1/small-things/{id}/actions/switch-off", "post"),
				    "x-required-scope"),
		"calls:work");
}

static void headers_are_told(void **in)
{
	struct state *state = *in;
	json_t *change = operation(state, "/v1/small-things/{id}", "patch");
	json_t *create = operation(state, "/v1/small-things", "post");
	json_t *bulk = operation(state, "/v1/small-things/bulk", "post");

	assert_true(refers(json_object_get(change, "parameters"), "#/components/parameters/IfMatch"));
	assert_true(refers(json_object_get(create, "parameters"), "#/components/parameters/IdempotencyKey"));
	assert_false(refers(json_object_get(bulk, "parameters"), "#/components/parameters/IdempotencyKey"));
	assert_non_null(at(create, "responses 201 headers Location"));
	assert_non_null(at(create, "responses 201 headers ETag"));
	assert_non_null(at(create, "responses 201 links change_small_thing"));
	assert_non_null(at(operation(state, "/v1/small-things", "get"), "responses 200 headers Link"));
	assert_non_null(at(state->document, "components responses Problem503 headers Retry-After"));
	assert_null(at(state->document, "components responses Problem404 headers Retry-After"));
}

static json_t *example_of(json_t *operation, const char *media)
{
	return json_object_get(json_object_get(at(operation, "requestBody content"), media), "example");
}

static void examples_pass_the_tables(void **in)
{
	struct state *state = *in;
	struct fault_list faults = { .arena = state->arena };
	json_t *create = example_of(operation(state, "/v1/small-things", "post"), "application/json");
	json_t *change = example_of(operation(state, "/v1/small-things/{id}", "patch"), "application/merge-patch+json");
	json_t *login = example_of(operation(state, "/v1/sessions", "post"), "application/x-www-form-urlencoded");
	json_t *action =
		example_of(operation(state, "/v1/small-things/{id}/actions/switch-off", "post"), "application/json");

	assert_int_equal(field_check(thing_fields, create, FIELD_CREATE, &faults), FAULT_NONE);
	assert_int_equal(field_check(thing_fields, change, FIELD_CHANGE, &faults), FAULT_NONE);
	assert_true(json_object_size(change) > 0);
	assert_int_equal(field_check(login_fields, login, FIELD_CREATE, &faults), FAULT_NONE);
	assert_int_equal(field_check(stop_fields, action, FIELD_CREATE, &faults), FAULT_NONE);
}

static void forms_and_optional_bodies(void **in)
{
	struct state *state = *in;
	json_t *login = operation(state, "/v1/sessions", "post");
	json_t *action = operation(state, "/v1/small-things/{id}/actions/switch-off", "post");
	json_t *bulk = operation(state, "/v1/small-things/bulk", "post");

	assert_non_null(json_object_get(at(login, "requestBody content"), "application/json"));
	assert_true(has_word(
		json_object_get(json_object_get(json_object_get(at(login, "responses 201 content"), "application/json"),
					"schema"),
			"required"),
		"token"));
	assert_true(json_is_true(at(action, "requestBody required"))); /* its reason is required */
	assert_non_null(strstr(json_string_at(action, "description"), "From `on`, `idle` to `off`"));
	assert_non_null(json_object_get(at(bulk, "requestBody content"), "text/csv"));
	assert_string_equal(
		json_string_value(at(json_object_get(at(bulk, "requestBody content"), "application/x-ndjson"),
			"x-line-schema $ref")),
		"#/components/schemas/SmallThingCreate");
}

static void what_does_not_fit_is_told(void **in)
{
	struct state *state = *in;
	struct endpoints endpoints;
	struct openapi_source source = thing_source(state->arena, &endpoints);
	struct text text = text_new(state->arena, 1000);

	openapi_write(state->arena, &source, &text);
	assert_true(text.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_is_told),
		cmocka_unit_test(bodies_hold_what_may_be_sent),
		cmocka_unit_test(answers_hold_what_is_shown),
		cmocka_unit_test(lists_name_filters_and_sorts),
		cmocka_unit_test(statuses_are_those_of_the_engine),
		cmocka_unit_test(security_follows_the_routes),
		cmocka_unit_test(headers_are_told),
		cmocka_unit_test(examples_pass_the_tables),
		cmocka_unit_test(forms_and_optional_bodies),
		cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
