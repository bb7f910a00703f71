/* meter: the meters of assets, and what was read of them: hours, kilometres, cycles. */
#ifndef AFTERCARE_INVENTORY_METER_H
#define AFTERCARE_INVENTORY_METER_H

#include "resource.h"

extern const struct resource meter;
extern const struct resource meter_reading;

/* POST /v1/meters/{id}/readings, and what its body says: all but the meter. */
enum fault meter_read(struct request *request);
extern const struct field meter_read_fields[];

#endif
