#include "description.h"
#include "fixture.h"
#include "json.h"

static json_t *read(struct fixture *fixture, const char *text)
{
	const char *problem = NULL;
	json_t *value = json_read(fixture->arena, text, strlen(text), &problem);

	assert_non_null(value);
	return value;
}

static void assert_merged(struct fixture *fixture, const char *all, const char *more, const char *expected)
{
	json_t *merged = read(fixture, all);

	description_merge(merged, read(fixture, more));
	assert_true(json_equal(merged, read(fixture, expected)));
}

static void paths_of_both_stand_side_by_side(void **state)
{
	assert_merged(*state, "{\"paths\": {\"/v1/me\": {}}}", "{\"paths\": {\"/v1/calls\": {\"get\": {}}}}",
		"{\"paths\": {\"/v1/me\": {}, \"/v1/calls\": {\"get\": {}}}}");
}

/* A service can't take the gateway's own paths, such as /openapi.json, which every service has. */
static void what_is_there_already_stays(void **state)
{
	assert_merged(*state, "{\"paths\": {\"/openapi.json\": {\"get\": {\"summary\": \"ours\"}}}}",
		"{\"paths\": {\"/openapi.json\": {\"get\": {\"summary\": \"theirs\"}, \"put\": {}}}}",
		"{\"paths\": {\"/openapi.json\": {\"get\": {\"summary\": \"ours\"}}}}");
}

static void components_are_joined_kind_by_kind(void **state)
{
	assert_merged(*state, "{\"components\": {\"schemas\": {\"A\": {\"type\": \"string\"}}}}",
		"{\"components\": {\"schemas\": {\"A\": {\"type\": \"null\"}, \"B\": {}}, \"headers\": {\"H\": {}}}}",
		"{\"components\": {\"schemas\": {\"A\": {\"type\": \"string\"}, \"B\": {}}, \"headers\": {\"H\": {}}}}");
}

static void each_tag_is_told_once_and_in_order(void **state)
{
	assert_merged(*state, "{\"tags\": [{\"name\": \"me\"}, {\"name\": \"services\", \"description\": \"ours\"}]}",
		"{\"tags\": [{\"name\": \"services\"}, {\"name\": \"calls\"}, {\"name\": \"sites\"}]}",
		"{\"tags\": [{\"name\": \"me\"}, {\"name\": \"services\", \"description\": \"ours\"}, {\"name\": \"calls\"}, "
		"{\"name\": \"sites\"}]}");
}

static void the_rest_is_the_gateways(void **state)
{
	assert_merged(*state, "{\"info\": {\"title\": \"Aftercare\"}, \"paths\": {}}",
		"{\"info\": {\"title\": \"Calls\"}, \"servers\": [], \"x\": 1}",
		"{\"info\": {\"title\": \"Aftercare\"}, \"paths\": {}}");
}

/* A service may answer anything while it is being replaced by another version. */
static void nonsense_changes_nothing(void **state)
{
	static const char *const documents[] = { "{}", "[]", "\"text\"",
		"{\"paths\": [], \"components\": 7, \"tags\": {}}", "{\"components\": {\"schemas\": []}}",
		"{\"tags\": [1, {}, {\"name\": null}]}" };
	const char *all = "{\"paths\": {\"/v1/me\": {}}, \"components\": {\"schemas\": {\"A\": {}}}, "
			  "\"tags\": [{\"name\": \"me\"}]}";

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		assert_merged(*state, all, documents[i], all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paths_of_both_stand_side_by_side),
		TEST(what_is_there_already_stays),
		TEST(components_are_joined_kind_by_kind),
		TEST(each_tag_is_told_once_and_in_order),
		TEST(the_rest_is_the_gateways),
		TEST(nonsense_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
