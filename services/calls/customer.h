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

#endif
