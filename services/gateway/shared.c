#include "shared.h"

#include "accept.h"
#include "arena.h"
#include "gateway.h"
#include "gather.h"
#include "list.h"
#include "page.h"
#include "proxy.h"
#include "route.h"
#include "text.h"
#include "upstream.h"
#include "uuid.h"

#include <stdlib.h>
#include <string.h>

#define SORT_KEY "created_at" /* what these lists are sorted by */

/* A list being joined. */
struct joining {
	struct request *request;
	json_t *items;
	struct part parts[SERVICE_COUNT];
	size_t count; /* of parts */
	bool more;    /* one of them has more */
};

static enum upstream_service service_of(const char *id)
{
	for (int i = 0; i < SERVICE_COUNT; i++)
		if (uuid_of(id, segments_service_name((enum upstream_service)i)))
			return (enum upstream_service)i;
	return SERVICE_NONE;
}

/* An upload goes where its collection is. */
static enum fault create(struct request *request)
{
	const char *collection = json_string_at(request->json, "for");
	const char *path = arena_printf(request->arena, "/v1/%s", collection);
	enum upstream_service service = segments_find(path);

	if (service != SERVICE_NONE)
		return proxy_to(request, service);
	fault_add(&request->faults, "/for", "choice", "must be a collection, as in its path: customers");
	return request_fail(request, FAULT_INVALID, "The file can't be taken.");
}

/* Without fields=: the joined list needs what it is sorted by, and is trimmed in the end. */
static struct query *query_whole(struct request *request)
{
	struct query *query = arena_alloc(request->arena, sizeof(*query));

	for (size_t i = 0; i < request->query->count; i++)
		if (strcmp(request->query->items[i].name, "fields") != 0)
			query->items[query->count++] = request->query->items[i];
	return query;
}

/* NULL when it is longer than an address may be: more of it is percent-encoded than in what came. */
static const char *query_spell(struct arena *arena, const struct query *query)
{
	struct text out = text_new(arena, REQUEST_URI_MAX);

	for (size_t i = 0; i < query->count; i++)
		text_addf(&out, "%s%s=%s", i ? "&" : "", percent_encode(arena, query->items[i].spelled),
			percent_encode(arena, query->items[i].value));
	return out.full ? NULL : text_c(&out);
}

/* False when it is no list, or has rows without what the joined list is sorted by. */
static bool page_take(struct joining *joining, const json_t *page)
{
	json_t *items = json_object_get(page, "items");
	size_t index;
	json_t *item;

	if (!json_is_array(items))
		return false;
	json_array_foreach(items, index, item)
		if (!json_string_at(item, SORT_KEY) || !json_string_at(item, "id"))
			return false;
	json_array_extend(joining->items, items);
	joining->more = joining->more || json_object_get(page, "next_cursor");
	return true;
}

/* The rows of all services; one that does not answer is told of. */
static void parts_take(struct joining *joining, const char *query)
{
	struct request *request = joining->request;
	struct upstreams *upstreams = gateway_of(request)->upstreams;

	for (int i = 0; i < SERVICE_COUNT; i++)
		if (upstream_count(upstreams, (enum upstream_service)i))
			joining->parts[joining->count++] = (struct part){
				.name = segments_service_name((enum upstream_service)i),
				.service = (enum upstream_service)i,
				.path = arena_printf(request->arena, "%s?%s", request->path, query),
			};
	gather(request, joining->parts, joining->count);
	for (size_t i = 0; i < joining->count; i++)
		if (joining->parts[i].answer && !page_take(joining, joining->parts[i].answer))
			part_refuse(request, &joining->parts[i], "answers no list");
}

static int items_compare(const void *a, const void *b)
{
	json_t *const *one = a;
	json_t *const *other = b;
	int order = strcmp(json_string_at(*one, SORT_KEY), json_string_at(*other, SORT_KEY));

	return order ? order : strcmp(json_string_at(*one, "id"), json_string_at(*other, "id"));
}

/* The items in the list's order, as many as a page has. */
static json_t *items_sorted(struct joining *joining, const struct list *list)
{
	struct arena *arena = joining->request->arena;
	size_t count = json_array_size(joining->items);
	json_t **rows = arena_array(arena, count + 1, sizeof(json_t *));
	json_t *sorted = json_keep(arena, json_array());

	for (size_t i = 0; i < count; i++)
		rows[i] = json_array_get(joining->items, i);
	qsort(rows, count, sizeof(json_t *), items_compare);
	for (size_t i = 0; i < count && i < (size_t)list->limit; i++)
		json_array_append(sorted, rows[list->descending ? count - 1 - i : i]);
	joining->more = joining->more || count > (size_t)list->limit;
	return sorted;
}

static void items_trim(json_t *items, const char *const only[])
{
	size_t index;
	json_t *item;
	const char *name;
	json_t *value;
	void *next;

	json_array_foreach(items, index, item) {
		json_object_foreach_safe(item, next, name, value) {
			bool wanted = false;

			for (size_t i = 0; only[i]; i++)
				wanted = wanted || strcmp(only[i], name) == 0;
			if (!wanted)
				json_object_del(item, name);
		}
	}
}

/* Every service makes the same cursor of the same row, filters and sort, so it may be anyone's row. */
static enum fault page_write(struct joining *joining, struct list *list)
{
	struct request *request = joining->request;
	json_t *items = items_sorted(joining, list);
	const json_t *last = json_array_get(items, json_array_size(items) - 1);
	json_t *page = json_keep(request->arena, json_object());
	json_t *warnings = gather_warnings(request, joining->parts, joining->count, NULL);

	json_object_set(page, "items", items);
	if (joining->more && last) {
		list->key = json_string_at(last, SORT_KEY);
		list->id = json_string_at(last, "id");
		json_object_set_new(page, "next_cursor", json_string(list_cursor(list)));
		page_next_link(request, list_cursor(list));
	}
	if (list->only)
		items_trim(items, list->only);
	if (warnings)
		json_object_set(page, "warnings", warnings);
	response_json(request, 200, json_write(request->arena, page));
	return FAULT_NONE;
}

static enum fault list_join(struct request *request)
{
	struct request own = *request;
	struct joining joining = { .request = request, .items = json_keep(request->arena, json_array()) };
	struct list list;
	const char *query;
	const char *problem;
	enum fault fault = list_read(request, request->endpoint->store, NULL, &list);

	if (fault)
		return fault;
	if (!accept_type(request->header(request, "Accept"), "application/json"))
		return request_fail(request, FAULT_NOT_ACCEPTABLE, "This list, of all services, comes as JSON.");
	own.query = query_whole(request);
	query = query_spell(request->arena, own.query);
	if (!query)
		return request_fail(request, FAULT_URI_TOO_LONG, "The query is too long.");
	fault = own.endpoint->route.handle(&own);
	if (fault)
		return fault;
	if (!page_take(&joining, json_read(request->arena, own.response.body, strlen(own.response.body), &problem)))
		return FAULT_INTERNAL;
	parts_take(&joining, query);
	return page_write(&joining, &list);
}

enum fault shared_answer(struct request *request)
{
	enum upstream_service service = request->parameters[0] ? service_of(request->parameters[0]) : SERVICE_NONE;

	if (service != SERVICE_NONE)
		return proxy_to(request, service);
	if (request->parameters[0])
		return request_fail(request, FAULT_NOT_FOUND, "There is no such %s.",
			text_words(request->arena, request->endpoint->route.resource->name));
	return request->method == METHOD_POST ? create(request) : list_join(request);
}
