#include "gather.h"

#include "app.h"
#include "arena.h"
#include "clock.h"
#include "gateway.h"
#include "log.h"
#include "rest.h"
#include "upstream.h"

#include <pthread.h>
#include <string.h>

/* One part on its way; what it allocates is its thread's. */
struct asking {
	const struct request *request;
	struct part *part;
	struct arena *arena;
	const struct rest_header *headers;
	const char *body;  /* of its answer; or NULL, and */
	const char *wrong; /* what is wrong with it */
	int64_t deadline;  /* monotonic ms */
	pthread_t thread;
	bool started;
};

static enum fault ask_one(struct asking *asking, struct replica *replica, int64_t left_ms, struct rest_answer *answer)
{
	const struct rest_request sent = {
		.url = arena_printf(asking->arena, "%s%s", replica_url(replica), asking->part->path),
		.headers = asking->headers,
		.plain = true, /* the services' network is the installation's own */
		.repeatable = true,
		.total_ms = (int)left_ms,
	};
	int64_t began = clock_monotonic_us();
	enum fault fault = rest_call(asking->request->app->rest, asking->arena, &sent, answer);

	if (fault)
		replica_failed(replica);
	else
		replica_well(replica, clock_monotonic_us() - began);
	return fault;
}

static void *ask(void *context)
{
	struct asking *asking = context;
	struct upstreams *upstreams = gateway_of(asking->request)->upstreams;
	struct rest_answer answer;
	enum fault fault = FAULT_UNAVAILABLE;

	for (int tries = 0; fault && tries < GATHER_TRIES; tries++) {
		int64_t now = clock_monotonic();
		struct replica *replica = upstream_pick(upstreams, asking->part->service, now);

		if (replica && now < asking->deadline)
			fault = ask_one(asking, replica, asking->deadline - now, &answer);
	}
	if (fault)
		asking->wrong = "did not answer";
	else if (answer.status != 200)
		asking->wrong = arena_printf(asking->arena, "answers %d", answer.status);
	else
		asking->body = answer.body;
	return NULL;
}

static const struct rest_header *headers_of(struct request *request)
{
	struct rest_header *headers = arena_array(request->arena, 5, sizeof(*headers));

	headers[0] = (struct rest_header){ "Authorization",
		arena_printf(request->arena, "Bearer %s", request->caller.token) };
	headers[1] = (struct rest_header){ "X-Request-ID", request->id };
	headers[2] = (struct rest_header){ "traceparent", request->traceparent };
	headers[3] = (struct rest_header){ "Accept", "application/json" };
	return headers;
}

void part_refuse(struct request *request, struct part *part, const char *what)
{
	part->answer = NULL;
	part->why = arena_printf(request->arena, "The service %s %s.", segments_service_name(part->service), what);
	log_write(LOG_WARNING, "a part of a view is missing", "request_id", request->id, "part", part->name, "why",
		part->why, NULL);
}

/* Takes over what a thread found. */
static void part_end(struct request *request, struct asking *asking)
{
	struct part *part = asking->part;
	const char *problem;

	if (asking->started)
		pthread_join(asking->thread, NULL);
	if (asking->body)
		part->answer = json_read(request->arena, asking->body, strlen(asking->body), &problem);
	if (!part->answer)
		part_refuse(request, part, asking->wrong ? asking->wrong : "answers no JSON");
	arena_free(asking->arena);
}

void gather(struct request *request, struct part *parts, size_t count)
{
	struct asking *all = arena_array(request->arena, count, sizeof(*all));
	const struct rest_header *headers = headers_of(request);
	int64_t deadline = clock_monotonic() + GATHER_MS;

	for (size_t i = 0; i < count; i++) {
		all[i] = (struct asking){ .request = request,
			.part = &parts[i],
			.arena = arena_new(),
			.headers = headers,
			.deadline = deadline };
		all[i].started = pthread_create(&all[i].thread, NULL, ask, &all[i]) == 0;
		if (!all[i].started) /* too many threads: then one after the other */
			ask(&all[i]);
	}
	for (size_t i = 0; i < count; i++)
		part_end(request, &all[i]);
}

json_t *gather_warnings(struct request *request, const struct part *parts, size_t count, const char *where)
{
	struct arena *arena = request->arena;
	json_t *warnings = NULL;

	for (size_t i = 0; i < count; i++) {
		if (parts[i].answer)
			continue;
		if (!warnings)
			warnings = json_keep(arena, json_array());
		json_array_append_new(warnings,
			json_pack("{s:s,s:s,s:s*}", "code", "part-missing", "detail", parts[i].why, "pointer",
				where ? arena_printf(arena, "%s/%s", where, parts[i].name) : NULL));
	}
	return warnings;
}
