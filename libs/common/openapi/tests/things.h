/* things: a made-up resource with a field of every type, for the tests of openapi. */
#ifndef AFTERCARE_THINGS_H
#define AFTERCARE_THINGS_H

#include "endpoints.h"
#include "events.h"
#include "transition.h"

static const struct statement thing_rows = { .name = "thing_rows", .text = "select t.id from thing t" };

static const struct field part_fields[] = {
	{ "label", FIELD_TEXT, REQUIRED, .max = 10 },
	{ "made", FIELD_TEXT, READ_ONLY },
	{ "amount", FIELD_DECIMAL, 0, .digits = 6, .decimals = 2, .fallback = "\"0\"" },
	{ 0 },
};

static const struct field thing_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ "revision", FIELD_INTEGER, READ_ONLY },
	{ "owner_id", FIELD_ID, REQUIRED | FIXED | FILTER, .help = "Whose thing it is." },
	{ "name", FIELD_TEXT, REQUIRED | FILTER, .min = 2, .max = 12, .example = "\"Cutter\"" },
	{ "remark", FIELD_TEXT, EMPTY, .max = 5 },
	{ "grade", FIELD_TEXT, NEVER_NULL, .max = 5 },
	{ "kind", FIELD_CHOICE, FILTER, .choices = "red green", .fallback = "\"red\"" },
	{ "colour", FIELD_CHOICE, 0, .choices = "dark light" },
	{ "count", FIELD_INTEGER, FILTER, .min = -3, .max = 99 },
	{ "price", FIELD_DECIMAL, 0, .digits = 7, .decimals = 2, .negative = true },
	{ "share", FIELD_DECIMAL, 0, .digits = 4, .decimals = 3 },
	{ "whole", FIELD_DECIMAL, 0, .digits = 3 },
	{ "ready", FIELD_BOOLEAN, 0 },
	{ "day", FIELD_DATE, FILTER },
	{ "at", FIELD_TIME, FILTER, .help = "When it is." },
	{ "zone", FIELD_TIME_ZONE },
	{ "email", FIELD_EMAIL },
	{ "country", FIELD_COUNTRY },
	{ "language", FIELD_LANGUAGE },
	{ "box", FIELD_OBJECT, 0, .fields = part_fields },
	{ "parts", FIELD_LIST, 0, .max = 2, .fields = part_fields },
	{ "words", FIELD_TEXTS, 0, .max = 4 },
	{ "colours", FIELD_TEXTS, 0, .choices = "red green" },
	{ "others", FIELD_IDS },
	{ "rates", FIELD_DECIMALS, 0, .digits = 5, .decimals = 2 },
	{ "margin", FIELD_DECIMAL, COST | FILTER, .decimals = 4 },
	{ "secret", FIELD_TEXT, WRITE_ONLY, .max = 20 },
	{ "shape", FIELD_JSON, READ_ONLY },
	{ 0 },
};

static const struct filter thing_filters[] = {
	{ "tag", FIELD_TEXT, .sql = "t.tags @> array[$]", .help = "Carries it." },
	{ 0 },
};

static const struct sort thing_sorts[] = {
	{ "at", "t.at", "timestamptz" },
	{ "name", "t.name", "text" },
	{ 0 },
};

static const struct field stop_fields[] = {
	{ "reason", FIELD_TEXT, REQUIRED, .max = 100 },
	{ 0 },
};

static const struct transition thing_transitions[] = {
	{ .action = "switch-off",
		.from = "on idle",
		.to = "off",
		.who = SCOPE_CALLS_WORK,
		.needs = stop_fields,
		.event = "small_thing.switched_off",
		.summary = "Switch off" },
	{ 0 },
};

static const struct machine thing_machine = {
	.table = thing_transitions, .states = "on idle off", .state = "t.state", .unlogged = true
};

static const struct resource thing = {
	.name = "small_thing",
	.plural = "small_things",
	.table = "thing",
	.alias = "t",
	.rows = &thing_rows,
	.fields = thing_fields,
	.filters = thing_filters,
	.sorts = thing_sorts,
	.descending = true,
	.search = "t.search",
	.machine = &thing_machine,
	.created_event = "received",
	.help = "A thing.",
};

/* Only listed, never written by the API. */
static const struct field trace_fields[] = {
	FIELDS_OF_EVERY_ROW,
	{ 0 },
};

static const struct resource trace = {
	.name = "trace",
	.plural = "traces",
	.table = "trace",
	.alias = "t",
	.rows = &thing_rows,
	.fields = trace_fields,
	.sorts = thing_sorts,
};

static enum fault answered(struct request *request)
{
	response_empty(request);
	return FAULT_NONE;
}

static const struct field login_fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "password", FIELD_TEXT, REQUIRED | WRITE_ONLY, .max = 100 },
	{ 0 },
};

static const struct field session_fields[] = {
	{ "token", FIELD_TEXT, REQUIRED },
	{ "note", FIELD_TEXT },
	{ 0 },
};

static const struct route thing_routes[] = {
	{ STORE, .path = "/v1/small-things", .resource = &thing, .read = SCOPE_CALLS_READ, .write = SCOPE_CALLS_WRITE },
	{ LIST, .path = "/v1/owners/{id}/small-things", .resource = &thing, .read = SCOPE_CALLS_READ, .via = "owner_id",
		.summary = "List the small things of an owner" },
	{ LIST, .path = "/v1/small-things/{id}/traces", .resource = &trace, .read = SCOPE_CALLS_READ, .via = "id",
		.summary = "List the traces of a small thing" },
	{ ACTIONS, .path = "/v1/small-things/{id}/actions/", .resource = &thing, .handle = answered },
	{ .path = "/v1/sessions",
		.method = METHOD_POST,
		.handle = answered,
		.flags = PUBLIC | FORM_BODY,
		.body = login_fields,
		.answer = session_fields,
		.status = 201,
		.summary = "Log in" },
	{ .path = "/about", .handle = answered, .flags = PUBLIC, .summary = "About" },
	{ 0 },
};

static const struct event thing_events[] = {
	{ "small_thing.melted", &thing, "It melted." },
	{ 0 },
};

static const struct route *const thing_tables[] = { thing_routes, NULL };
static const struct resource *const thing_resources[] = { &thing, &trace, NULL };

/* The source of the made-up service; its endpoints live in the arena. */
static inline struct openapi_source thing_source(struct arena *arena, struct endpoints *endpoints)
{
	*endpoints = endpoints_open(arena, thing_tables, stores_open(arena, thing_resources));
	return (struct openapi_source){ .service = "things",
		.title = "Things",
		.version = "1.2.3",
		.help = "About things.",
		.endpoints = endpoints,
		.resources = thing_resources };
}

#endif
