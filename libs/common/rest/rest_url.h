/*
 * rest_url: the few things to know of a URL before libcurl gets it. Private to rest.
 */
#ifndef AFTERCARE_REST_URL_H
#define AFTERCARE_REST_URL_H

#include <stdbool.h>
#include <stddef.h>

struct rest_url {
	bool secure;          /* https */
	bool loopback;        /* its host is this machine: localhost, 127.0.0.0/8 or ::1 by their spelling */
	size_t origin_length; /* bytes of scheme, host and port: the start of the URL */
};

/*
 * Reads an absolute http:// or https:// URL (RFC 3986) of at most REST_URL_MAX bytes: no user name, no
 * fragment, nothing but visible ASCII, so that libcurl's reading can't differ. False when it isn't one.
 */
bool rest_url_read(const char *text, struct rest_url *url) __attribute__((warn_unused_result));

#endif
