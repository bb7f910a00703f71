/*
 * upsert: lines written as rows: those of a bulk request and those of an import. A line that names an existing row (by id,
 * external_ref or the resource's natural key) changes it; one that changes nothing is `unchanged`, so that sending it again
 * is harmless. Good lines land, bad ones are told with their faults.
 *
 * Lines are written many in one transaction, the new rows together (store_add_rows): as many as leave others a chance to
 * get at the same roots and numbers. When it fails its halves run again, down to the one bad line.
 */
#ifndef AFTERCARE_UPSERT_H
#define AFTERCARE_UPSERT_H

#include "request.h"

#define UPSERT_LINES_MAX  2000 /* of one upsert_run */
#define UPSERT_CHUNK      100  /* lines of one transaction, at least */
#define UPSERT_CHUNK_MANY 1000 /* at most; always, where new rows lock no root and touch no others */
#define UPSERT_CHUNK_MS   300  /* that a transaction may hold its locks: others wait 800 ms for them (lock_timeout) */
#define UPSERT_BUSY_MS    5000 /* for so long halves seek the lines that locks hold up; then what is left has failed */

enum upsert_outcome { LINE_FAILED, LINE_CREATED, LINE_CHANGED, LINE_UNCHANGED };

/* One line on its way. */
struct upsert_line {
	size_t number; /* from 1, as an editor counts */
	json_t *body;  /* NULL: it could not be read */
	const char *id;
	const char *existing; /* id of the row it names, or NULL */
	const char *root;     /* id of that row's root, "" for none; given with `existing` */
	enum upsert_outcome outcome;
	enum fault fault;
	const char *detail;
	const struct fault_list *faults; /* or NULL */
};

struct upsert {
	struct request *request;
	const struct store *store;
	const struct field *fields;     /* of lines, with the tenant's free fields */
	const struct free_fields *free; /* their definitions, or NULL */
	struct upsert_line *lines;
	size_t count;
	size_t room;        /* for lines */
	int64_t busy_until; /* UPSERT_BUSY_MS from the start, monotonic ms */
	size_t chunk; /* lines of the next transaction that holds locks, by what one took in the last; 0: not known yet */
	/*
	 * Adds what goes with lines from..to to their transaction, also when none of them is written; or NULL. The outcomes of
	 * the lines are those they have when it commits.
	 */
	void (*along)(void *context, struct pg_batch *batch, size_t from, size_t to);
	void *context;
};

/* Gives a line the fault that its request has now, and takes it from the request. */
void upsert_line_fail(struct request *request, struct upsert_line *line, enum fault fault);

/* Makes room for lines and reads what they may say; `request` and `store` are given. */
enum fault upsert_open(struct upsert *upsert, size_t room) __attribute__((warn_unused_result));

/* The field that a column of CSV stands for: the label of a free field is that field. A csv_name. */
const char *upsert_column(void *upsert, const char *column);

/* Adds a line; false: there is no room. A body of NULL: it could not be read, as the request's fault says. */
bool upsert_add(struct upsert *upsert, size_t number, json_t *body);

/*
 * The two halves of upsert_run, for one line that is written with more than rows: looks it up and checks it, without writing;
 * then adds what writes it to a batch. A fault: it could not be looked up; what is wrong with the line is its own.
 */
enum fault upsert_look(struct upsert *upsert) __attribute__((warn_unused_result));
void upsert_add_writes(struct upsert *upsert, struct pg_batch *batch);

/*
 * Writes the lines; each gets its outcome. A fault: the lines could not be looked up; or, with `along`, the database is
 * away or busy, or `along` refused: lines behind the last transaction were not written.
 */
enum fault upsert_run(struct upsert *upsert) __attribute__((warn_unused_result));

#endif
