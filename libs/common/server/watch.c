#include "watch.h"

#include "clock.h"
#include "server.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct watched {
	struct watched *next;
	struct watched **link;
	int socket;
	enum watched_state state;
	int64_t since; /* monotonic ms */
};

struct watch {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	pthread_t thread;
	struct watched *first;
	int64_t reading_ms; /* limits */
	int64_t idle_ms;
	int connections;
	int requests;
	bool stopping;
};

/* A connection that lets its time pass is shut down; its own thread then sees the end and closes it. */
static void slow_cut(struct watch *watch)
{
	int64_t now = clock_monotonic();

	for (struct watched *watched = watch->first; watched; watched = watched->next) {
		int64_t limit = watched->state == WATCHED_READING ? watch->reading_ms : watch->idle_ms;

		if (watched->state != WATCHED_HANDLING && now - watched->since > limit)
			shutdown(watched->socket, SHUT_RDWR);
	}
}

static void *watch_run(void *context)
{
	struct watch *watch = context;

	pthread_mutex_lock(&watch->lock);
	while (!watch->stopping) {
		struct timespec until = clock_after(SERVER_WATCH_MS);

		pthread_cond_clockwait(&watch->stop, &watch->lock, CLOCK_MONOTONIC, &until);
		slow_cut(watch);
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

struct watch *watch_start(int request_seconds, int idle_seconds)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		abort();
	watch->reading_ms = (int64_t)request_seconds * 1000;
	/* libmicrohttpd ends idle connections itself; this is for when it fails to. */
	watch->idle_ms = (int64_t)(request_seconds + idle_seconds) * 1000;
	pthread_mutex_init(&watch->lock, NULL);
	pthread_cond_init(&watch->stop, NULL);
	if (pthread_create(&watch->thread, NULL, watch_run, watch) != 0)
		abort();
	return watch;
}

void watch_stop(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->stopping = true;
	pthread_cond_signal(&watch->stop);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	while (watch->first) {
		struct watched *gone = watch->first;

		watch->first = gone->next;
		free(gone);
	}
	pthread_cond_destroy(&watch->stop);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

struct watched *watch_add(struct watch *watch, int socket)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	if (!watched)
		abort();
	watched->socket = socket;
	watched->since = clock_monotonic();
	pthread_mutex_lock(&watch->lock);
	watched->next = watch->first;
	watched->link = &watch->first;
	if (watch->first)
		watch->first->link = &watched->next;
	watch->first = watched;
	watch->connections++;
	pthread_mutex_unlock(&watch->lock);
	return watched;
}

void watch_remove(struct watch *watch, struct watched *watched)
{
	pthread_mutex_lock(&watch->lock);
	*watched->link = watched->next;
	if (watched->next)
		watched->next->link = watched->link;
	watch->connections--;
	watch->requests -= watched->state != WATCHED_IDLE;
	pthread_mutex_unlock(&watch->lock);
	free(watched);
}

void watch_mark(struct watch *watch, struct watched *watched, enum watched_state state)
{
	pthread_mutex_lock(&watch->lock);
	watch->requests += (state != WATCHED_IDLE) - (watched->state != WATCHED_IDLE);
	watched->state = state;
	watched->since = clock_monotonic();
	pthread_mutex_unlock(&watch->lock);
}

void watch_load(struct watch *watch, int *connections, int *requests)
{
	pthread_mutex_lock(&watch->lock);
	*connections = watch->connections;
	*requests = watch->requests;
	pthread_mutex_unlock(&watch->lock);
}
