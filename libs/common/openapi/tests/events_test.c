#include "arena.h"
#include "json.h"
#include "things.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **out)
{
	*out = arena_new();
	return 0;
}

static int teardown(void **in)
{
	arena_free(*in);
	return 0;
}

static json_t *catalogue(struct arena *arena, const struct event *events)
{
	struct endpoints endpoints;
	struct openapi_source source = thing_source(arena, &endpoints);
	struct text text = text_new(arena, OPENAPI_MAX);
	const char *problem = NULL;
	json_t *json;

	events_write(arena, &source, events, &text);
	assert_false(text.full);
	json = json_read(arena, text_c(&text), text.length, &problem);
	if (!json)
		fail_msg("%s", problem);
	return json;
}

static bool required(json_t *schema, const char *name)
{
	size_t index;
	json_t *item;

	json_array_foreach(json_object_get(schema, "required"), index, item) {
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

static void types_follow_from_the_tables(void **in)
{
	static const char *const types[] = { "aftercare.small_thing.received.v1", "aftercare.small_thing.changed.v1",
		"aftercare.small_thing.removed.v1", "aftercare.small_thing.switched_off.v1",
		"aftercare.small_thing.melted.v1", "aftercare.small_thing.snapshot.v1" };
	json_t *schemas = json_object_get(catalogue(*in, thing_events), "schemas");

	assert_int_equal(json_object_size(schemas), 6);
	for (size_t i = 0; i < 6; i++)
		if (!json_object_get(schemas, types[i]))
			fail_msg("%s is missing", types[i]);
	assert_int_equal(json_object_size(json_object_get(catalogue(*in, NULL), "schemas")), 5);
	/* What is only listed is not published. */
	assert_null(json_object_get(schemas, "aftercare.trace.snapshot.v1"));
}

static void a_schema_holds_the_row_with_its_costs(void **in)
{
	json_t *schemas = json_object_get(catalogue(*in, thing_events), "schemas");
	json_t *schema = json_object_get(schemas, "aftercare.small_thing.changed.v1");
	json_t *data = json_object_get(json_object_get(schema, "properties"), "data");
	json_t *properties = json_object_get(data, "properties");

	assert_string_equal(json_string_at(schema, "$schema"), "https://json-schema.org/draft/2020-12/schema");
	assert_true(required(schema, "data"));
	assert_true(required(schema, "revision"));
	assert_false(required(schema, "changed"));
	assert_true(required(data, "version"));
	assert_true(required(data, "name"));
	assert_true(required(data, "kind"));
	assert_false(required(data, "margin"));
	assert_non_null(json_object_get(properties, "margin"));
	assert_non_null(json_object_get(properties, "shape"));
	assert_null(json_object_get(properties, "secret"));
	assert_null(json_object_get(json_object_get(properties, "version"), "readOnly"));
}

static void asyncapi_lists_every_type(void **in)
{
	json_t *all = catalogue(*in, thing_events);
	json_t *asyncapi = json_object_get(all, "asyncapi");
	json_t *channel = json_object_get(json_object_get(asyncapi, "channels"), "things");
	json_t *messages = json_object_get(json_object_get(asyncapi, "components"), "messages");
	json_t *melted = json_object_get(messages, "small_thing.melted");
	const char *name;
	json_t *one;

	assert_string_equal(json_string_at(asyncapi, "asyncapi"), "3.0.0");
	assert_string_equal(json_string_at(channel, "address"), "aftercare.things");
	assert_int_equal(json_object_size(json_object_get(channel, "messages")), 6);
	assert_string_equal(json_string_at(melted, "summary"), "It melted.");
	assert_string_equal(json_string_at(json_object_get(json_object_get(melted, "payload"), "schema"), "$ref"),
		"./small_thing.melted.v1.json");
	json_object_foreach(messages, name, one) {
		assert_non_null(json_object_get(json_object_get(all, "schemas"), json_string_at(one, "name")));
		assert_non_null(json_object_get(json_object_get(channel, "messages"), name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(types_follow_from_the_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(a_schema_holds_the_row_with_its_costs, setup, teardown),
		cmocka_unit_test_setup_teardown(asyncapi_lists_every_type, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
