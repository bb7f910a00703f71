/*
 * expand: children beside a row. A list below a row (/v1/customers/{id}/sites) whose route says EXPANDS is shown with
 * the row when expand= names it: its first rows as that list itself would page them, the same sight, the same hidden
 * fields, the same cursor. One statement a name, whatever the number of rows.
 */
#ifndef AFTERCARE_EXPAND_H
#define AFTERCARE_EXPAND_H

#include "store.h"
#include "text.h"

#define EXPAND_ROWS_MAX  50  /* children of one name shown beside a row; the cursor leads to the rest */
#define EXPAND_PAGE_MAX  100 /* rows of a page that are shown with children */
#define EXPAND_NAMES_MAX 8   /* lists of one resource that can be named */
#define EXPAND_IDS_MAX   ((size_t)EXPAND_PAGE_MAX * 40 + 2)

struct endpoint;
struct endpoints;

/* One list that a request wants to see beside its rows. */
struct expanded {
	const struct endpoint *list;
	size_t index; /* in the batch, then of the next row in the result */
	const PGresult *result;
};

struct expand {
	struct request *request;
	struct expanded items[EXPAND_NAMES_MAX];
	size_t count;
};

/* The parameter `expand` of the lists that can be shown beside rows of a store, as a field table; NULL: none can. */
const struct field *expand_query(struct arena *arena, const struct endpoints *endpoints, const struct store *store);

/* The lists of a name that can be shown beside rows of a store: the first at or behind `from`, or NULL. */
const struct endpoint *expand_next(
	const struct endpoints *endpoints, const struct store *store, const struct endpoint *from);

/* Reads expand= of the request about rows of its endpoint's store; unknown names are noted as faults. */
enum fault expand_read(struct request *request, struct expand *expand) __attribute__((warn_unused_result));

/* Adds the statements for the children of rows: ids is an array of PostgreSQL's, in the order in which they are shown. */
void expand_add(struct expand *expand, struct pg_batch *batch, const char *ids);

/* Takes the results of the batch that was executed. */
void expand_take(struct expand *expand, const struct pg_batch *batch);

/* Adds the children of a row to its JSON object, which ends the text. Rows come in the order of expand_add. */
void expand_write(struct expand *expand, struct text *out, const char *id);

#endif
