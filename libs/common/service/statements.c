#include "statements.h"

#include "api_sql.h"
#include "arena.h"
#include "attachment_sql.h"
#include "job_sql.h"
#include "resource_sql.h"
#include "run.h"
#include "source_sql.h"
#include "store.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

#define STATEMENTS_MAX ((size_t)8 * 1024 * 1024)

static void statement_add(struct text *out, const struct statement *statement)
{
	text_add(out, out->length > 1 ? ",\n" : "\n");
	text_add_json(out, statement->name);
	text_add(out, ": ");
	text_add_json(out, statement->text);
}

static void list_add(struct text *out, const struct statement *const list[])
{
	for (size_t i = 0; list && list[i]; i++)
		statement_add(out, list[i]);
}

static void store_add(struct text *out, const struct store *store)
{
	if (!store->resource->read_only) {
		if (!store->resource->lock)
			statement_add(out, &store->lock);
		if (!store->resource->lock_create && store->lock_create.text)
			statement_add(out, &store->lock_create);
		if (store->references.text)
			statement_add(out, &store->references);
		if (!store->resource->create)
			statement_add(out, &store->insert);
		statement_add(out, &store->match);
		statement_add(out, &store->change);
		statement_add(out, &store->remove);
		statement_add(out, &store->record_first);
		statement_add(out, &store->record_first_many);
		if (store->act.text) {
			statement_add(out, &store->act);
			statement_add(out, &store->acted);
		}
		if (store->free_guard.text)
			statement_add(out, &store->free_guard);
		if (store->began.text)
			statement_add(out, &store->began);
	}
	if (store->record.text) {
		statement_add(out, &store->record);
		statement_add(out, &store->record_many);
	}
	if (store->tell.text)
		statement_add(out, &store->tell);
	for (int sight = 0; sight < SIGHT_COUNT; sight++) {
		statement_add(out, &store->get[sight]);
		statement_add(out, &store->guard[sight]);
	}
}

int statements_print(struct arena *arena, const struct service *service)
{
	struct text out = text_new(arena, STATEMENTS_MAX);

	text_add_char(&out, '{');
	list_add(&out, api_statements);
	list_add(&out, resource_statements);
	list_add(&out, job_statements);
	list_add(&out, attachment_statements);
	list_add(&out, source_statements);
	list_add(&out, service->statements);
	for (const struct store *store = stores_open(arena, service_resources(arena, service)); store->resource;
		store++)
		store_add(&out, store);
	text_add(&out, "\n}\n");
	fputs(text_c(&out), stdout);
	return out.full ? EXIT_FAILURE : EXIT_SUCCESS;
}
