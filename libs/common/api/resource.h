/*
 * resource: what a thing of the API is: its fields, its SQL, who sees it. One constant a resource; the engine in
 * libs/common/resource composes its statements from it once, at start.
 */
#ifndef AFTERCARE_RESOURCE_H
#define AFTERCARE_RESOURCE_H

#include "field.h"
#include "request.h"
#include "statement.h"

/* The first rows of every field table, and those of master data. */
#define FIELDS_OF_EVERY_ROW                                                                                            \
	{ "id", FIELD_ID, FIXED | VIRTUAL, .help = "UUIDv7; the client may make it, for off-line work." },             \
		{ "version", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,                                         \
			.help = "Rises with each change; the ETag." },                                                 \
		{ "created_at", FIELD_TIME, READ_ONLY | NEVER_NULL | PROMISED, .help = "When it was recorded." },      \
	{                                                                                                              \
		"updated_at", FIELD_TIME, READ_ONLY | NEVER_NULL | PROMISED, .help = "When it last changed."           \
	}
#define FIELD_REVISION                                                                                                 \
	{                                                                                                              \
		"revision", FIELD_INTEGER, READ_ONLY | NEVER_NULL | PROMISED,                                          \
			.help = "Rises with any change of it or of its parts; events carry it."                        \
	}
#define FIELDS_OF_MASTER_DATA                                                                                          \
	{ "external_ref", FIELD_TEXT, FILTER | KEY, .max = 80,                                                         \
		.help = "Its key in the system it came from; unique." },                                               \
	{                                                                                                              \
		"active", FIELD_BOOLEAN, FILTER, .fallback = "true",                                                   \
						 .help = "False keeps old links and refuses new ones."                 \
	}

#define SERIES_FORM "^[A-Za-z0-9]+$" /* a series is part of a number */

/* Of a word of the tenant's own: what every row has, its code and label. */
#define FIELDS_OF_VOCABULARY(code_max, label_max)                                                                      \
	FIELDS_OF_EVERY_ROW, FIELD_REVISION,                                                                           \
		{ "code", FIELD_TEXT, REQUIRED | FIXED | FILTER, .max = (code_max),                                    \
			.help = "Unique; what others refer to." },                                                     \
	{                                                                                                              \
		"label", FIELD_TEXT, REQUIRED | FILTER, .max = (label_max), .help = "What people read."                \
	}

/* The staff reads all of it; customers and call centres nothing. */
#define SEEN_BY_STAFF .sees = { .portal = "false", .callcenter = "false" }

/* A sort that lists offer. The column is never null and leads, after the tenant, an index with the id behind it. */
struct sort {
	const char *name;
	const char *column; /* SQL over the aliases of `rows` */
	const char *type;   /* its SQL type, for the cursor */
};

/*
 * A filter that is not simply a field: SQL over the aliases of `rows`; each $ in it stands for the value. A boolean one has no
 * $: it is the condition of true, which PostgreSQL can then look for, as it can't for `true = (…)`.
 */
struct filter {
	const char *name;
	enum field_type type;
	const char *choices;
	const char *sql;    /* whole condition for equality: "exists (select … where x = $)"; or NULL */
	const char *column; /* or an expression, which then takes every operator */
	unsigned flags;     /* COST */
	const char *help;
	bool folded;        /* of a column that is folded (base.fold): so are the values */
	const char *absent; /* the condition of a list whose query does not name it; or NULL */
};

/* Free fields (free_field.h) that lists filter on as PREFIX.12=…, by the definitions and the index of their owner. */
struct free_filter {
	const char *prefix; /* "x": the resource's own, whose owner it is; "customer.x" */
	const char *owner;  /* "customer" */
	const char *id;     /* SQL over the aliases of `rows`: the owner's id */
	/* Where a row has many owners: SQL in front of a condition on `id`, closed behind it: "a.id in (select … where " */
	const char *through;
};

/* SQL conditions over the aliases of `rows`: which rows a narrowed caller sees. NULL: all; "false": none. */
struct sees {
	const char *technician;
	const char *portal;
	const char *callcenter;
};

struct machine;

#define CREATED_BY_TOUCH ""

/* A row to be: its body is checked and prepared. */
struct new_row {
	const char *id;
	json_t *body;
};

struct resource {
	const char *name;   /* "site": in events and problems */
	const char *plural; /* "sites": in summaries */
	const char *schema; /* names its schemas, where every service has one of its name; NULL: name */
	const char *table;  /* the tenant's view it is written through */
	const char *alias;  /* of that view in `rows` */
	/*
	 * select … from …, without where: the one representation. NULL: composed of the fields, each a column of the
	 * table or what its `column` says.
	 */
	const struct statement *rows;
	const struct field *fields;
	const struct filter *filters;   /* beside the fields flagged FILTER */
	const struct free_filter *free; /* ends with a NULL prefix; or NULL */
	const struct sort *sorts;       /* the first is the default; ends with a NULL name */
	bool descending;                /* the default sort shows the newest first */
	const char *search;             /* tsvector expression for q=, or NULL */
	struct sees sees;
	bool read_only;                /* its rows are made by statements of others */
	const struct machine *machine; /* its states and actions (transition.h), or NULL */

	/*
	 * The aggregate. A resource without `part_of` and `root` is one itself and has a column `revision`. A part names
	 * its root and its own field with the root's id; the rest follows, but for what is given. Events carry the root's
	 * revision: who moves a part to another root raises that to at least the old one's.
	 */
	const struct resource *part_of;
	const char *part_by;
	const char *root;                    /* SQL over the row r: name of the root, e.g. 'customer' quoted */
	const char *root_id;                 /* SQL over r: its id */
	const char *revision;                /* SQL over r: the root's revision */
	const char *audience;                /* SQL over r: jsonb {customer, technicians[]}; NULL: none */
	const struct statement *lock_create; /* locks the root, given $1 id and $2 body; raises when there is none */
	const struct statement *lock;        /* locks the root, given $1 the id of the child */
	/* Before several new rows that lock more than their roots: all of it, in one order, given $1 their bodies (base.bodies). */
	const struct statement *lock_many;

	/* Beyond the tables: checks and fills a body before it goes to PostgreSQL. id is NULL at creation. */
	enum fault (*prepare)(struct request *request, json_t *body, const char *id);
	const struct statement *const *guards;  /* before the row is written: $1 id, $2 body; end with NULL */
	const struct statement *const *parts;   /* after the row: $1 id, $2 body */
	const struct statement *const *forgets; /* before the row is removed: $1 id; end with NULL */
	const struct statement *create;         /* instead of the composed insert: $1 id, $2 body */
	bool many; /* lock_create, guards, parts and create take many rows at once: $1 their bodies (base.bodies) */
	const struct field *bulk_fields; /* what bulk lines take beside `fields`, only when they create; these win */
	/* Instead of the composed insert and its record: everything that new rows bring, by POST or as bulk lines. */
	void (*insert)(struct request *request, struct pg_batch *batch, const struct new_row rows[], size_t count);
	const char *natural_key; /* bulk: field that finds an existing row beside external_ref */
	const char *account_key; /* bulk: another unique one, by which the ERP knows it; or NULL */
	/*
	 * Where that is unique within another row only: the field with that one's id, and the column by which they compare,
	 * which is folded.
	 */
	const char *natural_within;
	const char *natural_column;
	const char *created_event; /* "created" unless given; events are NAME.created */
	/*
	 * Events of rows that its statements write beside the row itself and note by base.touch, as "stock.changed"; every
	 * write adds their change records behind its own. Ends with NULL; or NULL. A resource whose statements touch the
	 * new row itself, because what became of it decides the event, says so by `created_event` CREATED_BY_TOUCH.
	 */
	const char *const *touches;
	const char *help;
};

#endif
