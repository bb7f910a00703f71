/*
 * asset: the installed base: machines, and what of them is followed by serial; where each is, whose, in what, under which
 * warranty, and where it was.
 */
#ifndef AFTERCARE_INVENTORY_ASSET_H
#define AFTERCARE_INVENTORY_ASSET_H

#include "resource.h"

#define ASSET_STATUSES "in_stock installed in_repair on_loan replaced dismissed scrapped"

/* Conditions over the alias a: the machines at the customers of a technician's work, and what is in his van; the portal's. */
#define ASSETS_OF_TECHNICIAN                                                                                           \
	"(a.customer_id in (select o.customer_id from own_work o) or a.id in (select e.asset_id from serial e "        \
	"join warehouse w on w.id = e.warehouse_id where w.technician_id = base.technician()))"
#define ASSETS_OF_PORTAL "a.customer_id = base.customer()"

/* {code, name} of a copied row, as JSON. */
#define BRIEF(table, id)                                                                                               \
	"(select jsonb_build_object('code', o.code, 'name', o.name) from " table " o where o.id = " id ")"
#define ARTICLE_BRIEF(id)                                                                                              \
	"(select jsonb_build_object('code', o.code, 'description', o.description) from article o where o.id = " id ")"
#define ASSET_BRIEF(id)                                                                                                \
	"(select jsonb_build_object('serial', o.serial, 'article_code', r.code, 'status', o.status) from asset o "     \
	"join article r on r.id = o.article_id where o.id = " id ")"

extern const struct field party_fields[];       /* {code, name}: beside a customer_id or site_id */
extern const struct field asset_brief_fields[]; /* {serial, article_code, status}: beside an asset_id */

extern const struct resource asset;
extern const struct resource asset_history;   /* where an asset was */
extern const struct resource asset_component; /* what is, and was, in it */
extern const struct resource asset_timeline;  /* all that happened to it */

#endif
