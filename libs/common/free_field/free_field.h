/*
 * free_field: fields that a tenant adds to what a service owns, its customers or assets.
 *
 * An owner, as "customer", has up to 99 slots. What is in them the tenant says by definitions: rows of the resource
 * customer_free_field, which the platform serves at /v1/customer-free-fields for every resource with free fields of its
 * own. Values are the object x of the owner's row, {"12": "Milano"}. The database keeps their index by triggers and
 * guards the definitions (platform/schema, free_fields); here values are checked and found by their definitions.
 *
 * To give a resource free fields: the column x jsonb not null default '{}' and `select SERVICE_data.free_fields('OWNER')`
 * in a migration, the row FIELD_OF_FREE_FIELDS in its table, and among its `free` filters {"x", "OWNER", "c.id"}. OWNER is its
 * name and its table's. To filter another list by them: {"customer.x", "customer", "a.customer_id"}.
 *
 * Definitions are read when a request first needs them and live as long as it. Thread safe: keeps nothing else.
 */
#ifndef AFTERCARE_FREE_FIELD_H
#define AFTERCARE_FREE_FIELD_H

#include "resource.h"

#define FREE_FIELD_TEXT_MAX     500   /* characters of a text without a bound of its own; the index keeps as many */
#define FREE_FIELD_DECIMALS_MAX 6     /* as many as the index keeps */
#define FREE_FIELD_CHOICES_MAX  200   /* of one field */
#define FREE_FIELD_COUNTED_MAX  10000 /* values_count counts no further */

/*
 * The row of an owner's field table, given the alias of its rows and its name. Inactive ones are hidden. The portal has no
 * part in what a tenant notes of its customers.
 */
#define FIELD_OF_FREE_FIELDS(alias, owner)                                                                             \
	{                                                                                                              \
		"x", FIELD_FREE, INTERNAL,                                                                             \
			.column = alias ".x - array(select f.slot::text from " owner                                   \
					"_free_field f where not f.active)",                                           \
			.help = "Values of the tenant's own fields by slot; which there are, and their types, the "    \
				"definitions tell. Numbers and dates are strings."                                     \
	}

/* The policy that bounds slots; a row of the settings of every service whose resources have free fields. */
#define SETTING_OF_FREE_FIELDS                                                                                         \
	{                                                                                                              \
		"free_field_slots", FIELD_INTEGER, 0, .min = 46, .max = FIELD_SLOT_MAX, .fallback = "46",              \
						      .help = "Highest slot of a free field."                          \
	}

/* A definition, as values and filters need it. */
struct free_field {
	int slot; /* 0 ends a list */
	const char *label;
	const char *type;     /* text, number, date, boolean, choice */
	const char *revision; /* of the definition */
	bool active;
	struct field shape;    /* of its values, named by its slot; what new ones are checked by */
	struct field searched; /* of values in filters: choices no longer offered are found all the same */
};

/* The definitions of an owner. */
struct free_fields {
	const char *owner;
	const struct free_field *items; /* by slot */
	const struct field *shapes;     /* of the active ones; ends with a NULL name */
	const struct free_fields *next; /* others of the same request */
};

/* The owner that a resource is; NULL when it has no free fields of its own. */
const char *free_fields_owner(const struct resource *resource);

/* The definitions of an owner, read once a request. */
enum fault free_fields_read(struct request *request, const char *owner, const struct free_fields **fields)
	__attribute__((warn_unused_result));

/* Makes them from the rows of free_field_read. */
const struct free_fields *free_fields_make(struct arena *arena, const char *owner, const PGresult *rows);

/* The definition of a slot as a client spells it, or NULL. */
const struct free_field *free_field_find(const struct free_fields *fields, const char *slot);

/*
 * The active definition with that label; NULL when there is none, or more than one: labels are free, and one that two
 * fields share names neither.
 */
const struct free_field *free_field_labelled(const struct free_fields *fields, const char *label);

/*
 * Checks the values of an object by the definitions; notes faults at /x/SLOT. In FIELD_CREATE what is required must be
 * there, and nulls go. Decimals are left in their shortest spelling. Whether all is well.
 */
bool free_fields_check(const struct free_fields *fields, json_t *x, enum field_mode mode, struct fault_list *faults);

/*
 * What store_prepare does for an owner: checks x of a body and adds `x_revisions`, which clients can't name: the
 * definitions that the values were checked by, for the guard. A PATCH may repeat what the row holds already, also what a
 * definition would no longer take.
 */
enum fault free_fields_prepare(struct request *request, const struct resource *resource, json_t *body, const char *id)
	__attribute__((warn_unused_result));

/*
 * Moves what a bulk line says beside x into it: keys "x.12" and labels of active fields, where the resource has no field of
 * that name. Notes what is said twice.
 */
void free_fields_gather(
	const struct free_fields *fields, const struct field *known, json_t *line, struct fault_list *faults);

/* The text of a statement of free_field.sql with the name of an owner in it. */
const char *free_field_sql(struct arena *arena, const struct statement *statement, const char *owner);

/* The resource of an owner's definitions. */
const struct resource *free_field_resource(struct arena *arena, const char *owner);

/* Where they are served: "/v1/customer-free-fields". */
const char *free_field_path(struct arena *arena, const char *owner);

#endif
