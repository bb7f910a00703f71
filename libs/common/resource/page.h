/*
 * page: lists. Declared filters and sorts, keyset cursors, full text, trimming, NDJSON and CSV exports.
 *
 * A list is composed from constant fragments chosen by the field tables, never from the client's text, and runs
 * unnamed, so that PostgreSQL plans it for its values. The cursor holds the last row's sort key and id in full database
 * precision and a hash of the filters and sort it belongs to. There is no OFFSET: a page costs the same at any depth.
 */
#ifndef AFTERCARE_PAGE_H
#define AFTERCARE_PAGE_H

#include "query.h"
#include "store.h"

#define PAGE_DEFAULT    50
#define PAGE_MAX        500
#define PAGE_VALUES_MAX 128 /* parameters of one composed list */
#define PAGE_IN_MAX     100 /* values of one [in] */
#define PAGE_SQL_MAX    ((size_t)64 * 1024)
/* Exports are many short reads, never one long snapshot. Whoever reads slowly holds what one read brought. */
#define EXPORT_ROWS_FIRST  20
#define EXPORT_ROWS_MAX    500
#define EXPORT_CHUNK_BYTES ((size_t)128 * 1024) /* what a read should bring */
#define EXPORT_CHUNK_MAX   ((size_t)16 * 1024 * 1024)
#define EXPORT_PATIENCE_MS 20000 /* longest wait for a database that is busy or away */
#define EXPORT_AGAIN_MS    100

/* Handler of the list of a STORE route, and of LIST routes (whose `via` names the filter {id} fills). */
enum fault page_list(struct request *request);

/* Whether a list would take this query, as a text that is kept: what it would refuse is told at the pointer. */
enum fault page_query_check(
	struct request *request, const struct store *store, const struct query *query, const char *pointer);

/* Link with the address of the next page: the same query with this cursor. Left out when it were too long to be asked for. */
void page_next_link(struct request *request, const char *cursor);

#endif
