/*
 * rest_pool: libcurl handles with their kept connection, in a LIFO for each origin. Private to rest. Thread
 * safe.
 */
#ifndef AFTERCARE_REST_POOL_H
#define AFTERCARE_REST_POOL_H

#include "rest.h"

#include <curl/curl.h>

struct origin;

/* One easy handle in a multi handle of its own, which owns the connection. */
struct rest_handle {
	CURL *easy;
	CURLM *multi;
	struct rest_handle *next;
	struct origin *origin; /* where it goes back to; NULL: nowhere */
	size_t start;          /* of the bytes of the body that wait in window */
	size_t length;
	char window[REST_WINDOW];
};

/* A handle for the origin, the length first bytes of a URL; the one used last, or a new one. Never NULL. */
struct rest_handle *rest_handle_take(struct rest_client *client, const char *origin, size_t length);

/* Gives it back; `healthy`: its connection may be used again. */
void rest_handle_give(struct rest_client *client, struct rest_handle *handle, bool healthy);

#endif
