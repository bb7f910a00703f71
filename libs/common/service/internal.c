#include "internal.h"

#include "app.h"
#include "arena.h"
#include "metrics.h"
#include "text.h"

#include <string.h>

#define METRICS_MAX ((size_t)4 * 1024 * 1024)

static void ready(struct internal *internal, struct request *request)
{
	const char *why = NULL;

	if (atomic_load(&internal->stopping))
		why = "stopping";
	else if (!pg_pool_ready(internal->app->pool))
		why = "PostgreSQL is not reachable";
	if (why)
		response_json(request, 503,
			arena_printf(request->arena, "{\"ready\":false,\"version\":\"%s\",\"reason\":\"%s\"}",
				internal->version, why));
	else
		response_json(request, 200,
			arena_printf(request->arena, "{\"ready\":true,\"version\":\"%s\"}", internal->version));
}

void internal_stop(struct internal *internal)
{
	pthread_mutex_lock(&internal->lock);
	atomic_store(&internal->stopping, true);
	pthread_mutex_unlock(&internal->lock);
}

static void metrics(struct internal *internal, struct request *request)
{
	struct text out = text_new(request->arena, METRICS_MAX);

	pthread_mutex_lock(&internal->lock);
	if (!atomic_load(&internal->stopping))
		metrics_print(internal->app->metrics, &out);
	pthread_mutex_unlock(&internal->lock);
	if (out.length == 0) {
		problem_write(request, request_fail(request, FAULT_UNAVAILABLE, "It is about to end."));
		return;
	}
	response_json(request, 200, text_c(&out));
	request->response.content_type = "text/plain; version=0.0.4; charset=utf-8";
}

void internal_handle(void *context, struct request *request)
{
	struct internal *internal = context;

	request->app = internal->app;
	if (request->refused) {
		problem_write(request, request->refused);
	} else if (strcmp(request->path, "/healthz") == 0) {
		response_json(request, 200, "{\"alive\":true}");
	} else if (strcmp(request->path, "/readyz") == 0) {
		ready(internal, request);
	} else if (strcmp(request->path, "/metrics") == 0) {
		metrics(internal, request);
	} else {
		problem_write(
			request, request_fail(request, FAULT_NOT_FOUND, "Here are /healthz, /readyz and /metrics."));
	}
}
