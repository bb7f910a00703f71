#include "rest_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct origin {
	char *name; /* "http://localhost:7101" */
	struct rest_handle *idle;
	int count;
};

struct rest_client {
	pthread_mutex_t lock;
	struct origin origins[REST_ORIGINS_MAX];
	int count;
};

static pthread_once_t ready_once = PTHREAD_ONCE_INIT;

static _Noreturn void unusable(void)
{
	fprintf(stderr, "aftercare: libcurl can't be used\n");
	abort();
}

static void ready_make(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		unusable();
}

struct rest_client *rest_client_new(void)
{
	struct rest_client *client = calloc(1, sizeof(*client));

	pthread_once(&ready_once, ready_make);
	if (!client)
		unusable();
	pthread_mutex_init(&client->lock, NULL);
	return client;
}

/* What holds for every request of ours is set once. */
static void options_set(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)REST_KEPT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static struct rest_handle *handle_new(struct origin *origin, bool secure)
{
	struct rest_handle *handle = malloc(sizeof(*handle));

	if (!handle)
		unusable();
	handle->easy = curl_easy_init();
	handle->multi = curl_multi_init();
	if (!handle->easy || !handle->multi)
		unusable();
	handle->next = NULL;
	handle->origin = origin;
	curl_multi_setopt(handle->multi, CURLMOPT_MAXCONNECTS, 1L);
	options_set(handle->easy);
	if (!secure)
		curl_easy_setopt(handle->easy, CURLOPT_PROXY, ""); /* whatever the environment says */
	return handle;
}

static void handle_free(struct rest_handle *handle)
{
	curl_easy_cleanup(handle->easy);
	curl_multi_cleanup(handle->multi);
	free(handle);
}

void rest_client_free(struct rest_client *client)
{
	if (!client)
		return;
	for (int i = 0; i < client->count; i++) {
		struct origin *origin = &client->origins[i];

		while (origin->idle) {
			struct rest_handle *handle = origin->idle;

			origin->idle = handle->next;
			handle_free(handle);
		}
		free(origin->name);
	}
	pthread_mutex_destroy(&client->lock);
	free(client);
}

/* The origin of that name, made if there is room. With the lock held. */
static struct origin *origin_find(struct rest_client *client, const char *name, size_t length)
{
	struct origin *origin;

	for (int i = 0; i < client->count; i++) {
		origin = &client->origins[i];
		if (strncmp(origin->name, name, length) == 0 && origin->name[length] == '\0')
			return origin;
	}
	if (client->count == REST_ORIGINS_MAX)
		return NULL;
	origin = &client->origins[client->count];
	origin->name = strndup(name, length);
	if (!origin->name)
		unusable();
	client->count++;
	return origin;
}

struct rest_handle *rest_handle_take(struct rest_client *client, const char *origin, size_t length)
{
	struct rest_handle *handle = NULL;
	struct origin *found;

	pthread_mutex_lock(&client->lock);
	found = origin_find(client, origin, length);
	if (found && found->idle) {
		handle = found->idle;
		found->idle = handle->next;
		found->count--;
	}
	pthread_mutex_unlock(&client->lock);
	if (!handle)
		handle = handle_new(found, length > 5 && memcmp(origin, "https", 5) == 0);
	handle->start = handle->length = 0;
	return handle;
}

void rest_handle_give(struct rest_client *client, struct rest_handle *handle, bool healthy)
{
	struct origin *origin = healthy ? handle->origin : NULL;

	if (origin) {
		pthread_mutex_lock(&client->lock);
		if (origin->count < REST_IDLE_HANDLES) {
			handle->next = origin->idle;
			origin->idle = handle;
			origin->count++;
			handle = NULL;
		}
		pthread_mutex_unlock(&client->lock);
	}
	if (handle)
		handle_free(handle);
}
