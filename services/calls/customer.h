/* customer: the firms and persons we assist, with their sites and contacts: one aggregate, rooted in the customer. */
#ifndef AFTERCARE_CALLS_CUSTOMER_H
#define AFTERCARE_CALLS_CUSTOMER_H

#include "resource.h"

extern const struct resource customer;
extern const struct resource site;
extern const struct resource contact;

/* Field tables of their parts, for other resources that show the same. */
extern const struct field phone_fields[];
extern const struct field email_fields[];
extern const struct field customer_brief_fields[]; /* {code, name} beside a customer_id */

/* Their SQL, given that of the id. */
#define CUSTOMER_BRIEF(id)                                                                                             \
	"(select jsonb_build_object('code', o.code, 'name', o.name) from customer o where o.id = " id ")"

/* Filters by a row's customer, given the alias of what is listed. */
#define CUSTOMER_FILTER(alias, member, kind, condition, ...)                                                           \
	{                                                                                                              \
		"customer." member, kind,                                                                              \
			.sql = alias ".customer_id in (select o.id from customer o where " condition ")", __VA_ARGS__  \
	}
#define FILTERS_OF_CUSTOMER(alias)                                                                                     \
	CUSTOMER_FILTER(alias, "code", FIELD_TEXT, "o.code = $", .help = "Code of its customer."),                     \
		CUSTOMER_FILTER(alias, "name", FIELD_TEXT, "o.name = $", .help = "Name of its customer."),             \
		CUSTOMER_FILTER(alias, "kind", FIELD_CHOICE, "o.kind = $", .choices = "prospect acquired",             \
			.help = "Kind of its customer."),                                                              \
		CUSTOMER_FILTER(alias, "city", FIELD_TEXT, "o.city = $", .help = "City of its customer."),             \
		CUSTOMER_FILTER(alias, "province", FIELD_TEXT, "o.province = $", .help = "Province of its customer."), \
		CUSTOMER_FILTER(alias, "tag", FIELD_TEXT, "o.tags @> array[$]", .flags = INTERNAL,                     \
			.help = "Tag of its customer.")

#endif
