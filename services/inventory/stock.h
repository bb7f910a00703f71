/*
 * stock: warehouses (vans are warehouses), what is in them, and the pieces that have a serial. Stock is only read here: it
 * is the sum of movements, and what reservations promise of it.
 */
#ifndef AFTERCARE_INVENTORY_STOCK_H
#define AFTERCARE_INVENTORY_STOCK_H

#include "resource.h"

#define WAREHOUSE_KINDS "stock van repair supplier transit scrap"

extern const struct resource warehouse;
extern const struct resource stock;
extern const struct resource serial;

extern const struct field warehouse_brief_fields[]; /* {code, name, kind}: beside a warehouse_id */

/* The same, for a resource that touches others as well. */
#define STOCK_EVENTS                                                                                                   \
	"movement.posted", "reservation.made", "reservation.waiting", "reservation.filled", "reservation.issued",      \
		"reservation.released", "reservation.expired", "stock.changed", "stock.below_minimum",                 \
		"warehouse.created", "asset.created", "asset.installed", "asset.moved", "asset.dismissed",             \
		"reorder.suggested", "reorder.changed", "reorder.dismissed"

/* The events of what the functions of stock write: `touches` of every resource whose statements call them. */
extern const char *const stock_events[];

#endif
