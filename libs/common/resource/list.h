/* list: a list query being composed, and which filters a list takes; for page, export and openapi. */
#ifndef AFTERCARE_LIST_H
#define AFTERCARE_LIST_H

#include "page.h"
#include "query.h"
#include "text.h"

/*
 * So many rows that the filters leave are found and sorted; where there are more, so many rows are walked in the order of the
 * sort. What neither finds is looked for again with so many times more of both.
 */
#define LIST_FEW  2000
#define LIST_WALK 20000
#define LIST_MORE 20

/*
 * Conditions on words, pieces of texts and other tables: so many rows are looked at first for each that a page shows; and
 * PostgreSQL plans for so many times the few. By its costs it then goes by an index of words where it expects less than a tenth
 * of the rows.
 */
#define LIST_NEAR 60
#define LIST_HOPE 5

/* So many codes that a column has in use are looked through one by one for [contains]; more are no codes but texts. */
#define LIST_CODES 2000

/* So many terms of free fields are joined, and only in short queries: PostgreSQL tries the orders of all that is joined. */
#define LIST_JOINS        4
#define LIST_JOINED_QUERY 8 /* parameters */

/* What a request asks of a list, once understood. */
struct list {
	struct request *request;
	const struct store *store;
	const struct sort *sort;
	bool descending;
	int limit;
	struct text where; /* conditions, each beginning with " and " */
	struct text span;  /* those of them that say where in the sort rows lie, or below which row */
	bool unsure;       /* statistics tell little: of words, pieces of texts, other tables, several free fields */
	/* Those on terms of free fields, in two forms: as rows are sought by the index of terms, which are joined, each beginning
	 * with ", "; and as a row is tried that is met on the way. */
	struct text sought;
	struct text joins;
	struct text tried;
	int join_count;
	const char *own_terms; /* the first of them, "… where …", when all are the rows' own; or NULL */
	const char *values[PAGE_VALUES_MAX];
	int value_count;
	const char *key; /* of the row the page begins after, or NULL */
	const char *id;
	const char *const *only; /* names for fields=, or NULL */
	bool labels;             /* CSV names free fields by their labels, not their slots */
	const char *via;         /* of a list below a row: the filter that says so, */
	const char *below;       /* and the id of that row */
	bool beside;             /* shown beside that row: the query of the request is not its own */
	const char *hash;        /* of filters and sort: what a cursor belongs to */
	enum fault fault;        /* what kept filters from being understood, beside faults of the request; or none */
};

/* Whether a parameter says which rows a list has; the others, in which order and how they are shown. */
bool list_selects(const char *name);

/* The filters that every list has whose rows have the field; ends with a NULL name. */
const struct field *list_common_filters(void);

/* A filter row as the field its values are checked against. */
struct field list_filter_field(const struct filter *filter);

/* Whether an operator makes sense for the type of a field. */
bool list_comparison_fits(const struct field *field, enum comparison comparison);

/* Whether a parameter's operator is one of ours; a fault is noted. */
bool list_operator_known(struct list *list, const struct parameter *parameter);

/* Adds the condition of one query parameter; a fault is noted. */
void list_filter_add(struct list *list, const struct parameter *parameter);

/* Adds the conditions of filters that the query does not name. */
void list_absent_add(struct list *list);

/*
 * Adds the condition of a parameter that filters on a free field, as customer.x.12; false when it doesn't look like one of
 * those that the list takes.
 */
bool list_free_filter_add(struct list *list, const struct parameter *parameter);

/* Adds a value; returns its number for $n, or 0 when there are too many, which is noted. */
int list_value_add(struct list *list, const char *value);

/*
 * Takes values of an [in] apart; the next one, checked, or NULL at the end and after a fault, which is noted. *at moves
 * behind it, and is NULL behind the last.
 */
const char *list_in_next(
	struct list *list, const struct field *field, const struct parameter *parameter, const char **at, int *count);

/* Adds a constant fragment of SQL, with the value for every $ in it. */
void list_fragment_add(struct list *list, const char *sql, const char *type, const char *value);

/* The condition of a filter's equality with an expression of SQL. */
void list_filter_join(struct list *list, const char *name, const char *expression);

/*
 * A list before anything is asked of it: all rows that the caller sees, in the default order. `condition` is a constant
 * fragment over the aliases of the rows, or NULL.
 */
void list_begin(struct list *list, struct request *request, const struct store *store, const char *condition);

/* Only those below a row: `via` names the filter that its id fills. */
void list_below(struct list *list, const char *via, const char *id);

/* When all its conditions are there: what its cursors belong to. */
void list_end(struct list *list);

/* Understands the query of a request; every fault is noted. */
enum fault list_read(struct request *request, const struct store *store, const char *condition, struct list *list);

/* The statement for the next `rows` rows after list->key and list->id, and its values. */
struct list_query {
	struct text sql;
	const char *values[PAGE_VALUES_MAX + 2];
	int count;
};

/* How hard the rows are looked for. But with the last, a row whose key is null stands for those that were not found. */
enum effort {
	EFFORT_LITTLE,
	EFFORT_MORE,
	EFFORT_ANY,
};

struct list_query list_compose(const struct list *list, int rows, enum effort effort);

/* Composes and runs the next `rows` rows after list->key and list->id. Column 0 is the sort key, "_key". */
enum fault list_fetch(struct list *list, int rows, const PGresult **result);

/* The last row shown becomes the place where the next page begins. */
void list_advance(struct list *list, struct arena *arena, const PGresult *result, int row);

/* The cursor for that place; NULL when its key is too long. */
const char *list_cursor(const struct list *list);

/* Streams the list as NDJSON or CSV. */
enum fault export_answer(struct list *list, bool csv);

#endif
