/*
 * rest_lines: header lines, to libcurl's list and from its callback. Private to rest.
 */
#ifndef AFTERCARE_REST_LINES_H
#define AFTERCARE_REST_LINES_H

#include "rest.h"

#include <curl/curl.h>

/*
 * The request's headers as libcurl wants them, in the arena; with those taken out that it would add by itself.
 * FAULT_BAD_HEADER: a name that is no token (RFC 9110 section 5.6.2), a value with control characters, or a header of
 * the connection (RFC 9110 section 7.6.1), which is libcurl's business.
 */
enum fault rest_lines_make(struct arena *arena, const struct rest_header *headers, struct curl_slist **list)
	__attribute__((warn_unused_result));

/* Reads "Name: value\r\n" into *header, with strings in the arena; false when it isn't one. */
bool rest_line_read(struct arena *arena, const char *line, size_t length, struct rest_header *header)
	__attribute__((warn_unused_result));

#endif
