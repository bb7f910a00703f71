#include "feed.h"

#include "act.h"
#include "api_sql.h"
#include "app.h"
#include "arena.h"
#include "feed_sql.h"
#include "store.h"
#include "text.h"
#include "transition.h"
#include "upsert.h"
#include "uuid.h"

#include <string.h>

#define FAULTS_TEXT_MAX ((size_t)8 * 1024)

/* What look leaves for apply: one row, or one action. */
struct looked {
	struct request request;
	const struct store *store;
	struct upsert upsert;
	const char *body; /* of an action */
};

/* The row of a machine's table that an action is. */
static const struct transition *transition_of(const struct feed *feed)
{
	const struct transition *row = feed->resource->machine->table;

	while (!text_same(row->action, feed->action))
		row++;
	return row;
}

const struct field *feed_fields(const struct feed *feed, const struct field *lines)
{
	return feed->action ? transition_of(feed)->needs : lines;
}

/* The faults of a request as one text: "/uom: must not be empty (length); …". */
static const char *faults_say(struct request *request, enum fault fault)
{
	const struct fault_list *faults = &request->faults;
	struct text out = text_new(request->arena, FAULTS_TEXT_MAX);

	for (size_t i = 0; i < faults->count && i < FAULT_LIST_MAX; i++) {
		const struct fault_detail *item = &faults->items[i];

		text_addf(&out, "%s%s: %s (%s)", i ? "; " : "", item->pointer ? item->pointer : "/", item->detail,
			item->code);
	}
	if (out.length == 0)
		text_add(&out, request->detail ? request->detail : fault_kind(fault)->title);
	return text_c(&out);
}

/* The ERP as a caller: an integration of the tenant whose topic it is. */
static void caller_open(struct request *request, const struct inbox_event *event)
{
	struct app *app = event->context;

	request_open(request, app, event->arena);
	request->caller = (struct caller){
		.subject = event->source,
		.name = "ERP",
		.tenant = event->tenant,
		.roles = ROLE_BIT(ROLE_INTEGRATION),
		.scopes = role_scopes(ROLE_BIT(ROLE_INTEGRATION)),
	};
	request->id = event->id;
	request->traceparent = event->trace;
}

/* A tenant whose copy is not here can't be told from a database that is away, but by asking that. */
static enum fault tenant_look(struct request *request)
{
	struct app *app = request->app;
	struct pg_batch *batch;
	enum fault fault = app->tenant_find(app, request->caller.tenant, &request->tenant);

	if (!fault && request->tenant.active)
		return FAULT_NONE;
	batch = request_batch(request);
	pg_add(batch, &sql_feed_tenant, 0, NULL);
	return request_execute(request, batch);
}

/* What becomes external_ref is the subject, whether data says it again or not. */
static void key_take(struct request *request, const char *subject, json_t *body)
{
	const char *given = json_string_at(body, "external_ref");

	if (given && strcmp(given, subject) != 0)
		fault_add(&request->faults, "/external_ref", "subject", "is not what ce_subject says");
	json_object_set_new(body, "external_ref", json_string(subject));
}

/* Whether all that is wrong is that something is not known here, which may be on its way. */
static bool refers(const struct fault_list *faults)
{
	for (size_t i = 0; i < faults->count && i < FAULT_LIST_MAX; i++)
		if (strcmp(faults->items[i].code, "reference") != 0)
			return false;
	return faults->count > 0;
}

static enum fault row_look(struct looked *looked, const struct inbox_event *event, json_t *body)
{
	struct upsert *upsert = &looked->upsert;
	struct request *request = &looked->request;
	const struct upsert_line *line;
	enum fault fault;

	*upsert = (struct upsert){ .request = request, .store = looked->store };
	key_take(request, event->subject, body);
	fault = upsert_open(upsert, 1);
	if (!fault)
		upsert_add(upsert, 1, body);
	if (!fault)
		fault = upsert_look(upsert);
	if (fault)
		return fault;
	line = &upsert->lines[0];
	if (line->outcome != LINE_FAILED)
		return FAULT_NONE;
	request->detail = line->detail;
	if (line->faults)
		request->faults = *line->faults;
	return refers(&request->faults) ? FAULT_UNKNOWN_REFERENCE : line->fault;
}

static enum fault action_look(
	struct looked *looked, const struct feed *feed, const struct inbox_event *event, json_t *body)
{
	struct request *request = &looked->request;
	enum fault fault = field_check(transition_of(feed)->needs, body, FIELD_CREATE, &request->faults);

	if (!uuid_valid(event->subject))
		return request_fail(request, FAULT_INVALID, "ce_subject is not the id of a %s.",
			text_words(request->arena, feed->resource->name));
	looked->body = json_write(request->arena, body);
	return fault || request->faults.count == 0 ? fault : FAULT_INVALID;
}

static enum fault look(struct inbox_event *event, const char **problem)
{
	const struct feed *feed = event->own;
	struct looked *looked = arena_alloc(event->arena, sizeof(*looked));
	json_t *body = json_keep(event->arena, json_deep_copy(event->data)); /* it is cut to what changes */
	enum fault fault;

	caller_open(&looked->request, event);
	looked->store = store_find(event->context, feed->resource);
	fault = tenant_look(&looked->request);
	if (!fault)
		fault = feed->action ? action_look(looked, feed, event, body) : row_look(looked, event, body);
	if (fault)
		*problem = faults_say(&looked->request, fault);
	event->looked = looked;
	return fault;
}

static enum fault apply(const struct inbox_event *event, struct pg_batch *batch, const char **problem)
{
	const struct feed *feed = event->own;
	struct looked *looked = event->looked;
	struct request *request = &looked->request;
	const struct store *store = looked->store;

	(void)problem;
	if (!feed->action && looked->upsert.lines[0].outcome == LINE_UNCHANGED)
		return FAULT_NONE;
	pg_add(batch, &sql_act_as_tenant, PG_VALUES(request->app->service, event->source));
	request_add_caller(request, batch);
	if (feed->action) {
		pg_add(batch, &store->guard[SIGHT_ALL], PG_VALUES(event->subject));
		pg_add(batch, &store->lock, PG_VALUES(event->subject));
		act_add(request->arena, batch, store, event->subject, feed->action, looked->body);
	} else {
		upsert_add_writes(&looked->upsert, batch);
	}
	pg_add(batch, &sql_feed_end, 0, NULL);
	pg_add(batch, &sql_act_as_worker, PG_VALUES(request->app->service));
	return FAULT_NONE;
}

static const char *explain(const struct inbox_event *event, enum fault fault, const struct pg_error *error)
{
	struct looked *looked = event->looked;

	return faults_say(&looked->request, request_database_fault(&looked->request, fault, error));
}

const struct inbox_handler *feed_handlers(struct arena *arena, const struct feed *feeds)
{
	struct inbox_handler *handlers;
	size_t count = 0;

	while (feeds && feeds[count].name)
		count++;
	handlers = arena_array(arena, count + 1, sizeof(*handlers));
	for (size_t i = 0; i < count; i++)
		handlers[i] = (struct inbox_handler){
			.topic = FEED_TOPIC,
			.type = arena_printf(arena, FEED_TYPE "%s.v1", feeds[i].name),
			.look = look,
			.apply = apply,
			.explain = explain,
			.own = &feeds[i],
		};
	return handlers;
}
