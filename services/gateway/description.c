#include "description.h"

#include "app.h"
#include "arena.h"
#include "clock.h"
#include "etag.h"
#include "gateway.h"
#include "log.h"
#include "rest.h"
#include "secret.h"
#include "text.h"
#include "upstream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES ((size_t)64 * 1024)
#define ETAG_DIGITS 16

/* In the place of what the gateway says of itself alone. */
#define MERGED_TITLE "Aftercare"
#define MERGED_HELP                                                                                                      \
	"The backend of technical assistance after the sale. Front-ends use this API; ERPs follow its events in Kafka. " \
	"One address, one login, one description of all services: each path belongs to one of them."

struct description {
	pthread_mutex_t lock;       /* of what is served */
	pthread_mutex_t refreshing; /* one thread fetches; the others serve what there is */
	struct arena *arena;        /* of the merged document; NULL before the first */
	const char *merged;
	const char *etag;
	int64_t looked;                      /* monotonic ms */
	struct arena *arenas[SERVICE_COUNT]; /* of each service's document as it last was */
	const char *documents[SERVICE_COUNT];
};

struct description *description_new(void)
{
	struct description *description = calloc(1, sizeof(*description));

	if (!description)
		abort();
	pthread_mutex_init(&description->lock, NULL);
	pthread_mutex_init(&description->refreshing, NULL);
	return description;
}

void description_free(struct description *description)
{
	if (!description)
		return;
	arena_free(description->arena);
	for (int i = 0; i < SERVICE_COUNT; i++)
		arena_free(description->arenas[i]);
	pthread_mutex_destroy(&description->lock);
	pthread_mutex_destroy(&description->refreshing);
	free(description);
}

/* The body of GET url, or NULL. */
static const char *fetch(struct app *app, struct arena *arena, const char *url)
{
	const struct rest_request request = { .url = url,
		.plain = true,
		.repeatable = true,
		.answer_ms = DESCRIPTION_FETCH_MS,
		.total_ms = DESCRIPTION_FETCH_MS };
	struct text body = text_new(arena, DESCRIPTION_MAX);
	char *piece = arena_alloc(arena, PIECE_BYTES);
	struct rest_exchange *exchange;
	size_t length = 1;
	enum fault fault = rest_begin(app->rest, arena, &request, &exchange, NULL);

	if (fault || rest_status(exchange) != 200)
		return NULL;
	while (!fault && length && !body.full) {
		fault = rest_read(exchange, piece, PIECE_BYTES, &length);
		if (!fault)
			text_add_bytes(&body, piece, length);
	}
	rest_end(exchange);
	return fault || body.full ? NULL : text_c(&body);
}

/* Fetches a service's document; true when it is another than before. */
static bool service_refresh(struct app *app, struct description *description, enum upstream_service service)
{
	struct upstreams *upstreams = ((struct gateway *)app->own)->upstreams;
	struct replica *replica = upstream_pick(upstreams, service, clock_monotonic());
	struct arena *arena;
	const char *document;

	if (!replica)
		return false;
	arena = arena_new();
	document = fetch(app, arena, arena_printf(arena, "%s/openapi.json", replica_url(replica)));
	if (!document || (description->documents[service] && strcmp(document, description->documents[service]) == 0)) {
		arena_free(arena);
		return false;
	}
	arena_free(description->arenas[service]);
	description->arenas[service] = arena;
	description->documents[service] = document;
	return true;
}

static void object_add(json_t *all, const json_t *more, const char *name)
{
	json_t *into = json_object_get(all, name);

	if (json_is_object(json_object_get(more, name)))
		json_object_update_missing(into, json_object_get(more, name));
}

void description_merge(json_t *all, const json_t *more)
{
	json_t *components = json_object_get(all, "components");
	json_t *tags = json_object_get(all, "tags");
	const char *kind;
	json_t *value;
	size_t index;

	object_add(all, more, "paths");
	json_object_foreach(json_object_get(more, "components"), kind, value) {
		if (!json_object_get(components, kind))
			json_object_set_new(components, kind, json_object());
		json_object_update_missing(json_object_get(components, kind), value);
	}
	json_array_foreach(json_object_get(more, "tags"), index, value) {
		bool known = !json_string_at(value, "name");
		size_t i;
		json_t *tag;

		json_array_foreach(tags, i, tag)
			known = known || text_same(json_string_at(tag, "name"), json_string_at(value, "name"));
		if (!known)
			json_array_append(tags, value);
	}
}

/* The first paragraph is the gateway's; what follows holds for all. */
static void introduce(struct arena *arena, json_t *info)
{
	const char *rest = strstr(json_string_at(info, "description"), "\n\n");

	json_object_set_new(info, "title", json_string(MERGED_TITLE));
	json_object_set_new(
		info, "description", json_string(arena_printf(arena, "%s%s", MERGED_HELP, rest ? rest : "")));
}

/* Makes the merged document anew and puts it in the old one's place. */
static void merged_make(struct app *app, struct description *description)
{
	struct arena *arena = arena_new();
	struct arena *work = arena_new();
	const char *problem;
	json_t *all = json_read(work, app->openapi, strlen(app->openapi), &problem);
	struct arena *old;
	const char *merged;

	introduce(work, json_object_get(all, "info"));
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const char *document = description->documents[i];
		json_t *more = document ? json_read(work, document, strlen(document), &problem) : NULL;

		if (document && !more)
			log_write(LOG_WARNING, "a service's description is not JSON", "service",
				segments_service_name((enum upstream_service)i), "problem", problem, NULL);
		if (more)
			description_merge(all, more);
	}
	merged = json_write(arena, all);
	arena_free(work);
	pthread_mutex_lock(&description->lock);
	old = description->arena;
	description->arena = arena;
	description->merged = merged;
	description->etag = arena_printf(arena, "\"%.*s\"", ETAG_DIGITS, secret_sha256_hex(arena, merged));
	pthread_mutex_unlock(&description->lock);
	arena_free(old);
}

static void refresh(struct app *app, struct description *description)
{
	struct gateway *gateway = app->own;
	bool changed = description->merged == NULL;

	if (description->merged && clock_monotonic() - description->looked < DESCRIPTION_FRESH_MS)
		return;
	for (int i = 0; i < SERVICE_COUNT; i++)
		if (upstream_count(gateway->upstreams, (enum upstream_service)i) &&
			service_refresh(app, description, (enum upstream_service)i))
			changed = true;
	if (changed)
		merged_make(app, description);
	description->looked = clock_monotonic();
}

enum fault description_get(struct request *request)
{
	struct description *description = gateway_of(request)->description;
	const char *merged;
	const char *etag = NULL;

	if (pthread_mutex_trylock(&description->refreshing) == 0) {
		refresh(request->app, description);
		pthread_mutex_unlock(&description->refreshing);
	}
	pthread_mutex_lock(&description->lock);
	merged = arena_strdup(request->arena, description->merged);
	if (merged)
		etag = arena_strdup(request->arena, description->etag);
	pthread_mutex_unlock(&description->lock);
	if (!merged)
		return request_fail(request, FAULT_UNAVAILABLE, "The description is being made.");
	response_header(request, "ETag", etag);
	response_header(request, "Cache-Control", "no-cache");
	response_json(request, 200, merged);
	if (request->if_none_match && etags_name(request->if_none_match, etag)) {
		request->response.status = 304;
		request->response.length = 0;
	}
	return FAULT_NONE;
}
